"""Find ignored members of an order that were probably meant to be read, for warnings."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from orderguard.http.wire.likely_names import letters_of
from orderguard.http.wire.order_amounts import is_something

_READ_ON_LINES = frozenset({"unit_price", "unit_discounts"})
_AMOUNTS = frozenset({"amount", "cost", "linetotal", "rate", "subtotal", "total", "value"})
_MODES = "acceptedoffermode"
_NAME_LENGTH = 40
_PATH_LENGTH = 100
_SESSION = re.compile(r"\blop_[0-9A-Za-z]{20}\b")

VALUES_AT_MOST = 1_000
"""Values of a document that are searched for a session id, the outer ones first."""


def unread_prices(line: Mapping[str, Any]) -> tuple[str, ...]:
    """The members that look like a price, on a line whose price cannot be read."""
    return tuple(
        name[:_NAME_LENGTH]
        for name, value in line.items()
        if name not in _READ_ON_LINES and _is_like_a_price(letters_of(name)) and is_something(value)
    )


def likely_member(fee: Mapping[str, Any]) -> str | None:
    """The member of a fee that is probably a misspelt `accepted_offer_mode`, if there is one."""
    return next(_misspelt(fee), None)


def _misspelt(fee: Mapping[str, Any]) -> Iterator[str]:
    for name, value in fee.items():
        letters = letters_of(name)
        is_like_it = letters.startswith(
            ("acceptedoffer", "acceptedmode", "offermode")
        ) or letters in (_MODES, "acceptoffermode", "acceptedcoverage", "coveragemodes", "modes")
        if name != "accepted_offer_mode" and is_like_it and value:
            yield name[:_NAME_LENGTH]


def misplaced_session(document: Mapping[str, Any]) -> str | None:
    """The path of a session id that stands where none is read; None when there is none.

    Only for an order that names no session where one is read.
    """
    waiting: deque[tuple[str, Any]] = deque([("", document)])
    for _ in range(VALUES_AT_MOST):
        if not waiting:
            return None
        path, value = waiting.popleft()
        if isinstance(value, Mapping | list):
            pairs = value.items() if isinstance(value, Mapping) else enumerate(value)
            some = islice(pairs, VALUES_AT_MOST)
            waiting += [(f"{path}.{name}"[:_PATH_LENGTH], each) for name, each in some]
        elif isinstance(value, str) and _SESSION.search(value[:200]):
            return path.removeprefix(".")
    return None


def _is_like_a_price(letters: str) -> bool:
    return "price" in letters or letters in _AMOUNTS

"""How large a cart may be. No real cart meets these limits; they bound what a stranger can ask for.

They are counted before anything is built of a body, so that a refusal costs little (ADR 0054).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from orderguard.domain.cart import Cart
from orderguard.domain.errors import InvalidDocument, Problem

TITLE_KEPT = 500
"""Characters of a line's title; the rest is for reading only, and is cut off."""

ENTRIES_OF_LINE = 250
"""Tags of one line, and as many collections."""

ENTRIES_OF_CART = 20_000
"""Tags and collections of all lines together."""

GROUPS = 250
"""Customer groups, and as many delivery groups."""

MEMBERS = 50_000
"""The limit of members of a body, known or not, counted by its colons."""

COUNTED_FROM_BYTES = 16_384
"""A smaller body is bounded by its size alone."""


@dataclass(frozen=True, slots=True)
class CartLimits:
    """How large a cart may be for one kind of key; lower for browser keys, which are public."""

    body_bytes: int
    lines: int


SERVER_LIMITS = CartLimits(body_bytes=1_048_576, lines=1_000)
BROWSER_LIMITS = CartLimits(body_bytes=65_536, lines=500)

_NOTHING = msgspec.Raw()


class _Line(msgspec.Struct):
    tags: msgspec.Raw = _NOTHING
    collections: msgspec.Raw = _NOTHING


class _Customer(msgspec.Struct):
    groups: msgspec.Raw = _NOTHING


class _Cart(msgspec.Struct):
    lines: msgspec.Raw = _NOTHING
    customer: msgspec.Raw = _NOTHING
    deliveryGroups: msgspec.Raw = _NOTHING


class _Request(msgspec.Struct):
    cart: msgspec.Raw = _NOTHING
    customer: msgspec.Raw = _NOTHING
    deliveryGroups: msgspec.Raw = _NOTHING


_T = TypeVar("_T", _Line, _Customer, _Cart, _Request)
_list = msgspec.json.Decoder(list[msgspec.Raw])


def refuse_excess(body: bytes, limits: CartLimits) -> None:
    """Raises `InvalidDocument` naming the list with too many entries.

    Skips members of a wrong type: reading the cart reports them.
    """
    if len(body) < COUNTED_FROM_BYTES:
        return
    if (members := body.count(b":")) > MEMBERS:
        raise InvalidDocument(
            [Problem("", f"Request body has {members} members; at most {MEMBERS} are read.")]
        )
    problem = next(_excess(_read(body, _Request), limits), None)
    if problem is not None:
        raise InvalidDocument([problem])


def refuse_excess_of(cart: Cart, limits: CartLimits) -> None:
    """Like `refuse_excess`, for a cart that was decoded already. Raises `InvalidDocument`."""
    in_all = sum(len(line.tags) + len(line.collections) for line in cart.lines)
    problems = (
        *_too_many("cart.lines", len(cart.lines), limits.lines, "lines"),
        *_too_many("cart.lines", in_all, ENTRIES_OF_CART, _IN_ALL),
        *_too_many("customer.groups", len(cart.customer.groups), GROUPS),
        *_too_many("deliveryGroups", len(cart.delivery_methods), GROUPS),
    )
    if problems:
        raise InvalidDocument(list(problems))


def _excess(request: _Request, limits: CartLimits) -> Iterator[Problem]:
    cart = _read(request.cart, _Cart)
    lines = _entries(cart.lines)
    yield from _too_many("cart.lines", len(lines), limits.lines, "lines")
    for path, raw in (
        ("deliveryGroups", request.deliveryGroups),
        ("cart.deliveryGroups", cart.deliveryGroups),
        ("customer.groups", _read(request.customer, _Customer).groups),
        ("cart.customer.groups", _read(cart.customer, _Customer).groups),
    ):
        yield from _too_many(path, len(_entries(raw)), GROUPS)
    in_all = 0
    for index, raw in enumerate(lines):
        line = _read(raw, _Line)
        tags, collections = len(_entries(line.tags)), len(_entries(line.collections))
        in_all += tags + collections
        yield from _too_many(f"cart.lines[{index}].tags", tags, ENTRIES_OF_LINE)
        yield from _too_many(f"cart.lines[{index}].collections", collections, ENTRIES_OF_LINE)
    yield from _too_many("cart.lines", in_all, ENTRIES_OF_CART, _IN_ALL)


_IN_ALL = "tags and collections in all"


def _too_many(path: str, found: int, limit: int, what: str = "entries") -> Iterator[Problem]:
    if found > limit:
        yield Problem(path, f"has {found} {what}; at most {limit} are accepted.")


def _read(text: bytes | msgspec.Raw, type_: type[_T]) -> _T:
    try:
        return msgspec.json.decode(text, type=type_)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return type_()


def _entries(raw: msgspec.Raw) -> list[msgspec.Raw]:
    if raw is _NOTHING:
        return []
    try:
        return _list.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return []

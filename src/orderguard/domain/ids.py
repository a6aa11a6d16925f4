"""Identifiers. Each has its own type, created only by `parse` or by the storage."""

from __future__ import annotations

import re
from typing import NewType, Self

from orderguard.domain.errors import Malformed

MerchantId = NewType("MerchantId", str)
"""`mer_` and 16 letters or digits."""

ApiKeyId = NewType("ApiKeyId", str)
"""`key_` and 12 letters or digits; names a key without being one."""

ConfigurationVersion = NewType("ConfigurationVersion", int)
"""Counts the publications of one merchant, from 1."""

OrderId = NewType("OrderId", int)
"""Our id of one order of one merchant: a whole number below 2^53, exact in every JSON reader."""

CoverageId = NewType("CoverageId", int)
"""The id of one coverage, of the same form as an order id."""

PostingId = NewType("PostingId", str)
"""`ORDER-N`: the n-th posting about an order. Posting it twice is therefore impossible."""

ID_BELOW = 2**53

_ID_DIGITS = len(str(ID_BELOW))


def number_of(text: str) -> int | None:
    """The number of an order or a coverage, from text; None for a text that is no such number."""
    if not (text.isascii() and text.isdigit() and len(text) <= _ID_DIGITS):
        return None
    number = int(text)
    return number if number < ID_BELOW else None


_SESSION_ID = re.compile(r"lop_[A-Za-z0-9]{20}")


class SessionId(str):
    """An offer session's name on the wire, `lop_` and 20 letters or digits (contract §6)."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """The id written as `text`, case-sensitively. Raises `Malformed`."""
        if not _SESSION_ID.fullmatch(text):
            raise Malformed(_why_not_a_session_id(text))
        return cls(text)


def _why_not_a_session_id(text: str) -> str:
    expected = "must be lop_ followed by 20 letters or digits"
    if not text.startswith("lop_"):
        return f"{expected}; the prefix is missing here. Omit it to start a new session."
    following = len(text) - len("lop_")
    if following != 20:
        return f"{expected}; {following} follow the prefix here."
    return f"{expected}; another character is among them here."

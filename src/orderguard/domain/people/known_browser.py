"""The mark of a browser that has signed in before; strangers' failed sign-ins do not slow it down.

A mark proves that its browser once knew the account's password. It is signed with the hash of that
password, which only the server has, so no mark needs to be stored, and a new password invalidates
all old marks. A mark grants no access: it only decides under which name failures are counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from hmac import compare_digest, digest

from orderguard.domain.people.account import AccountId

MARK_LIFETIME = timedelta(days=400)
"""Browsers keep no cookie for longer."""

MARKS_AT_MOST = 4
"""Accounts that one browser may be known for; the last one comes first."""

_BETWEEN_MARKS = "_"
_BETWEEN_PARTS = "."


def mark_of(name: str, account: AccountId, password_hash: str) -> str:
    """The known-browser mark for a random browser name, an account and its password's hash."""
    return f"{name}{_BETWEEN_PARTS}{_signature(name, account, password_hash)}"


def name_of_known_browser(
    marks: Sequence[str], account: AccountId, password_hash: str
) -> str | None:
    """The browser's name, when one of its marks is for this account and this password."""
    for mark in marks:
        name, _, signature = mark.partition(_BETWEEN_PARTS)
        expected = _signature(name, account, password_hash)
        if compare_digest(signature.encode(), expected.encode()):
            return name
    return None


def marks_in(cookie: str) -> list[str]:
    """The known-browser marks in a cookie."""
    return [mark for mark in cookie.split(_BETWEEN_MARKS, MARKS_AT_MOST) if mark][:MARKS_AT_MOST]


def cookie_of(mark: str, others: Sequence[str]) -> str:
    """The text of the known-browser cookie: the new mark, then as many other marks as fit."""
    kept = [mark, *(each for each in others if each != mark)]
    return _BETWEEN_MARKS.join(kept[:MARKS_AT_MOST])


def _signature(name: str, account: AccountId, password_hash: str) -> str:
    said = f"a browser of {account} called {name}"
    return digest(password_hash.encode(), said.encode(), sha256).hex()

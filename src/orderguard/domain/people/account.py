"""Accounts that sign in to the console, and the roles that decide their permissions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import NewType

from orderguard.domain.errors import Malformed
from orderguard.domain.ids import MerchantId
from orderguard.domain.people.audit import ACTOR_LIMIT

AccountId = NewType("AccountId", str)
"""`acc_` and 12 letters or digits."""

AccountSessionId = NewType("AccountSessionId", str)
"""`sig_` and 12 letters or digits; names a sign-in to people without being its token."""

PASSWORD_MINIMUM = 12
PASSWORD_MAXIMUM = 200
"""Characters."""

IDLE_LIFETIME = timedelta(hours=12)
"""A session that is not used for so long expires."""

WHOLE_LIFETIME = timedelta(days=7)
"""A session expires after so long, even in use."""

LINK_LIFETIME = timedelta(hours=24)
"""How long a sign-in link is valid."""

# Not the whole of RFC 5321: what people have, and nothing that could break a line or a header.
_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9-]+(\.[a-z0-9-]+)+")


class Role(StrEnum):
    """The permissions of an account for one merchant; each role includes the ones before it."""

    VIEWER = "viewer"
    EDITOR = "editor"
    OWNER = "owner"

    def includes(self, needed: Role) -> bool:
        """Whether this role suffices where `needed` is asked for."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


def parse_role(text: str) -> Role:
    """The role of this name. Raises `Malformed`."""
    if text not in list(Role):
        raise Malformed(f"{text!r} is not a role; expected one of {', '.join(Role)}.")
    return Role(text)


def parse_email(text: str) -> str:
    """The address in lower case, without surrounding space. Raises `Malformed`."""
    email = text.strip().lower()
    if len(email) > ACTOR_LIMIT or not _EMAIL.fullmatch(email):
        raise Malformed(
            f"This is not an e-mail address of at most {ACTOR_LIMIT} characters; "
            "expected one like ida@shop.example."
        )
    return email


def parse_password(text: str) -> str:
    """A password as it was typed. Length is all that is asked for. Raises `Malformed`."""
    if not PASSWORD_MINIMUM <= len(text) <= PASSWORD_MAXIMUM:
        raise Malformed(
            f"A password has {PASSWORD_MINIMUM} to {PASSWORD_MAXIMUM} characters; "
            f"this one has {len(text)}. A few words in a row are a good one."
        )
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person with an e-mail address. Without a password, only a link lets them sign in."""

    id: AccountId
    email: str
    has_password: bool
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """The role of an account for a merchant."""

    account: Account
    merchant: MerchantId
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSession:
    """One sign-in of an account, in one browser."""

    id: AccountSessionId
    account: AccountId
    created_at: datetime
    last_seen_at: datetime
    address: str
    browser: str

    def is_live(self, *, at: datetime) -> bool:
        """Whether the session is still valid. It expires at the instant its lifetime is over."""
        return at < self.last_seen_at + IDLE_LIFETIME and at < self.created_at + WHOLE_LIFETIME


def hash_token(token: str) -> bytes:
    """Hash a token for storage. One fast hash is enough: 190 random bits cannot be guessed."""
    return sha256(token.encode()).digest()


def sign_in_link(url: str, token: str) -> str:
    """The one-time sign-in link for this token, on the server at this URL.

    The token is in the query, because paths are logged.
    """
    return f"{url.rstrip('/')}/console/welcome?link={token}"

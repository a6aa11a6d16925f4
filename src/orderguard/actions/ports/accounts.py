"""The interface to stored accounts, sign-in sessions and links; storage implements it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from orderguard.domain.ids import (
    MerchantId,
)
from orderguard.domain.people.account import Account, AccountId, AccountSession, Membership, Role
from orderguard.domain.people.sign_in_throttle import Failures


class Passwords(Protocol):
    """Password hashing. Both methods are slow on purpose."""

    def hash(self, password: str) -> str: ...

    def matches(self, password: str, password_hash: str | None) -> bool:
        """Compare; False for a missing hash, after the same time as for a wrong password."""


class Accounts(Protocol):
    """Accounts, and their memberships: the role of an account for a merchant."""

    def add(self, account: Account, password_hash: str | None) -> None:
        """Store a new account. Raises `AlreadyExists` for a taken e-mail address."""

    def exist(self) -> bool:
        """Whether there is any account at all."""

    def find(self, id_: AccountId) -> Account | None: ...

    def find_by_email(self, email: str) -> Account | None: ...

    def password_hash(self, id_: AccountId) -> str | None: ...

    def lock(self, id_: AccountId) -> None:
        """Lock the account until the unit of work ends: other sign-ins and changes of it wait."""

    def set_password_hash(self, id_: AccountId, password_hash: str | None) -> None:
        """Set or remove the password; without one, the account can only sign in with a link."""

    def add_membership(self, membership: Membership) -> None: ...

    def set_role(self, membership: Membership, role: Role) -> None: ...

    def remove_membership(self, membership: Membership) -> None: ...

    def membership(self, merchant: MerchantId, id_: AccountId) -> Membership | None: ...

    def memberships_of(self, id_: AccountId) -> Sequence[Membership]: ...

    def members(self, merchant: MerchantId) -> Sequence[Membership]:
        """The memberships of a merchant's accounts, sorted by e-mail address."""


class AccountSessions(Protocol):
    """Sessions of signed-in accounts, by the hashes of their tokens."""

    def add(self, session: AccountSession, token_hash: bytes) -> None: ...

    def find(self, token_hash: bytes) -> AccountSession | None: ...

    def of_account(self, account: AccountId) -> Sequence[AccountSession]:
        """The sign-in sessions of an account, most recently used first."""

    def note_use(self, session: AccountSession, *, at: datetime) -> None: ...

    def remove(self, session: AccountSession) -> None: ...

    def remove_expired(self, *, at: datetime) -> None: ...


class SignInLinks(Protocol):
    """One-time sign-in links, by the hashes of their tokens."""

    def add(self, token_hash: bytes, account: AccountId | None, *, expires_at: datetime) -> None:
        """Add a link for an account; None for the link that creates the first account."""

    def find(self, token_hash: bytes, *, at: datetime) -> tuple[AccountId | None] | None:
        """The account of a valid link, as a tuple of one; None for no such link."""

    def spend(self, token_hash: bytes) -> bool:
        """Spend a link; of two concurrent attempts only one returns True."""

    def remove_of(self, account: AccountId) -> None:
        """Remove all links of this account."""

    def remove_expired(self, *, at: datetime) -> None: ...


class FailedSignIns(Protocol):
    """Recent failed sign-ins, counted per `subject`: an account, address, browser or session."""

    def lock(self, subject: str, *, at: datetime) -> Failures:
        """Lock the subject until the unit of work ends, and return its failures so far."""

    def save(self, subject: str, failures: Failures) -> None:
        """Save the failures of a subject that was locked."""

    def forget(self, subject: str) -> None: ...

    def remove_old(self, *, at: datetime) -> None:
        """Remove old failures. Waits for no lock, so that it may be called while holding one."""

"""What the actions need of accounts; storage provides it."""

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
    """Passwords as they are stored. Both take long, on purpose."""

    def hash(self, password: str) -> str: ...

    def matches(self, password: str, password_hash: str | None) -> bool:
        """False for None, after as long as for a wrong password."""


class Accounts(Protocol):
    """People who may sign in, and for which merchants they may do what."""

    def add(self, account: Account, password_hash: str | None) -> None:
        """Raises `AlreadyExists`."""

    def exist(self) -> bool:
        """Whether there is any account at all."""

    def find(self, id_: AccountId) -> Account | None: ...

    def find_by_email(self, email: str) -> Account | None: ...

    def password_hash(self, id_: AccountId) -> str | None: ...

    def lock(self, id_: AccountId) -> None:
        """Nobody else lets this account in, or changes who it is, before the unit of work is
        over."""

    def set_password_hash(self, id_: AccountId, password_hash: str | None) -> None:
        """None: there is no way in but a link."""

    def add_membership(self, membership: Membership) -> None: ...

    def set_role(self, membership: Membership, role: Role) -> None: ...

    def remove_membership(self, membership: Membership) -> None: ...

    def membership(self, merchant: MerchantId, id_: AccountId) -> Membership | None: ...

    def memberships_of(self, id_: AccountId) -> Sequence[Membership]: ...

    def members(self, merchant: MerchantId) -> Sequence[Membership]:
        """By e-mail address."""


class AccountSessions(Protocol):
    """Sign-ins that hold, by the hashes of their tokens."""

    def add(self, session: AccountSession, token_hash: bytes) -> None: ...

    def find(self, token_hash: bytes) -> AccountSession | None: ...

    def of_account(self, account: AccountId) -> Sequence[AccountSession]:
        """The last used first."""

    def note_use(self, session: AccountSession, *, at: datetime) -> None: ...

    def remove(self, session: AccountSession) -> None: ...

    def remove_expired(self, *, at: datetime) -> None: ...


class SignInLinks(Protocol):
    """Links that let somebody in once, by the hashes of their tokens."""

    def add(self, token_hash: bytes, account: AccountId | None, *, expires_at: datetime) -> None:
        """For an account; or None, for whoever makes the first one."""

    def find(self, token_hash: bytes, *, at: datetime) -> tuple[AccountId | None] | None:
        """Whom a link lets in that may still be used; None for no such link."""

    def spend(self, token_hash: bytes) -> bool:
        """Whether it was there to be spent; of two who try at once only one succeeds."""

    def remove_of(self, account: AccountId) -> None:
        """All that let this account in."""

    def remove_expired(self, *, at: datetime) -> None: ...


class FailedSignIns(Protocol):
    """Failed sign-ins of late, by what they were about: an account, or an address."""

    def lock(self, subject: str, *, at: datetime) -> Failures:
        """The failures so far, none for a subject that is new; nobody else counts this subject
        before the unit of work is over."""

    def save(self, subject: str, failures: Failures) -> None:
        """For a subject that was locked."""

    def forget(self, subject: str) -> None: ...

    def remove_old(self, *, at: datetime) -> None:
        """Waits for nobody, so that it may come after a lock."""

"""Accounts and their memberships."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from orderguard.domain.errors import AlreadyExists
from orderguard.domain.ids import MerchantId
from orderguard.domain.people.account import Account, AccountId, Membership, Role
from orderguard.storage.tables import accounts, memberships


class SqlAccounts:
    """All accounts. An e-mail address is kept unique by the database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, account: Account, password_hash: str | None) -> None:
        try:
            self._connection.execute(
                insert(accounts).values(
                    id=account.id,
                    email=account.email,
                    password_hash=password_hash,
                    created_at=account.created_at,
                )
            )
        except IntegrityError as error:
            raise AlreadyExists(f"There is an account for {account.email} already.") from error

    def exist(self) -> bool:
        return bool(self._connection.execute(select(func.count()).select_from(accounts)).scalar())

    def find(self, id_: AccountId) -> Account | None:
        row = self._connection.execute(select(accounts).where(accounts.c.id == id_)).first()
        return _account_from_row(row) if row else None

    def find_by_email(self, email: str) -> Account | None:
        row = self._connection.execute(select(accounts).where(accounts.c.email == email)).first()
        return _account_from_row(row) if row else None

    def password_hash(self, id_: AccountId) -> str | None:
        query = select(accounts.c.password_hash).where(accounts.c.id == id_)
        found: str | None = self._connection.execute(query).scalar()
        return found

    def lock(self, id_: AccountId) -> None:
        # SQLite has one writer at a time anyway, and no such clause.
        query = select(accounts.c.id).where(accounts.c.id == id_)
        self._connection.execute(query.with_for_update(key_share=True))

    def set_password_hash(self, id_: AccountId, password_hash: str | None) -> None:
        self._connection.execute(
            update(accounts).where(accounts.c.id == id_).values(password_hash=password_hash)
        )

    def add_membership(self, membership: Membership) -> None:
        self._connection.execute(
            insert(memberships).values(
                merchant_id=membership.merchant,
                account_id=membership.account.id,
                role=membership.role,
            )
        )

    def set_role(self, membership: Membership, role: Role) -> None:
        self._connection.execute(update(memberships).where(*_is(membership)).values(role=role))

    def remove_membership(self, membership: Membership) -> None:
        self._connection.execute(delete(memberships).where(*_is(membership)))

    def membership(self, merchant: MerchantId, id_: AccountId) -> Membership | None:
        query = _memberships().where(
            memberships.c.merchant_id == merchant, memberships.c.account_id == id_
        )
        row = self._connection.execute(query).first()
        return _membership_from_row(row) if row else None

    def memberships_of(self, id_: AccountId) -> Sequence[Membership]:
        query = _memberships().where(memberships.c.account_id == id_)
        return self._memberships(query.order_by(memberships.c.merchant_id))

    def members(self, merchant: MerchantId) -> Sequence[Membership]:
        query = _memberships().where(memberships.c.merchant_id == merchant)
        return self._memberships(query.order_by(accounts.c.email))

    def _memberships(self, query: Any) -> Sequence[Membership]:
        return [_membership_from_row(row) for row in self._connection.execute(query)]


def _memberships() -> Any:
    joined = memberships.join(accounts, memberships.c.account_id == accounts.c.id)
    return select(memberships.c.merchant_id, memberships.c.role, accounts).select_from(joined)


def _is(membership: Membership) -> list[Any]:
    return [
        memberships.c.merchant_id == membership.merchant,
        memberships.c.account_id == membership.account.id,
    ]


def _account_from_row(row: Row[Any]) -> Account:
    return Account(
        id=AccountId(row.id),
        email=row.email,
        has_password=row.password_hash is not None,
        created_at=row.created_at,
    )


def _membership_from_row(row: Row[Any]) -> Membership:
    return Membership(
        account=_account_from_row(row),
        merchant=MerchantId(row.merchant_id),
        role=Role(row.role),
    )

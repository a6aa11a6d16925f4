"""Merchants."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection, Row, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from orderguard.domain.errors import AlreadyExists
from orderguard.domain.ids import MerchantId
from orderguard.domain.people.merchant import Merchant
from orderguard.domain.people.sandbox import Sandbox
from orderguard.storage.changes import announce_change
from orderguard.storage.tables import merchants

_MICROSECOND = timedelta(microseconds=1)


class SqlMerchants:
    """All merchants. Names are kept unique by the database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, merchant: Merchant) -> None:
        try:
            self._connection.execute(
                insert(merchants).values(
                    id=merchant.id,
                    name=merchant.name,
                    created_at=merchant.created_at,
                    is_sandbox=merchant.sandbox is not None,
                    clock_ahead_us=_ahead(merchant) // _MICROSECOND,
                )
            )
        except IntegrityError as error:
            raise AlreadyExists(f"A merchant named {merchant.name!r} exists already.") from error

    def find(self, id_or_name: str) -> Merchant | None:
        query = select(merchants).where(
            or_(merchants.c.id == id_or_name, merchants.c.name == id_or_name)
        )
        row = self._connection.execute(query).first()
        return _merchant_from_row(row) if row else None

    def all(self) -> Sequence[Merchant]:
        rows = self._connection.execute(select(merchants).order_by(merchants.c.name))
        return [_merchant_from_row(row) for row in rows]

    def lock(self, merchant: MerchantId) -> None:
        # SQLite has one writer at a time anyway, and no such clause.
        query = select(merchants.c.id).where(merchants.c.id == merchant)
        self._connection.execute(query.with_for_update(key_share=True))

    def ahead(self, merchant: MerchantId) -> timedelta:
        query = select(merchants.c.clock_ahead_us).where(merchants.c.id == merchant)
        return (self._connection.execute(query).scalar() or 0) * _MICROSECOND

    def set_clock(self, merchant: Merchant) -> None:
        self._connection.execute(
            update(merchants)
            .where(merchants.c.id == merchant.id, merchants.c.is_sandbox)
            .values(clock_ahead_us=_ahead(merchant) // _MICROSECOND)
        )
        # The clock is cached with the keys.
        announce_change(self._connection)


def sandbox_from_row(row: Row[tuple[object, ...]]) -> Sandbox | None:
    """The sandbox of a row with columns `is_sandbox` and `clock_ahead_us`; None if it is live."""
    return Sandbox(row.clock_ahead_us * _MICROSECOND) if row.is_sandbox else None


def _ahead(merchant: Merchant) -> timedelta:
    return merchant.sandbox.ahead if merchant.sandbox else timedelta()


def _merchant_from_row(row: Row[tuple[object, ...]]) -> Merchant:
    return Merchant(MerchantId(row.id), row.name, row.created_at, sandbox_from_row(row))

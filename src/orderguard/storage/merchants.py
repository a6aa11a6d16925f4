"""Merchants."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Row, insert, or_, select
from sqlalchemy.exc import IntegrityError

from orderguard.domain.errors import AlreadyExists
from orderguard.domain.ids import MerchantId
from orderguard.domain.people.merchant import Merchant
from orderguard.storage.tables import merchants


class SqlMerchants:
    """All merchants. Names are kept unique by the database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, merchant: Merchant) -> None:
        try:
            self._connection.execute(
                insert(merchants).values(
                    id=merchant.id, name=merchant.name, created_at=merchant.created_at
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


def _merchant_from_row(row: Row[tuple[object, ...]]) -> Merchant:
    return Merchant(MerchantId(row.id), row.name, row.created_at)

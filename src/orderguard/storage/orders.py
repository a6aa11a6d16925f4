"""Stored orders."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    func,
    select,
    tuple_,
    update,
)

from orderguard.domain.ids import ConfigurationVersion, MerchantId, OrderId, SessionId
from orderguard.domain.orders.fee_verdict import FeeVerdict
from orderguard.domain.orders.order import OrderStatus
from orderguard.domain.orders.order_record import ALL_ORDERS, OrderRecord, WantedOrders
from orderguard.storage.rows import acceptance_from_row, document_from_row, to_row
from orderguard.storage.tables import orders


class SqlOrders:
    """Orders of all merchants. A deleted order stays in the table, but no query returns it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, merchant: MerchantId, order: OrderId) -> OrderRecord | None:
        return self._one(_living(merchant).where(orders.c.id == order))

    def find_by_external_id(self, merchant: MerchantId, external_id: str) -> OrderRecord | None:
        if "\0" in external_id:  # PostgreSQL refuses a NUL in a parameter
            return None
        return self._one(_living(merchant).where(orders.c.external_id == external_id))

    def find_anywhere(self, order: OrderId) -> OrderRecord | None:
        return self._one(select(orders).where(orders.c.id == order))

    def find_linked_to(self, merchant: MerchantId, session: SessionId) -> OrderId | None:
        record = self._one(_living(merchant).where(orders.c.session_id == session))
        return record.id if record else None

    def delete(self, record: OrderRecord, *, at: datetime) -> None:
        """Mark an order as deleted, which frees its external id and session for another push."""
        self._connection.execute(
            update(orders)
            .where(orders.c.merchant_id == record.merchant, orders.c.id == record.id)
            .values(
                external_id=None,
                session_id=None,
                stands=False,
                needs_review=False,
                revision=orders.c.revision + 1,
                changed_at=at,
                deleted_at=at,
            )
        )

    def page(
        self,
        merchant: MerchantId,
        *,
        after: tuple[datetime, OrderId] | None,
        limit: int,
        wanted: WantedOrders = ALL_ORDERS,
        is_ascending: bool = False,
    ) -> Sequence[OrderRecord]:
        query = _living(merchant)
        if wanted.external_id is not None:
            # PostgreSQL refuses a NUL in a parameter, and no order has one.
            query = query.where(orders.c.external_id == wanted.external_id.replace("\0", "\ufffd"))
        if wanted.status is not None:
            query = query.where(orders.c.status == wanted.status)
        if wanted.changed_since is not None:
            query = query.where(orders.c.changed_at >= wanted.changed_since)
        return self._page(query, after, limit, is_ascending=is_ascending)

    def to_review(
        self,
        merchant: MerchantId,
        *,
        verdicts: Collection[FeeVerdict] | None = None,
        after: tuple[datetime, OrderId] | None = None,
        limit: int,
    ) -> Sequence[OrderRecord]:
        if verdicts is None:
            return self._page(_living(merchant).where(orders.c.needs_review), after, limit)
        # One index range per verdict; all of them at once could only be found by sorting.
        pages = [
            self._page(_living(merchant).where(orders.c.verdict == verdict), after, limit)
            for verdict in sorted(verdicts)
        ]
        return list(islice(merge(*pages, key=_place, reverse=True), limit))

    def count_to_review(self, merchant: MerchantId, *, at_most: int) -> int:
        some = (
            _living(merchant)
            .with_only_columns(orders.c.id)
            .where(orders.c.needs_review)
            .limit(at_most)
        )
        counted = select(func.count()).select_from(some.subquery())
        return self._connection.execute(counted).scalar_one()

    def _page(
        self,
        query: Select[Any],
        after: tuple[datetime, OrderId] | None,
        limit: int,
        *,
        is_ascending: bool = False,
    ) -> list[OrderRecord]:
        """Newest first unless told, beginning after the given place."""
        columns = (orders.c.received_at, orders.c.id)
        if after is not None:
            # The values must be bound with the columns' own types.
            place: ColumnElement[Any] = tuple_(*columns)
            bound = tuple_(*after, types=[column.type for column in columns])
            query = query.where(place > bound if is_ascending else place < bound)
        order = [column.asc() if is_ascending else column.desc() for column in columns]
        query = query.order_by(*order).limit(limit)
        return [order_from_row(row) for row in self._connection.execute(query)]

    def _one(self, query: Select[Any]) -> OrderRecord | None:
        row = self._connection.execute(query).first()
        return order_from_row(row) if row else None


def _place(record: OrderRecord) -> tuple[datetime, OrderId]:
    return record.received_at, record.id


def _living(merchant: MerchantId) -> Select[Any]:
    return select(orders).where(orders.c.merchant_id == merchant, orders.c.deleted_at.is_(None))


def order_to_row(record: OrderRecord) -> dict[str, Any]:
    """The columns of an order that a push writes."""
    return {
        "merchant_id": record.merchant,
        "id": record.id,
        "external_id": record.external_id,
        "document": to_row(record.document),
        "acceptance": to_row(record.acceptance),
        "outcome": record.acceptance.outcome,
        "verdict": record.acceptance.verdict,
        "status": record.status,
        "stands": record.stands,
        "needs_review": record.needs_review,
        "session_id": record.acceptance.session,
        "configuration_version": record.configuration_version,
        "revision": record.revision,
        "received_at": record.received_at,
        "changed_at": record.changed_at,
    }


def order_from_row(row: Any) -> OrderRecord:
    """The order of a row, whose columns are its attributes."""
    version = row.configuration_version
    return OrderRecord(
        merchant=MerchantId(row.merchant_id),
        id=OrderId(row.id),
        external_id=row.external_id,
        status=OrderStatus(row.status),
        stands=row.stands,
        document=document_from_row(row.document),
        acceptance=acceptance_from_row(row.acceptance),
        configuration_version=None if version is None else ConfigurationVersion(version),
        revision=row.revision,
        received_at=row.received_at,
        changed_at=row.changed_at,
    )

"""Coverages: the protection that shoppers bought."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.ids import CoverageId, MerchantId, OrderId
from orderguard.domain.orders.coverage import Coverage, CoverageState, VoidReason
from orderguard.storage.rows import history_from_row, scope_from_row, to_row
from orderguard.storage.tables import coverages


class SqlCoverages:
    """Coverages of all merchants; at most one per order and mode."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, merchant: MerchantId, coverage: CoverageId) -> Coverage | None:
        query = select(coverages).where(
            coverages.c.merchant_id == merchant, coverages.c.id == coverage
        )
        row = self._connection.execute(query).first()
        return coverage_from_row(row) if row else None

    def of_order(self, merchant: MerchantId, order: OrderId) -> Sequence[Coverage]:
        query = (
            select(coverages)
            .where(coverages.c.merchant_id == merchant, coverages.c.order_id == order)
            .order_by(coverages.c.mode)
        )
        return [coverage_from_row(row) for row in self._connection.execute(query)]

    def of_orders(
        self, merchant: MerchantId, orders: Collection[OrderId]
    ) -> Mapping[OrderId, Sequence[Coverage]]:
        query = (
            select(coverages)
            .where(coverages.c.merchant_id == merchant, coverages.c.order_id.in_(orders))
            .order_by(coverages.c.order_id, coverages.c.mode)
        )
        found: dict[OrderId, list[Coverage]] = {order: [] for order in orders}
        for row in self._connection.execute(query):
            found[OrderId(row.order_id)].append(coverage_from_row(row))
        return found

    def page(
        self,
        merchant: MerchantId,
        *,
        after: CoverageId | None,
        limit: int,
        is_ascending: bool = True,
    ) -> Sequence[Coverage]:
        """Up to `limit` coverages by id, ascending unless told, after the given one."""
        query = select(coverages).where(coverages.c.merchant_id == merchant)
        if after is not None:
            query = query.where(coverages.c.id > after if is_ascending else coverages.c.id < after)
        order = coverages.c.id.asc() if is_ascending else coverages.c.id.desc()
        query = query.order_by(order).limit(limit)
        return [coverage_from_row(row) for row in self._connection.execute(query)]


def coverage_to_row(merchant: MerchantId, coverage: Coverage) -> dict[str, Any]:
    """All columns of a coverage, by name."""
    return {
        "merchant_id": merchant,
        "id": coverage.id,
        "order_id": coverage.order,
        "mode": coverage.mode,
        "state": coverage.state,
        "void_reason": coverage.void_reason,
        "scope": to_row(coverage.scope),
        "active_from": coverage.active_from,
        "expires_at": coverage.expires_at,
        "history": to_row(coverage.history),
    }


def coverage_from_row(row: Any) -> Coverage:
    """The coverage of a row, whose columns are its attributes."""
    return Coverage(
        id=CoverageId(row.id),
        order=OrderId(row.order_id),
        mode=CoverageMode(row.mode),
        state=CoverageState(row.state),
        scope=scope_from_row(row.scope),
        active_from=row.active_from,
        expires_at=row.expires_at,
        void_reason=VoidReason(row.void_reason) if row.void_reason else None,
        history=history_from_row(row.history),
    )

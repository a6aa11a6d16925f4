"""The interface to stored orders and coverages; storage implements it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from orderguard.domain.ids import (
    CoverageId,
    MerchantId,
    OrderId,
    SessionId,
)
from orderguard.domain.orders.coverage import Coverage
from orderguard.domain.orders.fee_verdict import FeeVerdict
from orderguard.domain.orders.order_record import ALL_ORDERS, OrderRecord, WantedOrders


class Orders(Protocol):
    """Stored orders. A deleted order is not found any more."""

    def find(self, merchant: MerchantId, order: OrderId) -> OrderRecord | None: ...

    def find_by_external_id(self, merchant: MerchantId, external_id: str) -> OrderRecord | None: ...

    def find_anywhere(self, order: OrderId) -> OrderRecord | None:
        """The order with this id, of any merchant: for the operator only."""

    def find_linked_to(self, merchant: MerchantId, session: SessionId) -> OrderId | None:
        """The order linked to the session, even if it was cancelled or refunded."""

    def delete(self, record: OrderRecord, *, at: datetime) -> None: ...

    def page(
        self,
        merchant: MerchantId,
        *,
        after: tuple[datetime, OrderId] | None,
        limit: int,
        wanted: WantedOrders = ALL_ORDERS,
        is_ascending: bool = False,
    ) -> Sequence[OrderRecord]:
        """Up to `limit` orders after the cursor `after`; newest first unless `is_ascending`."""

    def to_review(
        self,
        merchant: MerchantId,
        *,
        verdicts: Collection[FeeVerdict] | None = None,
        after: tuple[datetime, OrderId] | None = None,
        limit: int,
    ) -> Sequence[OrderRecord]:
        """Orders that a person should review, newest first, after the cursor `after`.

        With `verdicts`, only the orders with one of them.
        """

    def count_to_review(self, merchant: MerchantId, *, at_most: int) -> int:
        """How many orders are to be reviewed; the count stops at `at_most`."""


class Coverages(Protocol):
    """Stored coverages; at most one per order and mode."""

    def find(self, merchant: MerchantId, coverage: CoverageId) -> Coverage | None: ...

    def of_order(self, merchant: MerchantId, order: OrderId) -> Sequence[Coverage]: ...

    def of_orders(
        self, merchant: MerchantId, orders: Collection[OrderId]
    ) -> Mapping[OrderId, Sequence[Coverage]]:
        """The coverages of each of these orders."""

    def page(
        self,
        merchant: MerchantId,
        *,
        after: CoverageId | None,
        limit: int,
        is_ascending: bool = True,
    ) -> Sequence[Coverage]: ...

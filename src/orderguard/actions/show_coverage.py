"""Show orders and their coverages (contract §9)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from orderguard.actions.ports.unit_of_work import Database, UnitOfWork
from orderguard.actions.push_order import OrderNotFound
from orderguard.domain.errors import NotFound
from orderguard.domain.ids import CoverageId, MerchantId, OrderId
from orderguard.domain.orders.coverage import Coverage
from orderguard.domain.orders.order_record import ALL_ORDERS, OrderRecord, WantedOrders


class CoverageNotFound(NotFound):
    """No coverage with this id exists for this merchant."""


@dataclass(frozen=True, slots=True)
class OrderWithCoverages:
    """An order and its coverages."""

    record: OrderRecord
    coverages: Sequence[Coverage]


def get_order(
    database: Database, find: Callable[[UnitOfWork], OrderRecord | None]
) -> OrderWithCoverages:
    """The order that `find` returns, with its coverages. Raises `OrderNotFound`."""
    with database.read() as work:
        record = find(work)
        if record is None:
            raise OrderNotFound
        return OrderWithCoverages(record, work.coverages.of_order(record.merchant, record.id))


def list_orders(
    database: Database,
    merchant: MerchantId,
    *,
    after: tuple[datetime, OrderId] | None,
    limit: int,
    wanted: WantedOrders = ALL_ORDERS,
    is_ascending: bool = False,
) -> list[OrderWithCoverages]:
    """Up to `limit` orders, newest first unless told, beginning after the given place."""
    with database.read() as work:
        records = work.orders.page(
            merchant, after=after, limit=limit, wanted=wanted, is_ascending=is_ascending
        )
        coverages = work.coverages.of_orders(merchant, [record.id for record in records])
        return [OrderWithCoverages(record, coverages[record.id]) for record in records]


def get_coverage(database: Database, merchant: MerchantId, coverage: CoverageId) -> Coverage:
    """The coverage with this id. Raises `CoverageNotFound`."""
    with database.read() as work:
        found = work.coverages.find(merchant, coverage)
    if found is None:
        raise CoverageNotFound("No coverage with this id exists for this merchant.")
    return found


def list_coverages(
    database: Database,
    merchant: MerchantId,
    *,
    order: OrderId | None,
    after: CoverageId | None,
    limit: int,
    is_ascending: bool = True,
) -> Sequence[Coverage]:
    """Up to `limit` coverages, beginning after the given one; of one order when it is given."""
    with database.read() as work:
        if order is not None:
            return work.coverages.of_order(merchant, order)
        return work.coverages.page(merchant, after=after, limit=limit, is_ascending=is_ascending)

"""Take in a shop's push of an order, and settle the order (contract §9).

One transaction: the document, the acceptance, coverages, postings and the events about them commit
together or not at all. It is idempotent: pushing the same again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from orderguard.actions.ports.order_intake import OnRecord, OrderWrites
from orderguard.actions.ports.unit_of_work import Database, UnitOfWork
from orderguard.actions.pushed_document import PushedDocument, ReadOrder, session_of
from orderguard.actions.settle_order import (
    FindConfiguration,
    PushedOrder,
    Settling,
    Stored,
    collect_books,
)
from orderguard.domain.errors import InvalidDocument, NotFound, Problem
from orderguard.domain.ids import CoverageId, MerchantId, OrderId, SessionId
from orderguard.domain.orders.acceptance import Acceptance
from orderguard.domain.orders.line_numbers import with_line_numbers
from orderguard.domain.orders.order_record import OrderRecord

log = structlog.get_logger()


class OrderNotFound(NotFound):
    """No order with this id exists for this merchant."""

    def __init__(self) -> None:
        super().__init__("No order with this id exists for this merchant.")


@dataclass(frozen=True, slots=True)
class PushOrder:
    """Create, upsert, update and delete orders. With `is_quiet` nothing is logged."""

    database: Database
    read_order: ReadOrder
    find_configuration: FindConfiguration
    new_order_id: Callable[[], OrderId]
    new_coverage_id: Callable[[], CoverageId]
    new_event_id: Callable[[], str]
    observe_acceptance: Callable[[Acceptance], None] = lambda _acceptance: None
    is_quiet: bool = False

    def create(
        self, merchant: MerchantId, document: Mapping[str, Any], *, at: datetime, by: str
    ) -> PushedOrder:
        """Create an order. Raises `InvalidDocument`, also when the external id is taken."""
        push = PushedDocument.read(document, self.read_order)
        return self._push(merchant, push, lambda _: None, at=at, by=by)

    def upsert(
        self, merchant: MerchantId, document: Mapping[str, Any], *, at: datetime, by: str
    ) -> PushedOrder:
        """Create or update the order with the document's external id. Raises `InvalidDocument`."""
        return self.upsert_read(merchant, self.read_upsert(document), at=at, by=by)

    def read_upsert(self, document: Mapping[str, Any]) -> PushedDocument:
        """Parse an upsert's document. Raises `InvalidDocument`, also without an external id."""
        push = PushedDocument.read(document, self.read_order)
        if push.document.get("external_id") is None:
            problem = "is missing; an upsert finds the order by it."
            raise InvalidDocument([Problem("external_id", problem)])
        return push

    def upsert_read(
        self, merchant: MerchantId, push: PushedDocument, *, at: datetime, by: str
    ) -> PushedOrder:
        """Like `upsert`, for a document that was parsed already."""

        def find(on_record: OnRecord) -> OrderRecord | None:
            return on_record.by_external_id.get(push.external_id or "")

        return self._push(merchant, push, find, at=at, by=by)

    def update(
        self,
        merchant: MerchantId,
        order: OrderId,
        document: Mapping[str, Any],
        *,
        at: datetime,
        by: str,
    ) -> PushedOrder:
        """Update the order with our id `order`. Raises `OrderNotFound`, `InvalidDocument`."""
        push = PushedDocument.read(document, self.read_order)

        def find(on_record: OnRecord) -> OrderRecord:
            return _existing(on_record.orders.get(order))

        return self._push(merchant, push, find, order, at=at, by=by)

    def delete(
        self,
        merchant: MerchantId,
        find: Callable[[UnitOfWork], OrderRecord | None],
        *,
        at: datetime,
        by: str,
    ) -> None:
        """Delete an order: end its coverage and reverse its billing. Raises `OrderNotFound`."""
        with self.database.begin() as work:
            on_record = work.order_intake.begin(merchant)
            record = _existing(find(work))
            order = with_line_numbers(self.read_order(record.document), record.id)
            stored = _stored(work, on_record, record, session_of(order))
            settling = self.settling(work, merchant, on_record, at=at, by=by)
            writes = OrderWrites()
            collect_books(settling.settlement(record.id, order, stored, is_deleted=True), writes)
            if record.acceptance.session is not None:
                writes.has_order[record.acceptance.session] = False
            self.write(work, merchant, on_record, writes)
            work.orders.delete(record, at=at)

    def _push(
        self,
        merchant: MerchantId,
        push: PushedDocument,
        find: Callable[[OnRecord], OrderRecord | None],
        *orders: OrderId,
        at: datetime,
        by: str,
    ) -> PushedOrder:
        with self.database.begin() as work:
            on_record = work.order_intake.begin(
                merchant,
                external_ids=[push.external_id] if push.external_id else [],
                orders=orders,
                sessions=[push.session] if push.session else [],
            )
            record = find(on_record)
            merged = push.merged_into(record.document if record else None)
            session = session_of(merged.order)
            stored = _stored(work, on_record, record, session) if record else None
            settling = self.settling(work, merchant, on_record, at=at, by=by)
            writes = OrderWrites()
            pushed = settling.settle(push, merged, stored, writes)
            self.write(work, merchant, on_record, writes)
        self.note(pushed)
        return pushed

    def settling(
        self, work: UnitOfWork, merchant: MerchantId, on_record: OnRecord, *, at: datetime, by: str
    ) -> Settling:
        """The `Settling` of pushed orders in this transaction."""
        return Settling(
            work,
            merchant,
            on_record,
            self.read_order,
            self.find_configuration,
            self.new_order_id,
            self.new_coverage_id,
            at,
            by,
        )

    def write(
        self, work: UnitOfWork, merchant: MerchantId, on_record: OnRecord, writes: OrderWrites
    ) -> None:
        """Write the changes that settling has collected."""
        work.order_intake.write(
            merchant, writes, last_event=on_record.last_event, new_event_id=self.new_event_id
        )

    def note(self, pushed: PushedOrder) -> None:
        """Count and log a push that changed something, once it is committed."""
        record, settlement = pushed.record, pushed.settlement
        if settlement is None:
            return
        acceptance = settlement.acceptance
        self.observe_acceptance(acceptance)
        if self.is_quiet:
            return
        log.info(
            f"order.{acceptance.outcome}",
            merchant=record.merchant,
            order=record.id,
            revision=record.revision,
            session=acceptance.session,
            modes=list(acceptance.modes),
            verdict=acceptance.verdict,
            postings=len(settlement.postings),
            warnings=[warning.code for warning in acceptance.warnings],
        )


def _existing(record: OrderRecord | None) -> OrderRecord:
    if record is None:
        raise OrderNotFound
    return record


def _stored(
    work: UnitOfWork, on_record: OnRecord, record: OrderRecord, session: SessionId | None
) -> Stored:
    """The order's books, and its session unless that was read already."""
    is_further = session is not None and session not in on_record.sessions
    further = work.order_intake.further(
        record.merchant, orders=[record.id], sessions=[session] if session and is_further else []
    )
    return Stored(record, further)

"""Settle one pushed revision of an order against its stored state, and collect the writes.

Nothing here reads or writes an order; `push_order` does, for one order or for many at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from orderguard.actions.ports.order_intake import FurtherOnRecord, OnRecord, OrderWrites
from orderguard.actions.ports.unit_of_work import UnitOfWork
from orderguard.actions.pushed_document import (
    MergedDocument,
    PushedDocument,
    ReadOrder,
    session_of,
)
from orderguard.domain.books.month import period_for
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.errors import InvalidDocument, Problem
from orderguard.domain.ids import ConfigurationVersion, CoverageId, MerchantId, OrderId, SessionId
from orderguard.domain.orders.acceptance import OrderWarning, SessionEvidence, WarningCode
from orderguard.domain.orders.coverage import Coverage
from orderguard.domain.orders.line_numbers import with_line_numbers
from orderguard.domain.orders.order import Order
from orderguard.domain.orders.order_bounds import members_not_kept
from orderguard.domain.orders.order_record import OrderRecord
from orderguard.domain.orders.settlement import Books, Circumstances, Settlement, settle

OUTDATED = OrderWarning(
    WarningCode.OUTDATED_PUSH,
    "This push is older than what is on record (updated_at), so it changed nothing.",
)
REFUND_CONFLICT = OrderWarning(
    WarningCode.REFUND_CONFLICT,
    "A refund with a known external_id differs from the one on record, which stands.",
)


@dataclass(frozen=True, slots=True)
class PushedOrder:
    """The result of a push: the order, its coverages, whether it is new, and warnings.

    `settlement` holds the changes; None when the push changed nothing.
    """

    record: OrderRecord
    coverages: Sequence[Coverage]
    created: bool
    warnings: tuple[OrderWarning, ...] = ()
    settlement: Settlement | None = None


FindConfiguration = Callable[
    [UnitOfWork, MerchantId, ConfigurationVersion], MerchantConfiguration | None
]


@dataclass(frozen=True, slots=True)
class Stored:
    """The stored revision of an order, with its acceptance, coverages and postings."""

    record: OrderRecord
    further: FurtherOnRecord

    @property
    def books(self) -> Books:
        id_ = self.record.id
        return Books(
            acceptance=self.record.acceptance,
            coverages=self.further.coverages.get(id_, ()),
            postings=self.further.postings.get(id_, ()),
        )


@dataclass(frozen=True, slots=True)
class Settling:
    """Settles pushed orders in one transaction; all of them have the same merchant and time."""

    work: UnitOfWork
    merchant: MerchantId
    on_record: OnRecord
    read_order: ReadOrder
    find_configuration: FindConfiguration
    new_order_id: Callable[[], OrderId]
    new_coverage_id: Callable[[], CoverageId]
    at: datetime
    by: str

    def settle(
        self,
        push: PushedDocument,
        merged: MergedDocument,
        stored: Stored | None,
        writes: OrderWrites,
    ) -> PushedOrder:
        """Settle the push, and add its changes to `writes`. Raises `InvalidDocument`.

        `merged` is the push merged into the stored document.
        """
        record = stored.record if stored else None
        said = (REFUND_CONFLICT,) if merged.has_refund_conflict else ()
        if stored and self._is_outdated(push.document, merged.order, stored.record):
            coverages = stored.books.coverages
            return PushedOrder(stored.record, coverages, created=False, warnings=(*said, OUTDATED))
        self._refuse_taken_id(merged.order, record)
        books = stored.books if stored else Books()
        order_id = record.id if record else self.new_order_id()
        # Refunds of a stored order may name its lines by the numbers in our answers.
        order = with_line_numbers(merged.order, order_id) if record else merged.order
        settlement = self.settlement(
            order_id,
            order,
            stored,
            about_document=members_not_kept([*push.too_much, *merged.left_out]),
        )
        coverages = settlement.all_coverages(books)
        if record and merged.document == record.document and settlement.changes_nothing(books):
            return PushedOrder(record, coverages, created=False, warnings=said)
        fresh = self._record(order_id, order, merged.document, settlement, record)
        self._collect(fresh, record, settlement, stored, writes)
        return PushedOrder(
            fresh, coverages, created=record is None, warnings=said, settlement=settlement
        )

    def settlement(
        self,
        order_id: OrderId,
        order: Order,
        stored: Stored | None,
        *,
        is_deleted: bool = False,
        about_document: tuple[OrderWarning, ...] = (),
    ) -> Settlement:
        """The settlement of this revision: acceptance, coverages, postings and events."""
        version = self._version(stored.record if stored else None)
        circumstances = Circumstances(
            order_id=order_id,
            configuration=(
                None
                if version is None
                else self.find_configuration(self.work, self.merchant, version)
            ),
            period=period_for(self.at, self.on_record.closed_through),
            at=self.at,
            by=self.by,
            new_coverage_id=self.new_coverage_id,
            is_deleted=is_deleted,
            about_document=about_document,
        )
        evidence = self._evidence(order_id, order, stored)
        return settle(order, evidence, stored.books if stored else Books(), circumstances)

    def _evidence(
        self, order_id: OrderId, order: Order, stored: Stored | None
    ) -> SessionEvidence | None:
        """The stored evidence about the session the order names, within this merchant only."""
        session = session_of(order)
        if session is None:
            return None
        further = stored.further if stored else None
        evidence = self.on_record.evidence.get(session) or (
            further.evidence.get(session) if further else None
        )
        if evidence is None:
            return None
        linked = self._linked_to(session, stored)
        is_another = linked is not None and linked.id != order_id and linked.stands
        return replace(evidence, linked_order=linked.id if linked and is_another else None)

    def _linked_to(self, session: SessionId, stored: Stored | None) -> OrderRecord | None:
        """The order that has the session, whether it still stands or not."""
        return self.on_record.by_session.get(session) or (
            stored.further.by_session.get(session) if stored else None
        )

    def _version(self, record: OrderRecord | None) -> ConfigurationVersion | None:
        return record.configuration_version if record else self.on_record.configuration_version

    def _is_outdated(self, pushed: Mapping[str, Any], merged: Order, record: OrderRecord) -> bool:
        """Whether this push is older than the stored revision, by the platform's `updated_at`."""
        if not pushed.get("updated_at") or merged.updated_at is None:
            return False
        stored = self.read_order(record.document)
        return stored.updated_at is not None and merged.updated_at < stored.updated_at

    def _refuse_taken_id(self, order: Order, record: OrderRecord | None) -> None:
        """Raises `InvalidDocument` when the external id is another order's."""
        if order.external_id is None or (record and record.external_id == order.external_id):
            return
        if order.external_id in self.on_record.by_external_id:
            problem = "exists already; send it with PUT to update the order."
            raise InvalidDocument([Problem("external_id", problem)])

    def _record(
        self,
        order_id: OrderId,
        order: Order,
        document: Mapping[str, Any],
        settlement: Settlement,
        record: OrderRecord | None,
    ) -> OrderRecord:
        return OrderRecord(
            merchant=self.merchant,
            id=order_id,
            external_id=order.external_id,
            status=order.status,
            stands=order.stands,
            document=document,
            acceptance=settlement.acceptance,
            configuration_version=self._version(record),
            revision=record.revision + 1 if record else 1,
            received_at=record.received_at if record else self.at,
            changed_at=self.at,
        )

    def _collect(
        self,
        fresh: OrderRecord,
        record: OrderRecord | None,
        settlement: Settlement,
        stored: Stored | None,
        writes: OrderWrites,
    ) -> None:
        (writes.changed if record else writes.new).append(fresh)
        session = settlement.acceptance.session
        if record and record.acceptance.session not in (None, session):
            writes.has_order[record.acceptance.session] = False
        if session is not None:
            linked = self._linked_to(session, stored)
            if linked is not None and linked.id != fresh.id:
                writes.released.append(linked)  # it has ended (contract §6)
            writes.has_order[session] = fresh.stands
        collect_books(settlement, writes)


def collect_books(settlement: Settlement, writes: OrderWrites) -> None:
    """Add the coverages, postings and events of a settlement to `writes`."""
    writes.coverages.extend(settlement.coverages)
    writes.postings.extend(settlement.postings)
    writes.events.extend(settlement.events)

"""Take in a shop's push of an order, and settle the order (contract §9).

One transaction: the document, the acceptance, coverages, postings and the events about them commit
together or not at all. It is idempotent: pushing the same again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog

from orderguard.actions.ports.unit_of_work import Database, UnitOfWork
from orderguard.domain.books.month import period_for
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.errors import InvalidDocument, Malformed, NotFound, Problem
from orderguard.domain.ids import (
    ConfigurationVersion,
    CoverageId,
    MerchantId,
    OrderId,
    SessionId,
)
from orderguard.domain.orders.acceptance import (
    Acceptance,
    OrderWarning,
    SessionEvidence,
    WarningCode,
)
from orderguard.domain.orders.coverage import Coverage
from orderguard.domain.orders.line_numbers import with_line_numbers
from orderguard.domain.orders.order import Order
from orderguard.domain.orders.order_bounds import bound_document, bound_refunds, members_not_kept
from orderguard.domain.orders.order_document import merge_push, with_text_id
from orderguard.domain.orders.order_record import OrderRecord
from orderguard.domain.orders.settlement import Books, Circumstances, Settlement, settle

log = structlog.get_logger()

OUTDATED = OrderWarning(
    WarningCode.OUTDATED_PUSH,
    "This push is older than what is on record (updated_at), so it changed nothing.",
)
REFUND_CONFLICT = OrderWarning(
    WarningCode.REFUND_CONFLICT,
    "A refund with a known external_id differs from the one on record, which stands.",
)


class OrderNotFound(NotFound):
    """No order with this id exists for this merchant."""


@dataclass(frozen=True, slots=True)
class PushedOrder:
    """The result of a push: the order, its coverages, whether it is new, and warnings."""

    record: OrderRecord
    coverages: Sequence[Coverage]
    created: bool
    warnings: tuple[OrderWarning, ...] = ()


ReadOrder = Callable[[Mapping[str, Any]], Order]
"""Reads a document; raises `InvalidDocument`."""

FindConfiguration = Callable[
    [UnitOfWork, MerchantId, ConfigurationVersion], MerchantConfiguration | None
]


@dataclass(frozen=True, slots=True)
class PushOrder:
    """The verbs behind POST, PUT and DELETE of orders."""

    database: Database
    read_order: ReadOrder
    find_configuration: FindConfiguration
    new_order_id: Callable[[], OrderId]
    new_coverage_id: Callable[[], CoverageId]
    new_event_id: Callable[[], str]
    observe_acceptance: Callable[[Acceptance], None] = lambda _acceptance: None

    def create(
        self, merchant: MerchantId, document: Mapping[str, Any], *, at: datetime, by: str
    ) -> PushedOrder:
        """A new order. Raises `InvalidDocument`, also when the external id is taken."""
        with self.database.begin() as work:
            work.merchants.lock(merchant)
            return self._settle(work, merchant, None, document, at=at, by=by)

    def upsert(
        self, merchant: MerchantId, document: Mapping[str, Any], *, at: datetime, by: str
    ) -> PushedOrder:
        """The order with this external id, made or brought up to date. Raises `InvalidDocument`."""
        document = with_text_id(document)
        external_id = document.get("external_id")
        if external_id is None:
            problem = "is missing; an upsert finds the order by it."
            raise InvalidDocument([Problem("external_id", problem)])
        with self.database.begin() as work:
            work.merchants.lock(merchant)
            record = (
                work.orders.find_by_external_id(merchant, external_id)
                if isinstance(external_id, str)
                else None  # reading the document reports the invalid id
            )
            return self._settle(work, merchant, record, document, at=at, by=by)

    def update(
        self,
        merchant: MerchantId,
        order: OrderId,
        document: Mapping[str, Any],
        *,
        at: datetime,
        by: str,
    ) -> PushedOrder:
        """The order with our id, brought up to date. Raises `OrderNotFound`, `InvalidDocument`."""
        with self.database.begin() as work:
            work.merchants.lock(merchant)
            record = _existing(work.orders.find(merchant, order))
            return self._settle(work, merchant, record, document, at=at, by=by)

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
            work.merchants.lock(merchant)
            record = _existing(find(work))
            case = self._case(work, merchant, record, self.read_order(record.document))
            books = _books(work, case)
            settlement = self._settlement(work, case, books, at=at, by=by, is_deleted=True)
            self._record(work, merchant, settlement)
            work.orders.delete(record, at=at)
            _let_go(work, record)

    def _settle(
        self,
        work: UnitOfWork,
        merchant: MerchantId,
        stored: OrderRecord | None,
        document: Mapping[str, Any],
        *,
        at: datetime,
        by: str,
    ) -> PushedOrder:
        known, _ = bound_refunds(stored.document if stored else {})
        document, too_much = bound_refunds(with_text_id(document))
        merged, has_conflict = merge_push(known, document)
        merged, left_out = bound_document(merged, known)
        order = self.read_order(merged)
        said = (REFUND_CONFLICT,) if has_conflict else ()
        if stored is not None and _is_outdated(document, order, self.read_order(stored.document)):
            coverages = work.coverages.of_order(merchant, stored.id)
            return PushedOrder(stored, coverages, created=False, warnings=(*said, OUTDATED))
        _refuse_taken_id(work, merchant, order, stored)
        case = self._case(work, merchant, stored, order)
        books = _books(work, case)
        settlement = self._settlement(
            work,
            case,
            books,
            at=at,
            by=by,
            about_document=members_not_kept([*too_much, *left_out]),
        )
        coverages = settlement.all_coverages(books)
        if stored is not None and merged == stored.document and settlement.changes_nothing(books):
            return PushedOrder(stored, coverages, created=False, warnings=said)
        record = OrderRecord(
            merchant=merchant,
            id=case.order_id,
            external_id=order.external_id,
            status=case.order.status,
            stands=case.order.stands,
            document=merged,
            acceptance=settlement.acceptance,
            configuration_version=case.configuration_version,
            revision=stored.revision + 1 if stored else 1,
            received_at=stored.received_at if stored else at,
            changed_at=at,
        )
        _free_session(work, case, settlement.acceptance)
        work.orders.save(record, is_new=stored is None)
        _mark_sessions(work, stored, record)
        self._record(work, merchant, settlement)
        self._log(record, settlement)
        return PushedOrder(record, coverages, created=stored is None, warnings=said)

    def _case(
        self,
        work: UnitOfWork,
        merchant: MerchantId,
        stored: OrderRecord | None,
        order: Order,
    ) -> _Case:
        if stored is not None:
            order = with_line_numbers(order, stored.id)
            return _Case(merchant, stored.id, order, stored.configuration_version, stored)
        latest = work.configurations.latest(merchant)
        version = latest.version if latest else None
        return _Case(merchant, self.new_order_id(), order, version, None)

    def _settlement(
        self,
        work: UnitOfWork,
        case: _Case,
        books: Books,
        *,
        at: datetime,
        by: str,
        is_deleted: bool = False,
        about_document: tuple[OrderWarning, ...] = (),
    ) -> Settlement:
        merchant, order_id, version = case.merchant, case.order_id, case.configuration_version
        circumstances = Circumstances(
            order_id=order_id,
            configuration=(
                None if version is None else self.find_configuration(work, merchant, version)
            ),
            period=period_for(at, work.ledger.closed_through(merchant)),
            at=at,
            by=by,
            new_coverage_id=self.new_coverage_id,
            is_deleted=is_deleted,
            about_document=about_document,
        )
        return settle(case.order, _session_evidence(work, case), books, circumstances)

    def _record(self, work: UnitOfWork, merchant: MerchantId, settlement: Settlement) -> None:
        for coverage in settlement.coverages:
            work.coverages.save(merchant, coverage)
        for posting in settlement.postings:
            work.ledger.append(merchant, posting)
        work.outbox.add(merchant, settlement.events, new_event_id=self.new_event_id)

    def _log(self, record: OrderRecord, settlement: Settlement) -> None:
        acceptance = settlement.acceptance
        self.observe_acceptance(acceptance)
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


@dataclass(frozen=True, slots=True)
class _Case:
    """An order revision to be settled, and the record it revises."""

    merchant: MerchantId
    order_id: OrderId
    order: Order
    configuration_version: ConfigurationVersion | None
    stored: OrderRecord | None


def _existing(record: OrderRecord | None) -> OrderRecord:
    if record is None:
        raise OrderNotFound("No order with this id exists for this merchant.")
    return record


def _refuse_taken_id(
    work: UnitOfWork, merchant: MerchantId, order: Order, stored: OrderRecord | None
) -> None:
    """Raises `InvalidDocument` when the external id is another order's."""
    if order.external_id is None or (stored and stored.external_id == order.external_id):
        return
    if work.orders.find_by_external_id(merchant, order.external_id):
        problem = "exists already; send it with PUT to update the order."
        raise InvalidDocument([Problem("external_id", problem)])


def _is_outdated(pushed: Mapping[str, Any], merged: Order, stored: Order) -> bool:
    """Whether this push is older than the stored revision, by the platform's own `updated_at`."""
    if not pushed.get("updated_at") or merged.updated_at is None or stored.updated_at is None:
        return False
    return merged.updated_at < stored.updated_at


def _mark_sessions(work: UnitOfWork, stored: OrderRecord | None, record: OrderRecord) -> None:
    """Mark the sessions that have an order: their cart ids begin new sessions (contract §6)."""
    session = record.acceptance.session
    if stored is not None and stored.acceptance.session != session:
        _let_go(work, stored)
    if session is not None:
        work.offer_sessions.mark_has_order(record.merchant, session, has_order=record.stands)


def _let_go(work: UnitOfWork, record: OrderRecord) -> None:
    if record.acceptance.session is not None:
        work.offer_sessions.mark_has_order(
            record.merchant, record.acceptance.session, has_order=False
        )


def _session_evidence(work: UnitOfWork, case: _Case) -> SessionEvidence | None:
    """The stored evidence about the session the order names, within this merchant only."""
    text = case.order.session_text
    if text is None:
        return None
    try:
        session = SessionId.parse(text)
    except Malformed:
        return None
    evidence = work.offer_sessions.evidence(case.merchant, session)
    if evidence is None:
        return None
    linked = work.orders.linked_to(case.merchant, session)
    is_another = linked is not None and linked.id != case.order_id and linked.stands
    return replace(evidence, linked_order=linked.id if linked and is_another else None)


def _free_session(work: UnitOfWork, case: _Case, acceptance: Acceptance) -> None:
    """Unlink the session of this order from another order that has ended (contract §6)."""
    if acceptance.session is None:
        return
    linked = work.orders.linked_to(case.merchant, acceptance.session)
    if linked is not None and linked.id != case.order_id:
        work.orders.let_go_of_session(linked)


def _books(work: UnitOfWork, case: _Case) -> Books:
    return Books(
        acceptance=case.stored.acceptance if case.stored else None,
        coverages=work.coverages.of_order(case.merchant, case.order_id),
        postings=work.ledger.of_order(case.merchant, case.order_id),
    )

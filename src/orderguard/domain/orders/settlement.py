"""Settle a revision of an order: compute its acceptance, coverages, postings and events.

One pure function, so that the state of an order can be recomputed anywhere: the stored state equals
its result. It is idempotent: settling the same revision again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from orderguard.domain.books.ledger import (
    Entry,
    Posting,
    ReversalReason,
    billing_entries,
    billing_of,
    bring_up_to_date,
)
from orderguard.domain.books.month import Month
from orderguard.domain.configuration.configuration import DEFAULT_TERM_DAYS, MerchantConfiguration
from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.ids import CoverageId, OrderId
from orderguard.domain.orders.acceptance import (
    Acceptance,
    OrderWarning,
    SessionEvidence,
    recognise_acceptance,
)
from orderguard.domain.orders.coverable_lines import coverable_lines
from orderguard.domain.orders.coverage import (
    Coverage,
    CoverageScope,
    VoidReason,
    activate,
    follow_order,
    scope_of,
    void_reason_of,
)
from orderguard.domain.orders.event import Event, coverage_event, order_accepted
from orderguard.domain.orders.fee_reading import read_fees
from orderguard.domain.orders.fee_verdict import Quote
from orderguard.domain.orders.order import Order
from orderguard.domain.orders.order_doubts import (
    doubts_about_fees,
    doubts_about_refunds,
    doubts_about_scope,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """An order's stored acceptance, coverages and postings, before a new revision is settled."""

    acceptance: Acceptance | None = None
    coverages: Sequence[Coverage] = ()
    postings: Sequence[Posting] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """The result to record: the acceptance, and only new or changed coverages and postings."""

    acceptance: Acceptance
    coverages: tuple[Coverage, ...] = ()
    postings: tuple[Posting, ...] = ()
    events: tuple[Event, ...] = field(default=())

    def changes_nothing(self, books: Books) -> bool:
        """Whether the stored state `books` equals this settlement already."""
        return self.acceptance == books.acceptance and not self.coverages and not self.postings

    def all_coverages(self, books: Books) -> tuple[Coverage, ...]:
        """The coverages of the order after this revision, by mode."""
        known = {each.mode: each for each in (*books.coverages, *self.coverages)}
        return tuple(known[mode] for mode in sorted(known))


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """The circumstances of a settlement: identity, time, terms, and who pushed the order.

    `configuration` is the one under which the order was first seen, so that settling again later
    gives the same result. `period` is the month to post to (see `period_for`).
    `about_document` are the warnings about the document itself, such as members that were not kept.
    """

    order_id: OrderId
    configuration: MerchantConfiguration | None
    period: Month
    at: datetime
    by: str
    new_coverage_id: Callable[[], CoverageId]
    is_deleted: bool = False
    about_document: tuple[OrderWarning, ...] = ()


def settle(
    order: Order, session: SessionEvidence | None, books: Books, now: Circumstances
) -> Settlement:
    """Settle this revision of the order, given its stored state. Pure and idempotent."""
    order, is_ambiguous = read_fees(order, _known_quotes(session, books.acceptance))
    acceptance = recognise_acceptance(order, session, books.acceptance)
    covered = coverable_lines(order, now.configuration, acceptance.quote)
    reasons = {mode: _void_reason(order, acceptance, mode, now) for mode in CoverageMode}
    doubts = [
        *doubts_about_fees(order, session, is_ambiguous=is_ambiguous),
        *doubts_about_refunds(order),
        *now.about_document,
    ]
    if any(reasons[mode] is None for mode in acceptance.modes):
        doubts += doubts_about_scope(order, covered)
    acceptance = replace(acceptance, warnings=(*acceptance.warnings, *doubts))
    coverages = _coverages(order, acceptance, reasons, scope_of(order, covered), books, now)
    postings = bring_up_to_date(
        books.postings,
        _wanted_entries(order, acceptance, reasons, now),
        order=now.order_id,
        because=_because(order, acceptance, reasons),
        at=now.at,
        period=now.period,
    )
    return Settlement(
        acceptance=acceptance,
        coverages=coverages,
        postings=postings,
        events=_events(order, acceptance, coverages, books, now),
    )


def _known_quotes(session: SessionEvidence | None, previous: Acceptance | None) -> Sequence[Quote]:
    """The quotes that the fee may have been copied from.

    An order that names no session any more keeps the quote that it was once compared with.
    """
    if session is not None:
        return session.quotes
    return (previous.quote,) if previous and previous.quote else ()


def _void_reason(
    order: Order, acceptance: Acceptance, mode: CoverageMode, now: Circumstances
) -> VoidReason | None:
    return VoidReason.ORDER_DELETED if now.is_deleted else void_reason_of(order, acceptance, mode)


def _coverages(
    order: Order,
    acceptance: Acceptance,
    reasons: Mapping[CoverageMode, VoidReason | None],
    scope: CoverageScope,
    books: Books,
    now: Circumstances,
) -> tuple[Coverage, ...]:
    """The coverages that are new or different after this revision."""
    existing = {coverage.mode: coverage for coverage in books.coverages}
    changed = []
    for mode in CoverageMode:
        coverage = existing.get(mode)
        if coverage is None:
            # An order that arrives cancelled was never covered: there is nothing to void.
            if mode in acceptance.modes and reasons[mode] is None:
                changed.append(_activated(order, mode, scope, now))
            continue
        followed = follow_order(
            coverage, void_reason=reasons[mode], scope=scope, at=now.at, by=now.by
        )
        if followed is not coverage:
            changed.append(followed)
    return tuple(changed)


def _activated(
    order: Order, mode: CoverageMode, scope: CoverageScope, now: Circumstances
) -> Coverage:
    # A date in the future is a clock that is wrong; the shopper is covered from now.
    ordered_at = order.created_at or now.at
    days = now.configuration.term_days if now.configuration else {}
    return activate(
        id_=now.new_coverage_id(),
        order=now.order_id,
        mode=mode,
        scope=scope,
        days=days.get(mode, DEFAULT_TERM_DAYS[mode]),
        active_from=min(ordered_at, now.at).astimezone(UTC),
        at=now.at,
        by=now.by,
    )


def _wanted_entries(
    order: Order,
    acceptance: Acceptance,
    reasons: Mapping[CoverageMode, VoidReason | None],
    now: Circumstances,
) -> tuple[Entry, ...]:
    """The entries that the ledger must hold for this order: the fee less its refunds, or none."""
    if not acceptance.is_accepted or any(reasons[mode] for mode in acceptance.modes):
        return ()
    share = now.configuration.provider_share_bps if now.configuration else 0
    billings = billing_of(
        acceptance.charged,
        acceptance.modes,
        _weights(acceptance),
        refunded=order.refunded_fee(),
    )
    return tuple(
        entry
        for billing in billings
        for entry in billing_entries(billing, provider_share_bps=share)
    )


def _weights(acceptance: Acceptance) -> Sequence[int]:
    """The quoted prices of the modes, as weights; modes without a common quote weigh the same."""
    if acceptance.quote and acceptance.quote.modes == acceptance.modes:
        return acceptance.quote.mode_prices
    return [0] * len(acceptance.modes)


def _because(
    order: Order, acceptance: Acceptance, reasons: Mapping[CoverageMode, VoidReason | None]
) -> ReversalReason:
    """The reason for a reversal, if a billing has to be reversed."""
    if not acceptance.is_accepted:
        deleted = VoidReason.ORDER_DELETED in reasons.values()
        return ReversalReason.ORDER_DELETED if deleted else ReversalReason.FEE_REMOVED
    reason = reasons[acceptance.modes[0]]
    if reason is not None:
        return ReversalReason(reason)
    return ReversalReason.FEE_REFUNDED if order.refunded_fee() else ReversalReason.FEE_CHANGED


def _events(
    order: Order,
    acceptance: Acceptance,
    coverages: Sequence[Coverage],
    books: Books,
    now: Circumstances,
) -> tuple[Event, ...]:
    events = [coverage_event(each, order.external_id, at=now.at) for each in coverages]
    was_accepted = books.acceptance is not None and books.acceptance.is_accepted
    if acceptance.is_accepted and not was_accepted and not now.is_deleted:
        events.insert(0, order_accepted(now.order_id, order.external_id, acceptance, at=now.at))
    return tuple(events)

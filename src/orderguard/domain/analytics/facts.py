"""Derive the facts of a session and its order from their stored records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from orderguard.domain.analytics.analytics import (
    NO_VALUE,
    CartInBrief,
    Dimension,
    Facts,
    PostedAmount,
    reported_currency,
    values_of,
)
from orderguard.domain.analytics.funnel import ABANDONED_AFTER, SessionOutcome, outcome_of_session
from orderguard.domain.books.ledger import LedgerAccount, Posting, PostingKind, ReversalReason
from orderguard.domain.books.month import Month
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.ids import ConfigurationVersion, OrderId
from orderguard.domain.orders.acceptance import AcceptanceOutcome

_FEE_WAS_TAKEN_OFF = (ReversalReason.FEE_REMOVED, ReversalReason.FEE_REFUNDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOnRecord:
    """A session as of its last analysis. `cohort` is its last experiment arm, `cohort_version` the
    configuration version that has this experiment."""

    created_at: datetime
    updated_at: datetime
    analysis_count: int
    ever_eligible: bool
    was_in_control: bool
    reason: EligibilityReason
    cart: CartInBrief
    cohort: str | None = None
    cohort_version: ConfigurationVersion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderOnRecord:
    """An order and all that was posted about it; a deleted one still has its postings."""

    id: OrderId
    revision: int
    outcome: AcceptanceOutcome
    received_at: datetime
    is_deleted: bool
    postings: tuple[Posting, ...]


def facts_of_session(
    session: SessionOnRecord, order: OrderOnRecord | None, *, arm: str, at: datetime
) -> Facts:
    """The facts of a session, with those of the order that is linked to it, if any.

    `arm` is the value of the experiment dimension. `at` decides whether the session is abandoned.
    """
    outcome = outcome_of_session(
        ever_eligible=session.ever_eligible,
        order_outcome=order.outcome if order else None,
        updated_at=session.updated_at,
        at=at,
    )
    is_hidden = outcome is SessionOutcome.NOT_SHOWN
    postings = order.postings if order else ()
    return Facts(
        day=session.created_at.date(),
        currency=reported_currency(session.cart.currency),
        values=values_of(session.cart, arm),
        outcome=outcome,
        was_eligible=not is_hidden or session.was_in_control,
        hidden_because=session.reason if is_hidden else None,
        analyses=session.analysis_count,
        has_order=order is not None,
        is_accepted=outcome is SessionOutcome.ACCEPTED,
        fee_was_taken_off=_fee_was_taken_off(postings),
        posted=_posted_amounts(postings),
        unsettled_until=(
            session.updated_at + ABANDONED_AFTER if outcome is SessionOutcome.OPEN else None
        ),
    )


def facts_of_order(order: OrderOnRecord) -> Facts:
    """The facts of an order that was deleted, or that belongs to no session we know."""
    posted = _posted_amounts(order.postings)
    return Facts(
        day=order.received_at.date(),
        currency=posted[0].currency if posted else NO_VALUE,
        values=(NO_VALUE,) * (len(Dimension) - 1),
        outcome=None,
        has_order=not order.is_deleted,
        is_accepted=not order.is_deleted and order.outcome is AcceptanceOutcome.ACCEPTED,
        posted=posted,
    )


def _posted_amounts(postings: tuple[Posting, ...]) -> tuple[PostedAmount, ...]:
    """The fees of the postings, by day and currency."""
    found: dict[tuple[date, str], list[int]] = {}
    for posting in postings:
        is_reversal = posting.kind is PostingKind.REVERSAL
        for entry in posting.entries:
            sums = found.setdefault((_day_in_books(posting), entry.amount.currency), [0, 0, 0])
            if entry.account is LedgerAccount.FEE_REVENUE:
                sums[is_reversal] += entry.amount.amount if is_reversal else -entry.amount.amount
            elif entry.account is LedgerAccount.PROVIDER_SHARE:
                sums[2] += entry.amount.amount
    return tuple(PostedAmount(day, c, *sums) for (day, c), sums in sorted(found.items()))


def _fee_was_taken_off(postings: tuple[Posting, ...]) -> bool:
    """Whether the fee was removed or refunded after the order, by the shopper or by the shop."""
    return any(posting.because in _FEE_WAS_TAKEN_OFF for posting in postings)


def _day_in_books(posting: Posting) -> date:
    """The day on which a posting counts.

    A posting of a later period, because its own month was closed, counts on the period's first day:
    so the days of a month add up to its statement.
    """
    if Month.of(posting.posted_at) == posting.period:
        return posting.posted_at.date()
    return date(posting.period.year, posting.period.number, 1)

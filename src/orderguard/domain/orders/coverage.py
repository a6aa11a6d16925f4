"""Coverage: the obligation of the shop that an acceptance activates, and until when.

A coverage belongs to one order and one mode. Its life cycle is the table `TRANSITIONS`; all its
events are in its history.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.ids import CoverageId, OrderId
from orderguard.domain.money import Money
from orderguard.domain.orders.acceptance import Acceptance
from orderguard.domain.orders.order import Order, OrderLine, OrderStatus
from orderguard.domain.orders.unit_price import Quantity


class CoverageState(StrEnum):
    """The state of the obligation. Expiry is computed from `expires_at`, not stored."""

    ACTIVE = "active"
    VOIDED = "voided"


class CoverageEvent(StrEnum):
    """A kind of event in the life of a coverage, such as a changed scope."""

    ACTIVATED = "activated"
    CHANGED = "changed"
    VOIDED = "voided"
    REINSTATED = "reinstated"


class VoidReason(StrEnum):
    """Why there is no coverage (any more), in order of precedence."""

    ORDER_DELETED = "order_deleted"
    ORDER_CANCELLED = "order_cancelled"
    ORDER_REFUNDED = "order_refunded"
    FEE_REFUNDED = "fee_refunded"
    FEE_REMOVED = "fee_removed"
    ORDER_PENDING = "order_pending"


TRANSITIONS: Mapping[CoverageState | None, Mapping[CoverageState, CoverageEvent]] = {
    None: {CoverageState.ACTIVE: CoverageEvent.ACTIVATED},
    CoverageState.ACTIVE: {
        CoverageState.ACTIVE: CoverageEvent.CHANGED,
        CoverageState.VOIDED: CoverageEvent.VOIDED,
    },
    CoverageState.VOIDED: {CoverageState.ACTIVE: CoverageEvent.REINSTATED},
}
"""The allowed state transitions of a coverage, and the event of each. There are no others."""


@dataclass(frozen=True, slots=True)
class CoveredLine:
    """Pieces of an order line that are covered, and their value in minor units."""

    line_id: str
    quantity: Quantity
    amount: int


@dataclass(frozen=True, slots=True)
class CoverageScope:
    """The scope of a coverage: lines, and their value, which is the most that can be claimed."""

    lines: tuple[CoveredLine, ...]
    amount: Money


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One change of a coverage: actor, event, time and reason."""

    event: CoverageEvent
    at: datetime
    by: str
    because: VoidReason | None
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """One mode of one order. It is active from `active_from` up to, not including, `expires_at`."""

    id: CoverageId
    order: OrderId
    mode: CoverageMode
    state: CoverageState
    scope: CoverageScope
    active_from: datetime
    expires_at: datetime
    void_reason: VoidReason | None = None
    history: tuple[HistoryEntry, ...] = ()

    def is_active(self, *, at: datetime) -> bool:
        """Whether a claim at this instant is covered."""
        return self.state is CoverageState.ACTIVE and self.active_from <= at < self.expires_at


def void_reason_of(order: Order, acceptance: Acceptance, mode: CoverageMode) -> VoidReason | None:
    """Why this order gives no coverage in this mode; None when it does."""
    if mode not in acceptance.modes:
        return VoidReason.FEE_REMOVED
    if order.status is OrderStatus.CANCELLED:
        return VoidReason.ORDER_CANCELLED
    if order.is_refunded_in_full:
        return VoidReason.ORDER_REFUNDED
    charged = sum(amount.amount for amount in acceptance.charged)
    if charged and order.refunded_fee() >= charged:
        return VoidReason.FEE_REFUNDED
    if order.status is OrderStatus.PENDING:
        return VoidReason.ORDER_PENDING
    return None


def scope_of(order: Order, covered: Sequence[OrderLine]) -> CoverageScope:
    """The scope of an order's coverage, of the lines that may be covered (see `coverable_lines`).

    Refunded pieces are not covered any more: that is how a partial refund reduces a coverage. The
    value of a line is rounded once.
    """
    may_be = set(covered)
    lines = tuple(
        CoveredLine(line.id, quantity, line.unit_price.times(quantity))
        for line, quantity in order.remaining()
        if quantity and line in may_be
    )
    return CoverageScope(
        lines, Money(sum(line.amount for line in lines), order.total_price.currency)
    )


def activate(
    *,
    id_: CoverageId,
    order: OrderId,
    mode: CoverageMode,
    scope: CoverageScope,
    days: int,
    active_from: datetime,
    at: datetime,
    by: str,
) -> Coverage:
    """A new coverage, from the order's own date and for the term of its mode."""
    fresh = Coverage(
        id=id_,
        order=order,
        mode=mode,
        state=CoverageState.ACTIVE,
        scope=scope,
        active_from=active_from,
        expires_at=active_from + timedelta(days=days),
    )
    return _recorded(fresh, CoverageEvent.ACTIVATED, at=at, by=by)


def follow_order(
    coverage: Coverage,
    *,
    void_reason: VoidReason | None,
    scope: CoverageScope,
    at: datetime,
    by: str,
) -> Coverage:
    """Update a coverage to another revision of its order; the same object when nothing changed."""
    state = CoverageState.VOIDED if void_reason else CoverageState.ACTIVE
    if state is CoverageState.VOIDED and coverage.state is CoverageState.VOIDED:
        return coverage
    if state is coverage.state and scope == coverage.scope:
        return coverage
    event = TRANSITIONS[coverage.state][state]
    changed = replace(
        coverage,
        state=state,
        # An ended coverage keeps its last scope on record.
        scope=coverage.scope if void_reason else scope,
        void_reason=void_reason,
    )
    return _recorded(changed, event, at=at, by=by)


def _recorded(coverage: Coverage, event: CoverageEvent, *, at: datetime, by: str) -> Coverage:
    entry = HistoryEntry(event, at, by, coverage.void_reason, coverage.scope.amount.amount)
    return replace(coverage, history=(*coverage.history, entry))

"""Order and coverage events for webhook endpoints (contract §9; Standard Webhooks names)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from orderguard.domain.ids import OrderId
from orderguard.domain.money import Money
from orderguard.domain.orders.acceptance import Acceptance
from orderguard.domain.orders.coverage import Coverage, CoverageEvent


class EventType(StrEnum):
    """The type of an event, as webhooks name it."""

    ORDER_ACCEPTED = "order.accepted"
    COVERAGE_ACTIVATED = "coverage.activated"
    COVERAGE_CHANGED = "coverage.changed"
    COVERAGE_VOIDED = "coverage.voided"
    STATEMENT_CLOSED = "statement.closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event. `topic` groups events that must arrive in order: one order's."""

    type: EventType
    at: datetime
    topic: str
    body: Mapping[str, object]


_OF_COVERAGE = {
    CoverageEvent.ACTIVATED: EventType.COVERAGE_ACTIVATED,
    CoverageEvent.REINSTATED: EventType.COVERAGE_ACTIVATED,
    CoverageEvent.CHANGED: EventType.COVERAGE_CHANGED,
    CoverageEvent.VOIDED: EventType.COVERAGE_VOIDED,
}


def order_accepted(
    order: OrderId, external_id: str | None, acceptance: Acceptance, *, at: datetime
) -> Event:
    """The event that the shopper accepted the offer."""
    return Event(
        type=EventType.ORDER_ACCEPTED,
        at=at,
        topic=f"order:{order}",
        body={
            "order_id": order,
            "external_id": external_id,
            "session_id": acceptance.session,
            "modes": list(acceptance.modes),
            "charged": [money_body(amount) for amount in acceptance.charged],
            "verdict": acceptance.verdict,
        },
    )


def coverage_event(coverage: Coverage, external_id: str | None, *, at: datetime) -> Event:
    """The event of a coverage's last change."""
    return Event(
        type=_OF_COVERAGE[coverage.history[-1].event],
        at=at,
        topic=f"order:{coverage.order}",
        body={
            "coverage_id": coverage.id,
            "order_id": coverage.order,
            "external_id": external_id,
            "mode": coverage.mode,
            "state": coverage.state,
            "void_reason": coverage.void_reason,
            "amount": money_body(coverage.scope.amount),
            "active_from": _timestamp(coverage.active_from),
            "expires_at": _timestamp(coverage.expires_at),
        },
    )


def _timestamp(instant: datetime) -> str:
    """As answers write it: in UTC with offset, without a fraction (contract §3)."""
    return instant.astimezone(UTC).replace(microsecond=0).isoformat()


def money_body(amount: Money) -> dict[str, object]:
    """Money as events and answers write it: minor units."""
    return {"amount": amount.amount, "currency_code": amount.currency}

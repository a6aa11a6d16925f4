"""Build webhook deliveries and their attempts from rows, and the rows from them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from orderguard.domain.orders.event import EventType
from orderguard.domain.webhooks.claimed_delivery import ClaimedDelivery, EndedAttempt
from orderguard.domain.webhooks.webhook import (
    Attempt,
    CommittedEvent,
    Delivery,
    DeliveryState,
    EndpointGone,
    GivenUp,
    Record,
    TryAgain,
    WebhookEndpoint,
    WebhookSecret,
)

MICROSECOND = timedelta(microseconds=1)


def claimed_from_row(
    row: Row[Any], endpoint: WebhookEndpoint, secret: WebhookSecret, lease: str
) -> ClaimedDelivery:
    return ClaimedDelivery(
        endpoint=endpoint,
        secret=secret,
        sequence=row.sequence,
        topic=row.topic,
        event=event_from_row(row),
        attempts=row.attempts,
        record=Record(failures=row.failures, failing_since=row.failing_since),
        lease=lease,
    )


def event_from_row(row: Row[Any]) -> CommittedEvent:
    return CommittedEvent(
        id=row.event_id, type=EventType(row.type), at=row.happened_at, body=row.body.decode()
    )


def attempt_from_row(row: Row[Any]) -> Attempt:
    return Attempt(
        at=row.attempted_at,
        duration=row.duration_us * MICROSECOND,
        status=row.status,
        error=row.error,
    )


def delivery_from_row(row: Row[Any], attempts: tuple[Attempt, ...]) -> Delivery:
    return Delivery(
        event=event_from_row(row),
        topic=row.topic,
        state=DeliveryState(row.state),
        due_at=row.due_at,
        settled_at=row.settled_at,
        attempts=attempts,
    )


def settled_values(ended: EndedAttempt, at: datetime) -> dict[str, Any]:
    """The columns of a delivery after an attempt, and which delivery it is (`of_…`)."""
    claimed, verdict = ended.claimed, ended.verdict
    record = claimed.record
    changes: dict[str, Any] = {"state": DeliveryState.PENDING, "due_at": at, "settled_at": None}
    if isinstance(verdict, TryAgain):
        changes["due_at"] = verdict.at
        record = Record(failures=record.failures + 1, failing_since=record.failing_since or at)
    elif not isinstance(verdict, EndpointGone):
        state = DeliveryState.FAILED if isinstance(verdict, GivenUp) else DeliveryState.DELIVERED
        changes = {"state": state, "due_at": None, "settled_at": at}
    return changes | {
        "of_merchant": claimed.endpoint.merchant,
        "of_endpoint": claimed.endpoint.id,
        "of_sequence": claimed.sequence,
        "attempts": claimed.attempts + 1,
        "failures": record.failures,
        "failing_since": record.failing_since,
    }


def attempt_values(ended: EndedAttempt) -> dict[str, Any]:
    """The row of an attempt."""
    claimed, attempt = ended.claimed, ended.attempt
    return {
        "merchant_id": claimed.endpoint.merchant,
        "endpoint_id": claimed.endpoint.id,
        "sequence": claimed.sequence,
        "number": claimed.attempts + 1,
        "attempted_at": attempt.at,
        "duration_us": attempt.duration // MICROSECOND,
        "status": attempt.status,
        "error": attempt.error,
    }

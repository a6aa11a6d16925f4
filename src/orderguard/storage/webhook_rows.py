"""Build webhook deliveries and their attempts from rows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from orderguard.domain.orders.event import EventType
from orderguard.domain.webhooks.claimed_delivery import ClaimedDelivery
from orderguard.domain.webhooks.webhook import (
    Attempt,
    CommittedEvent,
    Delivery,
    DeliveryState,
    Record,
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

"""A webhook delivery that one dispatcher has claimed."""

from __future__ import annotations

from dataclasses import dataclass

from orderguard.domain.webhooks.webhook import (
    CommittedEvent,
    Record,
    WebhookEndpoint,
    WebhookSecret,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedDelivery:
    """A delivery leased by this process until the lease expires, with all data for an attempt."""

    endpoint: WebhookEndpoint
    secret: WebhookSecret
    sequence: int
    topic: str
    event: CommittedEvent
    attempts: int
    record: Record
    lease: str

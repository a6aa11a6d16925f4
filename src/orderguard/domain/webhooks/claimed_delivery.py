"""A webhook delivery that one dispatcher has claimed, and the end of its attempt."""

from __future__ import annotations

from dataclasses import dataclass

from orderguard.domain.webhooks.webhook import (
    Attempt,
    CommittedEvent,
    Record,
    Verdict,
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


@dataclass(frozen=True, slots=True)
class EndedAttempt:
    """An attempt at a claimed delivery, with its verdict."""

    claimed: ClaimedDelivery
    attempt: Attempt
    verdict: Verdict

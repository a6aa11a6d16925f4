"""Webhooks: a merchant's endpoints, the deliveries to them, and the retry schedule.

Events of one topic, which is one order's, reach an endpoint in the order of their commits: each
waits until the one before it is settled. Topics and endpoints do not wait for each other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NewType

from orderguard.domain.errors import Malformed
from orderguard.domain.ids import MerchantId
from orderguard.domain.orders.event import EventType

WebhookEndpointId = NewType("WebhookEndpointId", str)
"""`whe_` and 12 letters or digits."""

GONE = 410
"""The status with which an endpoint asks for no further deliveries (Standard Webhooks)."""


DUE_WITHIN = timedelta(days=1)
"""No wait and no lease is longer; a delivery due later was dated by a clock that was ahead."""


@dataclass(frozen=True, slots=True)
class WebhookSecret:
    """The signing secret of an endpoint, `whsec_…`. Printing it shows nothing."""

    text: str = field(repr=False)


class DisabledBecause(StrEnum):
    """Why nothing is sent to an endpoint."""

    ASKED = "asked"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpoint:
    """A merchant's webhook endpoint. No event types means all of them."""

    id: WebhookEndpointId
    merchant: MerchantId
    url: str
    event_types: frozenset[EventType] = frozenset()
    created_at: datetime
    disabled_at: datetime | None = None
    disabled_because: DisabledBecause | None = None

    def wants(self, type_: EventType) -> bool:
        return not self.event_types or type_ in self.event_types

    @property
    def is_enabled(self) -> bool:
        return self.disabled_at is None


def parse_event_types(texts: Iterable[str]) -> frozenset[EventType]:
    """Parse the names of event types. Raises `Malformed` for an unknown name."""
    return frozenset(_event_type(text) for text in texts)


def _event_type(text: str) -> EventType:
    try:
        return EventType(text)
    except ValueError:
        raise Malformed(f'No event type "{text}"; there are {", ".join(EventType)}.') from None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommittedEvent:
    """An event from the outbox. `body` is its JSON text, which is never parsed and rewritten."""

    id: str
    type: EventType
    at: datetime
    body: str


def payload_of(event: CommittedEvent) -> str:
    """The payload that is signed and sent: the same text at every attempt."""
    # As everywhere on our wire (contract §3): an offset instead of Z, and no fraction.
    timestamp = event.at.astimezone(UTC).replace(microsecond=0).isoformat()
    head = f'{{"type":{json.dumps(event.type)},"timestamp":{json.dumps(timestamp)}'
    return f'{head},"data":{event.body}}}'


class DeliveryState(StrEnum):
    """The state of the delivery of one event to one endpoint."""

    WAITING = "waiting"
    """An earlier event of the topic is not settled yet."""
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    """Given up; `replay` sends it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The position of an unsettled delivery in the queue of its topic."""

    sequence: int
    is_under_way: bool


def first_in_line(line: Sequence[Place]) -> int | None:
    """The sequence number of the delivery that a topic may send next: its earliest unsettled one.

    A delivery that is under way blocks the earlier ones, because two concurrent attempts could
    arrive in any order. That happens when an earlier event is replayed meanwhile.
    """
    candidates = [place for place in line if place.is_under_way] or line
    return min((place.sequence for place in candidates), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt: the response status, or the reason for having none."""

    at: datetime
    duration: timedelta
    status: int | None = None
    error: str | None = None

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The delivery log of one event to one endpoint. Attempts are in their order."""

    event: CommittedEvent
    topic: str
    state: DeliveryState
    due_at: datetime | None
    settled_at: datetime | None
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrySchedule:
    """A retry schedule: waits grow by a factor up to a maximum, until the retry period ends."""

    first_wait: timedelta = timedelta(seconds=5)
    factor: int = 3
    longest_wait: timedelta = timedelta(hours=12)
    patience: timedelta = timedelta(days=3)
    """Counted from the first failure; there is no attempt after that."""

    def wait_after(self, failures: int, *, jitter: float) -> timedelta:
        """The back-off after so many failures in a row; `jitter` is from 0 up to 1.

        Jitter moves the wait by up to a fifth either way, so that deliveries that failed together
        are not retried together.
        """
        wait = self.first_wait
        for _ in range(failures - 1):
            wait = min(wait * self.factor, self.longest_wait)
        return wait * (0.8 + 0.4 * jitter)


@dataclass(frozen=True, slots=True)
class Delivered:
    """The verdict on an attempt: the endpoint accepted the delivery."""


@dataclass(frozen=True, slots=True)
class TryAgain:
    """The verdict on an attempt: retry at that time."""

    at: datetime


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The verdict on an attempt: it failed, and the retry period is over."""


@dataclass(frozen=True, slots=True)
class EndpointGone:
    """The verdict on an attempt: disable the endpoint.

    The delivery is kept, in case the endpoint is enabled again.
    """


Verdict = Delivered | TryAgain | GivenUp | EndpointGone


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The failures of a delivery since it was last queued, and when the first of them was."""

    failures: int = 0
    failing_since: datetime | None = None


def judge(
    attempt: Attempt,
    before: Record,
    *,
    schedule: RetrySchedule,
    at: datetime,
    jitter: float,
    trusted: datetime | None = None,
) -> Verdict:
    """The verdict on an attempt that ended at `at`. Only a status 2xx is a success.

    With `trusted`, the retry period must have ended by that time as well: a clock that is ahead
    does not end the retries.
    """
    if attempt.is_success:
        return Delivered()
    if attempt.status == GONE:
        return EndpointGone()
    wait = schedule.wait_after(before.failures + 1, jitter=jitter)
    if min(at, trusted or at) + wait > (before.failing_since or at) + schedule.patience:
        return GivenUp()
    return TryAgain(at + wait)

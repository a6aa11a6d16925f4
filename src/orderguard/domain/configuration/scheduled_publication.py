"""A configuration that will be published at a set time, without a person present."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NewType

from orderguard.domain.configuration.draft import DraftId
from orderguard.domain.errors import Malformed
from orderguard.domain.ids import ConfigurationVersion, MerchantId
from orderguard.domain.money import shortened
from orderguard.domain.people.audit import ACTOR_LIMIT, Actor

ScheduledPublicationId = NewType("ScheduledPublicationId", str)
"""`pub_` and 16 letters or digits."""

AHEAD_AT_MOST = timedelta(days=365)

WAITING_AT_MOST = 50
"""Publications of one merchant that wait for their time."""


class ScheduledStatus(StrEnum):
    """The status of a scheduled publication. The last three are final."""

    WAITING = "waiting"
    PUBLISHED = "published"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledPublication:
    """A scheduled publication, with the text as it was when it was scheduled.

    `based_on` is the version that was published then; `draft` the draft that the text came from.
    `version` is set once it was published, `failure` once it failed.
    """

    merchant: MerchantId
    id: ScheduledPublicationId
    name: str
    source: str
    based_on: ConfigurationVersion | None
    draft: DraftId | None
    due_at: datetime
    status: ScheduledStatus
    scheduled_at: datetime
    scheduled_by: Actor
    settled_at: datetime | None = None
    version: ConfigurationVersion | None = None
    failure: str | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether it can still be rescheduled or cancelled."""
        return self.status is ScheduledStatus.WAITING


def on_schedule_of(person: Actor) -> Actor:
    """The actor of a publication that runs at a time set by this person."""
    return Actor(f"schedule:{person}"[:ACTOR_LIMIT])


def parse_due_at(text: str, *, at: datetime) -> datetime:
    """The instant written as `2026-11-27T08:00Z`, in UTC; without an offset it is UTC, too.

    It must be in the future, and at most a year ahead. Raises `Malformed`.
    """
    try:
        read = datetime.fromisoformat(text.strip())
        due_at = (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Malformed(
            f"{shortened(text)} is not a time; expected one such as 2026-11-27T08:00Z, in UTC."
        ) from None
    check_due_at(due_at, at=at)
    return due_at


def check_due_at(due_at: datetime, *, at: datetime) -> None:
    """Raises `Malformed` unless the time is in the future and at most a year ahead."""
    if due_at <= at:
        raise Malformed(f"{_shown(due_at)} has passed; it is {_shown(at)} now.")
    if due_at > at + AHEAD_AT_MOST:
        latest = _shown(at + AHEAD_AT_MOST)
        raise Malformed(f"{_shown(due_at)} is too far ahead; expected a time until {latest}.")


def _shown(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"

"""Offer sessions in lists, and the analyses of one over time, without their carts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.ids import ConfigurationVersion, SessionId
from orderguard.domain.offers.offer import Offer

SessionPlace = tuple[datetime, SessionId]
"""A place in a list of sessions that is ordered by their last analyses, newest first."""


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """A session and its latest offer, without the cart."""

    id: SessionId
    created_at: datetime
    updated_at: datetime
    analysis_count: int
    offer: Offer

    @property
    def place(self) -> SessionPlace:
        """The cursor of this session: the next page of the list begins after it."""
        return self.updated_at, self.id


@dataclass(frozen=True, slots=True)
class SessionPage:
    """A page of a list of sessions. `next` is where to continue; None: the list is complete.

    A page may be shorter than asked for, or empty, and there may still be more: a rare filter
    searches a bounded number of sessions at a time.
    """

    sessions: Sequence[SessionSummary]
    next: SessionPlace | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFilter:
    """A filter for a list of sessions; a criterion that is None does not apply.

    `since` and `until` bound the last analysis, half-open.
    """

    reason: EligibilityReason | None = None
    eligible: bool | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One analysis in a session's timeline: number, time, request id, offer; without the cart."""

    ordinal: int
    at: datetime
    request_id: str
    configuration_version: ConfigurationVersion | None
    offer: Offer

"""Derive the outcome of an offer session from stored records; it is never stored (contract §9)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from orderguard.domain.orders.acceptance import AcceptanceOutcome

ABANDONED_AFTER = timedelta(days=7)
"""How long after its last analysis a session without an order counts as abandoned."""


class SessionOutcome(StrEnum):
    """The outcome of a session. An open session may still get any other outcome."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    NOT_SHOWN = "not_shown"
    ABANDONED = "abandoned"
    OPEN = "open"


def outcome_of_session(
    *,
    ever_eligible: bool,
    order_outcome: AcceptanceOutcome | None,
    updated_at: datetime,
    at: datetime,
) -> SessionOutcome:
    """The outcome of a session; `order_outcome` is None while no order is linked to it.

    Exactly seven days after its last analysis it is abandoned.
    """
    if order_outcome is AcceptanceOutcome.ACCEPTED:
        return SessionOutcome.ACCEPTED
    if not ever_eligible:
        return SessionOutcome.NOT_SHOWN
    if order_outcome is not None:
        return SessionOutcome.DECLINED
    return SessionOutcome.ABANDONED if at - updated_at >= ABANDONED_AFTER else SessionOutcome.OPEN


@dataclass(frozen=True, slots=True)
class FunnelDay:
    """The sessions that began on one day (UTC), counted by outcome."""

    day: date
    sessions: Mapping[SessionOutcome, int]

    @property
    def analysed(self) -> int:
        return sum(self.sessions.values())

    @property
    def shown(self) -> int:
        """Sessions in which the offer could be seen."""
        return self.analysed - self.sessions.get(SessionOutcome.NOT_SHOWN, 0)

    @property
    def accepted(self) -> int:
        return self.sessions.get(SessionOutcome.ACCEPTED, 0)


def funnel_of(counts: Iterable[tuple[date, SessionOutcome, int]]) -> list[FunnelDay]:
    """Days in order, from counts that may mention a day and outcome more than once."""
    days: dict[date, dict[SessionOutcome, int]] = {}
    for day, outcome, count in counts:
        of_day = days.setdefault(day, {})
        of_day[outcome] = of_day.get(outcome, 0) + count
    return [FunnelDay(day, days[day]) for day in sorted(days)]

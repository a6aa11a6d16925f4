"""Decide which time may be used for irreversible actions (docs/decisions/0056).

A single clock is not trusted: after a flat battery or a bad resume it may be off by years.
Deletions, publications and closings happen only when they are due by two clocks: this machine's,
and the one recorded by the database or by earlier heartbeats.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

AGREE_WITHIN = timedelta(days=1)
"""Clocks that differ by no more agree: everything here is about days and months."""

HELD_FOR = timedelta(days=1)
"""How long a clock must run evenly after a jump to be trusted: time to notice and correct it."""

EVEN_WITHIN = timedelta(hours=1)
"""The drift allowed between a clock and the time elapsed between two heartbeats."""


@dataclass(frozen=True, slots=True)
class ClockRecord:
    """The servers' record of the time, written at every heartbeat.

    `confirmed_at` is the last time that agreed with the heartbeats before it. While the clock
    disagrees, `doubtful_at` is its last reading, and `held` is for how long it has advanced evenly.
    """

    confirmed_at: datetime
    doubtful_at: datetime | None = None
    held: timedelta = timedelta(0)

    @classmethod
    def begun(cls, at: datetime, newest: datetime | None) -> ClockRecord:
        """The first clock record. `newest` is the date of the newest stored row, if any."""
        if newest is None or abs(at - newest) <= AGREE_WITHIN:
            return cls(at)
        return cls(newest, doubtful_at=at)

    def after_heartbeat(self, at: datetime, *, elapsed: timedelta | None) -> ClockRecord:
        """The record with one more heartbeat.

        `elapsed` is the time since the process's last heartbeat, by its monotonic clock; None at
        its first.
        """
        passed = elapsed or timedelta(0)
        if -AGREE_WITHIN <= at - self.confirmed_at <= AGREE_WITHIN + passed:
            return ClockRecord(at)
        held = self._held(at, elapsed)
        if held >= HELD_FOR:
            return ClockRecord(at)
        return ClockRecord(self.confirmed_at, doubtful_at=at, held=held)

    def _held(self, at: datetime, elapsed: timedelta | None) -> timedelta:
        if self.doubtful_at is None:
            return timedelta(0)
        since = at - self.doubtful_at
        if elapsed is None:  # no process ran, so no monotonic clock measured the time in between
            return self.held if timedelta(0) <= since <= AGREE_WITHIN else timedelta(0)
        return self.held + since if timedelta(0) <= since <= elapsed + EVEN_WITHIN else timedelta(0)


@dataclass(frozen=True, slots=True)
class TrustedTime:
    """The latest time that all clocks have reached. `doubt` says why this machine's is not used."""

    at: datetime
    doubt: str | None = None


def trusted_time_of(
    at: datetime, *, record: ClockRecord | None, database: datetime | None
) -> TrustedTime:
    """Compare this machine's time with the heartbeats and with the database's own clock.

    A clock that is behind is in doubt, too, but its time is used: it makes nothing due too early.
    """
    witnesses = (
        ("the clock of the database says", database),
        ("a server's last heartbeat was at", record.confirmed_at if record else None),
    )
    for words, witness in witnesses:
        if witness is not None and abs(at - witness) > AGREE_WITHIN:
            doubt = f"The clock here says {_in_minutes(at)}, but {words} {_in_minutes(witness)}."
            return TrustedTime(min(at, *(each for _, each in witnesses if each)), doubt)
    return TrustedTime(at)


def _in_minutes(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"

"""Record heartbeats of the clock, and decide which time may be used for irreversible actions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from orderguard.actions.ports.unit_of_work import Database, UnitOfWork
from orderguard.domain.analytics.trusted_time import (
    AGREE_WITHIN,
    ClockRecord,
    TrustedTime,
    trusted_time_of,
)
from orderguard.domain.ids import MerchantId
from orderguard.domain.offers.offer_session import RETENTION

log = structlog.get_logger()

WHAT_TO_DO = (
    "Set the clocks right. If the one here is right, and no server ran for a while, say so: "
    "orderguard clock confirm"
)


def trusted_time(work: UnitOfWork, *, at: datetime) -> TrustedTime:
    """The latest time that this machine, the heartbeats and the database have all reached."""
    return trusted_time_of(at, record=work.clock_record.find(), database=work.vitals.clock())


def merchant_trusted_time(work: UnitOfWork, merchant: MerchantId, *, at: datetime) -> TrustedTime:
    """The trusted time as the clock of this merchant shows it. A sandbox's clock may be ahead.

    `at` is the time now by that clock.
    """
    ahead = work.merchants.ahead(merchant)
    trusted = trusted_time(work, at=at - ahead)
    return replace(trusted, at=trusted.at + ahead)


def confirm_clock(database: Database, *, at: datetime) -> None:
    """Record the operator's confirmation that the clock of this machine is right."""
    with database.begin() as work:
        work.clock_record.save(ClockRecord(at))


def idle_since(work: UnitOfWork, *, at: datetime) -> datetime | None:
    """The time up to which idle sessions are to be deleted now; None if there are none.

    No more than a day's worth is deleted at once, so that a wrong clock that the servers trust does
    not delete everything before a person notices.
    """
    over = trusted_time(work, at=at).at - RETENTION
    oldest = work.offer_sessions.oldest_idle(idle_since=over)
    return None if oldest is None else min(over, oldest + AGREE_WITHIN)


@dataclass(slots=True)
class Heartbeat:
    """The heartbeats of one process. Logs once when the clock becomes doubtful or trusted again."""

    database: Database
    clock: Callable[[], datetime]
    elapsed_seconds: Callable[[], float]
    """A monotonic clock, in seconds."""
    _last: float | None = None
    _doubt: bool = field(default=False)

    def beat(self) -> None:
        """Record the time of this process as a heartbeat. Raises `StorageUnavailable`."""
        at, elapsed = self.clock(), self.elapsed_seconds()
        passed = None if self._last is None else timedelta(seconds=elapsed - self._last)
        with self.database.begin() as work:
            before = work.clock_record.find()
            record = (
                before.after_heartbeat(at, elapsed=passed)
                if before
                else ClockRecord.begun(at, work.clock_record.newest_row())
            )
            work.clock_record.save(record)
            trusted = trusted_time(work, at=at)
        self._last = elapsed
        self._tell(trusted)

    def _tell(self, trusted: TrustedTime) -> None:
        if trusted.doubt and not self._doubt:
            log.error("clock.doubted", why=trusted.doubt)
        elif self._doubt and not trusted.doubt:
            log.info("clock.trusted")
        self._doubt = trusted.doubt is not None

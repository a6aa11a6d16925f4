"""Store the latency histogram of `analyze` periodically, so that it survives the process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from orderguard.actions.keep_time import trusted_time
from orderguard.actions.ports.unit_of_work import Database

LATENCY_KEPT = timedelta(days=400)


class RecordLatency:
    """Adds one process's new answers to the latency histogram of the current hour.

    `answered` returns this process's number of answers per bucket so far. Buckets are named by
    their upper bound in microseconds; 0 stands for a latency above all bounds.
    """

    def __init__(self, database: Database, answered: Callable[[], Mapping[int, int]]) -> None:
        self._database = database
        self._answered = answered
        self._written: Mapping[int, int] = {}

    def write_down(self, *, at: datetime) -> None:
        """Store the new answers. Raises `StorageUnavailable`; the next call stores them, too."""
        answered = self._answered()
        added = {
            bound: more
            for bound, number in answered.items()
            if (more := number - self._written.get(bound, 0))
        }
        if not added:
            return
        hour = at.replace(minute=0, second=0, microsecond=0)
        with self._database.begin() as work:
            work.analytics.add_latency(hour, added)
            work.analytics.forget_latency(before=trusted_time(work, at=hour).at - LATENCY_KEPT)
        self._written = answered

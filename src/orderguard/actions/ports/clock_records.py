"""The interface to the stored clock record; storage implements it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from orderguard.domain.analytics.trusted_time import ClockRecord


class ClockRecords(Protocol):
    """The clock record of the whole installation, written at the servers' heartbeats."""

    def find(self) -> ClockRecord | None: ...

    def save(self, record: ClockRecord) -> None: ...

    def newest_row(self) -> datetime | None:
        """The date of the newest stored row, by any machine's clock."""

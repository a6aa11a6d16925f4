"""What the actions need of clock records; storage provides it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from orderguard.domain.analytics.trusted_time import ClockRecord


class ClockRecords(Protocol):
    """What the servers have noted of the time, of the whole installation."""

    def find(self) -> ClockRecord | None: ...

    def save(self, record: ClockRecord) -> None: ...

    def newest_row(self) -> datetime | None:
        """When anything was recorded last, by whichever clock."""

"""The quota of bytes of analyses stored for a merchant per day (ADR 0053)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import structlog

from orderguard.domain.ids import MerchantId

log = structlog.get_logger()

WRITE_DOWN_EVERY_BYTES = 1_048_576
"""Bytes that a process may store for a merchant before it adds them to the common count."""

Spent = tuple[MerchantId, date, int]
"""A merchant, a day in UTC, and bytes."""

Taken = tuple[MerchantId, datetime, int]
"""The arguments of a `take` that was allowed."""


@dataclass(slots=True)
class _Day:
    day: date
    counted: int
    """Bytes stored by all processes, as far as this process knows."""
    new: int = 0
    """The part of `counted` that is not in the common count yet."""


def _log_reached(merchant: MerchantId, day: date, limit: int) -> None:
    log.warning(
        "storage.quota_reached",
        merchant=merchant,
        day=day.isoformat(),
        limit_bytes=limit,
        consequence="carts of this merchant are answered, but not kept, until midnight UTC",
    )


class ByteQuota:
    """The bytes of analyses that may still be stored today, per merchant, across processes.

    Each process counts in memory and adds to the shared count periodically, so that no batch waits
    for another process. `bytes_per_day` 0 means no limit, and nothing is counted.
    """

    def __init__(
        self,
        bytes_per_day: int,
        on_reached: Callable[[MerchantId, date, int], None] = _log_reached,
    ) -> None:
        self._limit = bytes_per_day
        self._on_reached = on_reached
        self._days: dict[MerchantId, _Day] = {}

    def unknown(self, uses: Iterable[tuple[MerchantId, datetime]]) -> Sequence[Spent]:
        """The merchants and days whose shared count this process has not read yet."""
        if not self._limit:
            return ()
        days = {(merchant, _day(at)) for merchant, at in uses}
        return [
            (merchant, day, 0)
            for merchant, day in sorted(days)
            if merchant not in self._days or self._days[merchant].day < day
        ]

    def take(self, merchant: MerchantId, at: datetime, size: int) -> bool:
        """Count these bytes if the quota allows them; False when it does not.

        Bytes of a day whose shared count is not known yet, or of an earlier day, are allowed
        uncounted.
        """
        known = self._days.get(merchant)
        if known is None or _day(at) < known.day:
            return True
        if known.counted + size <= self._limit:
            known.counted += size
            known.new += size
            return True
        # The rest counts as used, so that the other processes and `doctor` see the quota reached.
        rest = max(0, self._limit - known.counted)
        known.counted += rest
        known.new += rest
        return False

    def give_back(self, unused: Iterable[Taken]) -> None:
        """Undo allowed calls of `take` whose bytes were not stored after all."""
        for merchant, at, size in unused:
            known = self._days.get(merchant)
            if known is not None and _day(at) >= known.day:
                known.counted -= size
                known.new -= size

    def to_write_down(self) -> Sequence[Spent]:
        """The bytes to add to the shared count now, per merchant and day."""
        return [
            (merchant, known.day, known.new)
            for merchant, known in sorted(self._days.items())
            if known.new >= WRITE_DOWN_EVERY_BYTES or (known.new and known.counted >= self._limit)
        ]

    def learn(self, added: Iterable[Spent], counted: Iterable[Spent]) -> None:
        """Adopt the shared counts `counted`, which include the bytes `added` by this process."""
        new = {(merchant, day): size for merchant, day, size in added}
        for merchant, day, total in counted:
            self._days[merchant] = _Day(day, total)
            if total - new[merchant, day] < self._limit <= total:
                self._on_reached(merchant, day, self._limit)


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()

"""A calendar month in UTC: the period of a statement."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from orderguard.domain.errors import Malformed
from orderguard.domain.money import shortened

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month in UTC; months sort by time. Half-open: ends where the next one begins."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `2026-11`. Raises `Malformed`."""
        found = _MONTH.fullmatch(text)
        if not found:
            raise Malformed(f"{shortened(text)} is not a month; expected one such as 2026-11.")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, instant: datetime) -> Self:
        """The month that an instant falls into, in UTC."""
        utc = instant.astimezone(UTC)
        return cls(utc.year, utc.month)

    @property
    def next(self) -> Month:
        if self.number == 12:
            return Month(self.year + 1, 1)
        return Month(self.year, self.number + 1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


def period_for(instant: datetime, closed_through: Month | None) -> Month:
    """The month whose statement a posting belongs to: its own, or the first that is open."""
    own = Month.of(instant)
    if closed_through is not None and own <= closed_through:
        return closed_through.next
    return own

"""Sandbox merchants and their test clock (contract §12)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from orderguard.domain.errors import Malformed

AHEAD_AT_MOST = timedelta(days=3_650)
"""How far a test clock may be ahead in all. Ids and periods stay valid, whatever is tried."""

_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}
_DURATION = re.compile(r"([1-9][0-9]{0,7})([dhm])")


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The mark of a sandbox merchant, with how far its test clock is ahead of the real time."""

    ahead: timedelta = timedelta()

    def time(self, at: datetime) -> datetime:
        """The time of this merchant when the real time is `at`."""
        return at + self.ahead

    def advanced(self, by: timedelta) -> Sandbox:
        """The sandbox with its clock moved forward. Raises `Malformed` for more than ten years."""
        ahead = self.ahead + by
        if ahead > AHEAD_AT_MOST:
            raise Malformed(
                f"The test clock would be {ahead.days} days ahead; {AHEAD_AT_MOST.days} days are "
                "the limit. A reset sets it back: orderguard sandbox reset MERCHANT"
            )
        return Sandbox(ahead)


def parse_advance(text: str) -> timedelta:
    """How far to move a test clock: `40d`, `12h` or `30m`. Raises `Malformed`."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise Malformed(
            f"{text[:40]!r} is not a step of a test clock, which only moves forward; expected a "
            "number of days, hours or minutes, as in 40d, 12h or 30m."
        )
    return int(found[1]) * _UNITS[found[2]]

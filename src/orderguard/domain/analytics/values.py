"""Limit how many values of a dimension are counted separately (docs/decisions/0028).

Shops choose their platforms and mount targets freely, and so does an attacker with a leaked browser
key. The limit keeps the cardinality of a merchant's sums independent of the values that callers
invent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from orderguard.domain.analytics.analytics import NO_VALUE, Dimension, Facts

VALUES_AT_MOST = 100
"""The most values of one dimension that are counted separately in one month."""

EXPECTED_AT_MOST = 20
"""How many of the previous month's most frequent values get room beyond the limit."""

OTHER = "(other)"
"""The value under which a month counts all values beyond its limit."""

CHOSEN_FREELY = (
    Dimension.PLATFORM,
    Dimension.OFFER_ORIGIN,
    Dimension.MOUNT_TARGET,
    Dimension.CART_EXPERIENCE,
)
"""Dimensions with values that callers choose; the values of all others are bounded."""

_DIMENSIONS = tuple(Dimension)[1:]  # facts have one value for each: all but `ALL`


class SeparateValues:
    """The values counted separately in each month and dimension, up to `VALUES_AT_MOST`.

    The first values that occur are admitted, and the most frequent ones of the month before.
    """

    def __init__(self, sessions: Mapping[tuple[date, str], Mapping[str, int]]) -> None:
        """`sessions` by value, by first day of the month and dimension; missing ones have none."""
        self._sessions = sessions
        self._known = {key: {*values} - {OTHER} for key, values in sessions.items()}

    def admit(self, facts: Facts, then: Facts | None) -> Facts:
        """The facts, with `OTHER` for values beyond the month's limit.

        `then` are the facts as they were counted before. A value that was counted separately
        remains so, and an `OTHER` remains `OTHER`, so that a rebuild gives the same numbers.
        """
        before = then.values if then else (NO_VALUE,) * len(facts.values)
        month = facts.day.replace(day=1)
        told = zip(_DIMENSIONS, facts.values, before, strict=True)
        return replace(facts, values=tuple(self._admit(month, *each) for each in told))

    def _admit(self, month: date, dimension: Dimension, value: str, before: str) -> str:
        if dimension not in CHOSEN_FREELY or value == NO_VALUE:
            return value
        if OTHER in (value, before):
            return OTHER
        known = self._known.setdefault((month, dimension), set())
        if value not in known and value != before and len(known) >= VALUES_AT_MOST:
            return value if value in self._expected(month, dimension) else OTHER
        known.add(value)
        return value

    def _expected(self, month: date, dimension: Dimension) -> list[str]:
        """The month before's most frequent values, which invented values must not crowd out."""
        sessions = self._sessions.get((month_before(month), dimension), {})
        return sorted(sessions, key=lambda value: (-sessions[value], value))[:EXPECTED_AT_MOST]


def month_before(month: date) -> date:
    """The first day of the month before `month`, which is the first day of a month."""
    return (month - timedelta(days=1)).replace(day=1)

"""How many values of a dimension are told apart (docs/decisions/0028).

Shops choose their platforms and mount targets freely, and so does whoever holds a browser key that
leaked. A merchant's sums must not grow with what strangers can think of.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date

from orderguard.domain.analytics import NO_VALUE, Dimension, Facts

VALUES_AT_MOST = 100
"""Values of one dimension that are told apart among the sessions of one month."""

OTHER = "(other)"
"""The value of everything that came when a month had all the values it may have."""

CHOSEN_FREELY = (
    Dimension.PLATFORM,
    Dimension.OFFER_ORIGIN,
    Dimension.MOUNT_TARGET,
    Dimension.CART_EXPERIENCE,
)
"""Dimensions whose values callers make up; all others are bounded by what they mean."""

_DIMENSIONS = tuple(Dimension)[1:]  # those that facts have values of


class ValuesToldApart:
    """The values that each month has, and its room for more: first come, first counted."""

    def __init__(self, known: Mapping[tuple[date, str], Collection[str]]) -> None:
        """`known` has the values that are counted already, by first day of the month and dimension.

        A month that is missing has none yet.
        """
        self._known = {key: {*values} - {OTHER} for key, values in known.items()}

    def admit(self, facts: Facts, then: Facts | None) -> Facts:
        """The facts, with `OTHER` for values that the month has no room for.

        `then` are the facts as they were counted before. What was `OTHER` stays it, so that
        working everything out anew gives the same numbers.
        """
        before = then.values if then else (NO_VALUE,) * len(facts.values)
        month = facts.day.replace(day=1)
        told = zip(_DIMENSIONS, facts.values, before, strict=True)
        return replace(facts, values=tuple(self._admit(month, *each) for each in told))

    def _admit(self, month: date, dimension: Dimension, value: str, before: str) -> str:
        if dimension not in CHOSEN_FREELY or value == NO_VALUE:
            return value
        known = self._known.setdefault((month, dimension), set())
        if OTHER in (value, before) or (value not in known and len(known) >= VALUES_AT_MOST):
            return OTHER
        known.add(value)
        return value

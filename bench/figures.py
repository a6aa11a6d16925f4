"""The arithmetic behind every printed figure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import ceil
from statistics import median as _median


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of all values do not exceed (nearest rank).

    It is never interpolated, so it is a wait that one of the requests really had.
    """
    if not values:
        raise ValueError("There is no percentile of nothing.")
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered) - 1e-9) - 1)]


def median(values: Iterable[float | None]) -> float | None:
    """The median of the values that are there; None when none is."""
    known = [value for value in values if value is not None]
    return _median(known) if known else None


def ratio(one: float | None, other: float | None) -> float | None:
    """`one` divided by `other`; None when either is unknown or zero."""
    return one / other if one is not None and other else None


def spread(values: Iterable[float | None]) -> float | None:
    """The largest value less the smallest, as a share of the smallest; None without values."""
    known = [value for value in values if value is not None]
    return max(known) / min(known) - 1 if known and min(known) > 0 else None


def marginal_costs(points: Sequence[tuple[float, float]]) -> list[float]:
    """The slope between each point and the next: the cost of one more x."""
    return [
        (cost - cost_before) / (x - x_before)
        for (x_before, cost_before), (x, cost) in pairwise(points)
    ]

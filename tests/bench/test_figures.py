"""The arithmetic of the benchmark. Nothing here measures time."""

from __future__ import annotations

import pytest
from bench.figures import marginal_costs, median, percentile, ratio, spread


def test_percentile_is_a_wait_that_somebody_had():
    waits = [float(number) for number in range(1, 101)]

    assert [50, 99, 100] == [percentile(waits, share) for share in (0.5, 0.99, 0.999)]


def test_percentile_of_a_thousand_leaves_one_beyond_the_99_9th():
    waits = [float(number) for number in range(1000, 0, -1)]

    assert 999 == percentile(waits, 0.999)


def test_percentile_of_one_value_is_that_value():
    assert 7.0 == percentile([7.0], 0.01)


def test_percentile_of_nothing_is_refused():
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.5)


def test_median_passes_over_what_was_not_measured():
    assert 2 == median([None, 3, 1, None, 2])


def test_median_of_nothing_is_unknown():
    assert median([None]) is None


def test_ratio_to_nothing_is_unknown():
    assert [4.0, None, None] == [ratio(8, 2), ratio(8, 0), ratio(None, 2)]


def test_spread_is_how_far_the_largest_is_above_the_smallest():
    assert 0.25 == spread([100.0, 125.0, None])


def test_marginal_cost_is_what_one_more_costs():
    assert [2.0, 3.0] == marginal_costs([(1, 10.0), (11, 30.0), (21, 60.0)])

"""Experiments may be looked at all the time, and still seldom cry wolf (docs/decisions/0029)."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest

from orderguard.domain.analytics.experiment_statistics import (
    MeanDifference,
    Sample,
    difference,
    split_p_value,
)

RUNS = 1_000
SESSIONS = 20_000
"""Per arm and run."""
LOOKS = 40
ATTACH_RATE = 0.22
ALPHA = 0.05


def _binomial(random: Random, trials: int, probability: float) -> int:
    """Close enough to a binomial draw, and quick."""
    mean, deviation = trials * probability, (trials * probability * (1 - probability)) ** 0.5
    if deviation < 3:
        return sum(random.random() < probability for _ in range(trials))
    return min(trials, max(0, round(random.gauss(mean, deviation))))


def test_a_plain_interval_would_raise_far_more_alarms() -> None:
    """Why all this is needed: the fixed-sample test, looked at as often."""
    random, alarms = Random(7), 0
    for _ in range(300):
        arm = baseline = 0
        each = SESSIONS // LOOKS
        for look in range(1, LOOKS + 1):
            arm += _binomial(random, each, ATTACH_RATE)
            baseline += _binomial(random, each, ATTACH_RATE)
            count = look * each
            error = (2 * ATTACH_RATE * (1 - ATTACH_RATE) / count) ** 0.5
            if abs(arm - baseline) / count > 1.96 * error:
                alarms += 1
                break

    assert alarms > 300 * 0.15


@pytest.mark.parametrize(
    ("arm", "baseline"),
    [
        (Sample.of_yes_or_no(199, 50), Sample.of_yes_or_no(5_000, 900)),
        (Sample.of_yes_or_no(5_000, 9), Sample.of_yes_or_no(5_000, 10)),
    ],
)
def test_small_numbers_say_nothing(arm: Sample, baseline: Sample) -> None:
    assert difference(arm, baseline, alpha=ALPHA) is None


def test_an_interval_is_around_the_estimate_and_narrows_with_sessions() -> None:
    widths = []
    for count in (1_000, 10_000, 100_000):
        found = difference(
            Sample.of_yes_or_no(count, count // 4),
            Sample.of_yes_or_no(count, count // 5),
            alpha=ALPHA,
        )
        assert found
        assert 0.05 == pytest.approx(found.estimate)
        assert 0.05 == pytest.approx((found.lower + found.upper) / 2)
        widths.append(found.upper - found.lower)

    assert all(wider > 2 * narrower for wider, narrower in pairwise(widths))


def test_a_smaller_alpha_makes_a_wider_interval() -> None:
    arm, baseline = Sample.of_yes_or_no(5_000, 1_200), Sample.of_yes_or_no(5_000, 1_000)

    narrow, wide = (difference(arm, baseline, alpha=alpha) for alpha in (0.05, 0.01))

    assert narrow
    assert wide
    assert wide.lower < narrow.lower < narrow.upper < wide.upper


def test_the_margin_is_the_one_of_the_paper() -> None:
    """Equation 2.3 with unit variance, worked out by hand for n = 5,000 and rho² = 0.0015872."""
    arm, baseline = Sample(10_000, 0, 10_000, 10_000), Sample(10_000, 0, 10_000, 10_000)

    found = difference(arm, baseline, alpha=0.05)

    # sqrt(2 (n rho² + 1) / (n² rho²) · log(sqrt(n rho² + 1) / alpha)), n = 5,000
    assert found
    assert 0.042_92 == pytest.approx(found.upper, abs=0.000_005)


def test_arms_in_which_nothing_varies_have_an_exact_difference() -> None:
    found = difference(Sample(500, 500, 500, 500), Sample(500, 0, 0, 0), alpha=ALPHA)

    assert MeanDifference(1, 1, 1) == found


def test_only_an_interval_without_zero_is_certain() -> None:
    assert MeanDifference(0.2, 0.1, 0.3).is_certain
    assert MeanDifference(-0.2, -0.3, -0.1).is_certain
    assert not MeanDifference(0.1, -0.1, 0.3).is_certain
    assert not MeanDifference(0.1, 0, 0.2).is_certain


def test_an_even_split_is_unsuspicious_and_a_broken_one_is_not() -> None:
    assert split_p_value([5_010, 4_990], [1, 1]) == 1
    assert split_p_value([9_050, 950], [9, 1]) > 0.5
    assert split_p_value([5_500, 4_500], [1, 1]) < 0.000_1


def test_a_right_split_that_is_watched_all_the_time_is_seldom_called_wrong() -> None:
    random, alarms = Random(11), 0
    for _ in range(RUNS):
        counts = [0, 0]
        for _ in range(LOOKS):
            first = _binomial(random, 500, 0.5)
            counts = [counts[0] + first, counts[1] + 500 - first]
            if split_p_value(counts, [1, 1]) < ALPHA:
                alarms += 1
                break

    assert alarms <= RUNS * ALPHA

"""Experiments may be looked at all the time, and still seldom cry wolf (docs/decisions/0029)."""

from __future__ import annotations

from itertools import pairwise
from math import inf
from random import Random

import pytest

from orderguard.domain.experiment_statistics import (
    Difference,
    Sample,
    difference,
    relative,
    split_p_value,
)

RUNS = 1_000
SESSIONS = 20_000
"""Per arm and run."""
LOOKS = 40
ATTACH_RATE = 0.22
FEES = (1_98, 2_98, 4_98, 9_98, 24_98)
ALPHA = 0.05


def _grown(sample: Sample, accepted: int, random: Random, *, sessions: int) -> Sample:
    """More sessions of an arm, each of which earns nothing or one of the fees."""
    added = squares = 0
    left = accepted
    for place, fee in enumerate(FEES):
        count = left if place == len(FEES) - 1 else min(left, _binomial(random, left, 1 / 3))
        left -= count
        added += count * fee
        squares += count * fee * fee
    return Sample(
        sample.sessions + sessions,
        sample.sum + added,
        sample.squares + squares,
        sample.events + accepted,
    )


def _binomial(random: Random, trials: int, probability: float) -> int:
    """Close enough to a binomial draw, and quick."""
    mean, deviation = trials * probability, (trials * probability * (1 - probability)) ** 0.5
    if deviation < 3:
        return sum(random.random() < probability for _ in range(trials))
    return min(trials, max(0, round(random.gauss(mean, deviation))))


def _alarms(random: Random, *, lift: float = 0.0) -> bool:
    """Whether any of many looks at one experiment finds a difference."""
    arm = baseline = Sample(0, 0, 0, 0)
    each = SESSIONS // LOOKS
    for _ in range(LOOKS):
        arm = _grown(arm, _binomial(random, each, ATTACH_RATE + lift), random, sessions=each)
        baseline = _grown(baseline, _binomial(random, each, ATTACH_RATE), random, sessions=each)
        rates = (Sample.of_yes_or_no(each_.sessions, each_.events) for each_ in (arm, baseline))
        found = (
            difference(arm, baseline, alpha=ALPHA / 2),
            difference(*rates, alpha=ALPHA / 2),
        )
        if any(each_ and each_.is_certain for each_ in found):
            return True
    return False


def test_of_a_thousand_experiments_without_a_difference_at_most_one_in_twenty_raises_an_alarm() -> (
    None
):
    random = Random(2026)

    alarms = sum(_alarms(random) for _ in range(RUNS))

    assert alarms <= RUNS * ALPHA


def test_a_difference_that_is_there_is_found() -> None:
    random = Random(2026)

    found = sum(_alarms(random, lift=0.03) for _ in range(100))

    assert found >= 95


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

    assert Difference(1, 1, 1) == found


def test_only_an_interval_without_zero_is_certain() -> None:
    assert Difference(0.2, 0.1, 0.3).is_certain
    assert Difference(-0.2, -0.3, -0.1).is_certain
    assert not Difference(0.1, -0.1, 0.3).is_certain
    assert not Difference(0.1, 0, 0.2).is_certain


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


def test_a_lift_is_told_as_a_part_of_the_baseline() -> None:
    baseline = Sample.of_yes_or_no(1_000, 200)

    assert 0.25 == pytest.approx(relative(Difference(0.05, 0.01, 0.09), baseline))
    assert inf == relative(Difference(0.05, 0.01, 0.09), Sample.of_yes_or_no(1_000, 0))

"""Statistics for experiments that stay valid however often one looks (docs/decisions/0029).

Numbers in here are estimates: amounts come in as whole minor units, and nothing that goes out is
ever charged or booked. Variances are worked out from whole numbers, exactly, before any division.

An interval is an asymptotic confidence sequence: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas,
"Time-uniform central limit theory and asymptotic confidence sequences", Annals of Statistics 52
(2024), theorem 2.2, for a difference of two means. The check of the split is the sequential
multinomial test: Lindon and Malek, "Anytime-valid inference for multinomial count data", NeurIPS
2022.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, log, sqrt

ALPHA = 0.05
"""The probability that an experiment without any difference ever reports one, over all its tests.
"""

TIGHTEST_AT = 5_000
"""Sessions (of two arms together, see `_sessions_worth`) at which intervals are narrowest."""

SESSIONS_PER_ARM_AT_LEAST = 200
EVENTS_AT_LEAST = 20
"""Fewer events give no result: the statistical guarantee is asymptotic."""

_SPLIT_TRUST = 1_000
"""The weight of the planned split as a prior, in sessions."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One figure over the sessions of an arm: their number, the sum and the sum of squares.

    `events` is the number of sessions with a value other than zero.
    """

    sessions: int
    sum: int
    squares: int
    events: int

    @classmethod
    def of_yes_or_no(cls, sessions: int, yes: int) -> Sample:
        """The sample of a figure that is 1 in `yes` of the sessions, and 0 in the others."""
        return cls(sessions, yes, yes, yes)

    @property
    def is_possible(self) -> bool:
        """Whether so many sessions can have this sum and these squares."""
        return self.sum * self.sum <= self.sessions * self.squares

    @property
    def mean(self) -> float:
        return self.sum / self.sessions

    @property
    def variance(self) -> float:
        """The variance of one session; exact up to the division, so that equal amounts give 0."""
        spread = self.sessions * self.squares - self.sum * self.sum
        return spread / (self.sessions * self.sessions)


@dataclass(frozen=True, slots=True)
class MeanDifference:
    """The difference between two arms' means, and its confidence interval.

    The interval is anytime-valid: its probability covers all times at once, so that one may look at
    the results and stop whenever one likes.
    """

    estimate: float
    lower: float
    upper: float

    @property
    def is_certain(self) -> bool:
        """Whether the difference is statistically significant: the interval excludes zero."""
        return self.lower > 0 or self.upper < 0


def difference(arm: Sample, baseline: Sample, *, alpha: float) -> MeanDifference | None:
    """The arm's mean less the baseline's; None while it is too early to tell.

    `alpha` is the probability that the interval ever misses the truth.
    """
    samples = (arm, baseline)
    if min(sample.sessions for sample in samples) < SESSIONS_PER_ARM_AT_LEAST:
        return None
    if sum(sample.events for sample in samples) < EVENTS_AT_LEAST:
        return None
    squared_error = sum(sample.variance / sample.sessions for sample in samples)
    estimate = arm.mean - baseline.mean
    margin = _margin(squared_error, _sessions_worth(arm.sessions, baseline.sessions), alpha)
    return MeanDifference(estimate, estimate - margin, estimate + margin)


def _sessions_worth(first: int, second: int) -> float:
    """The number of single-sample sessions that are as informative as two arms."""
    return first * second / (first + second)


def _margin(squared_error: float, sessions: float, alpha: float) -> float:
    """The half width of a confidence sequence whose standard error is known so far."""
    mixed = sessions * _rho_squared(alpha) + 1
    return sqrt(squared_error * 2 * mixed / (mixed - 1) * log(sqrt(mixed) / alpha))


def _rho_squared(alpha: float) -> float:
    """The mixture that makes intervals narrowest at `TIGHTEST_AT` sessions (ibid., appendix B)."""
    return (-2 * log(alpha) + log(-2 * log(alpha) + 1)) / TIGHTEST_AT


def split_p_value(counts: Sequence[int], weights: Sequence[int]) -> float:
    """The p-value, valid at any time, of the sessions' split if the planned weights are right.

    A small value means that the arms cannot be compared: sessions of one of them get lost.
    """
    total, planned = sum(counts), sum(weights)
    evidence = lgamma(_SPLIT_TRUST) - lgamma(_SPLIT_TRUST + total)
    for count, weight in zip(counts, weights, strict=True):
        share = weight / planned
        prior = _SPLIT_TRUST * share
        evidence += lgamma(prior + count) - lgamma(prior) - count * log(share)
    return exp(-evidence) if evidence > 0 else 1


def shared(alpha: float, among: int) -> float:
    """Bonferroni: the error rate of each of `among` tests, if all together may have `alpha`."""
    return alpha / among

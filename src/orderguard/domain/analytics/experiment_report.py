"""Report the results of an experiment so far, from the counts of its arms (docs/decisions/0035).

Every arm is compared with one baseline. Estimates are whole numbers in ten-thousandths: of a
session for rates, so basis points, and of a minor unit for money.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from orderguard.domain.analytics.analytics import Cell, Measure, joined_square
from orderguard.domain.analytics.experiment_statistics import (
    ALPHA,
    MeanDifference,
    Sample,
    difference,
    shared,
    split_p_value,
)
from orderguard.domain.analytics.report import Numbers, numbers_of, share_bps
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.configuration.experiment import Arm, Experiment, ExperimentStatus
from orderguard.domain.money import BASIS_POINTS


class Figure(StrEnum):
    """The figures that arms are compared by, each per session that took part in the experiment.

    Against a baseline that sees no offer, only revenue and conversion are compared: without an
    offer there is no acceptance, and no fee to remove.
    """

    ATTACH_RATE = "attach_rate"
    REVENUE = "revenue"
    """Fees earned, net of reversals: one currency at a time."""
    CONVERSION = "conversion"
    """Sessions with an order, protected or not: whether the offer costs orders."""
    REMOVALS = "removals"
    """Sessions in which the fee was taken off after the order: what a price too high leads to."""

    @property
    def is_guardrail(self) -> bool:
        """Whether the figure is a guardrail: monitored for harm, but no goal of its own."""
        return self in (Figure.CONVERSION, Figure.REMOVALS)

    @property
    def less_is_better(self) -> bool:
        return self is Figure.REMOVALS


class Verdict(StrEnum):
    """The result of comparing one figure of an arm with the baseline's."""

    TOO_EARLY = "too_early"
    NO_DIFFERENCE_YET = "no_difference_yet"
    BETTER = "better"
    WORSE = "worse"

    @property
    def is_certain(self) -> bool:
        return self in (Verdict.BETTER, Verdict.WORSE)


CLAIMS = len(Figure) + 1
"""The number of tests that share the allowed error (Bonferroni): one per figure, and the split."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An arm's difference from the baseline, with its confidence limits. Ten-thousandths."""

    estimate: int
    lower: int
    upper: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedFigure:
    """One figure of one arm and of the baseline, in ten-thousandths; None without sessions.

    `currency` is empty for rates. `interval` is None while it is too early.
    """

    figure: Figure
    currency: str
    arm: int | None
    baseline: int | None
    interval: Interval | None
    verdict: Verdict

    @property
    def lift_bps(self) -> int | None:
        """The relative difference in basis points; None when the baseline is zero."""
        if self.interval is None or self.baseline is None:
            return None
        return share_bps(self.interval.estimate, self.baseline)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmReading:
    """One arm: how many sessions took part, and how it compares. The baseline has no readings.

    `is_like_the_baseline` warns of an arm that no price plan asks for, and that hides nothing.
    """

    arm: Arm
    numbers: Numbers
    readings: tuple[ComparedFigure, ...] = ()
    is_like_the_baseline: bool = False

    @property
    def sessions(self) -> int:
        return self.numbers.count(Measure.ANALYSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentReport:
    """An experiment with the comparison of its arms.

    `first` and `last` are days with sessions; None when the caller passed no days, or there are
    none.
    """

    experiment: Experiment
    baseline: str
    arms: tuple[ArmReading, ...]
    is_split_broken: bool
    first: date | None
    last: date | None

    @property
    def sessions(self) -> int:
        return sum(arm.sessions for arm in self.arms)

    @property
    def is_holdout(self) -> bool:
        """Whether the experiment measures the effect of the offer itself, not of its price."""
        return any(arm.suppress for arm in self.experiment.arms)

    @property
    def compared(self) -> tuple[ArmReading, ...]:
        """The arms but the baseline."""
        return tuple(each for each in self.arms if each.arm.name != self.baseline)


def report_on(
    experiment: Experiment,
    configuration: MerchantConfiguration,
    counted: Mapping[str, Counts],
    *,
    days: Collection[date] = (),
) -> ExperimentReport:
    """Compare the arms by their counts, given by arm name. `days` are the days with sessions."""
    baseline = baseline_of(experiment)
    counts = {arm.name: counted.get(arm.name, NOTHING) for arm in experiment.arms}
    currencies = _currencies(configuration, counts.values())
    comparisons = len(experiment.arms) - 1
    alpha = shared(ALPHA, CLAIMS)
    return ExperimentReport(
        experiment=experiment,
        baseline=baseline.name,
        arms=tuple(
            ArmReading(
                arm=arm,
                numbers=counts[arm.name].numbers,
                readings=()
                if arm == baseline
                else _readings(
                    counts[arm.name],
                    counts[baseline.name],
                    currencies,
                    is_offered=not baseline.suppress,
                    alpha=shared(alpha, comparisons),
                ),
                is_like_the_baseline=arm != baseline
                and experiment.status is not ExperimentStatus.STOPPED
                and _changes_nothing(arm, configuration),
            )
            for arm in experiment.arms
        ),
        is_split_broken=_is_split_broken(experiment, counts, alpha=alpha),
        first=min(days, default=None),
        last=max(days, default=None),
    )


def baseline_of(experiment: Experiment) -> Arm:
    """The arm that others are compared with: the first that sees no offer, or else the first."""
    return next((arm for arm in experiment.arms if arm.suppress), experiment.arms[0])


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of one arm, from the rollups, for the comparison with the baseline.

    `squares` is the sum over sessions of the squared revenue, and `accepted` the number of
    accepting sessions; both are by currency code.
    """

    numbers: Numbers = field(default_factory=Numbers)
    squares: Mapping[str, int] = field(default_factory=dict)
    accepted: Mapping[str, int] = field(default_factory=dict)
    """By the carts' currency."""

    @classmethod
    def of(cls, cells: Iterable[tuple[Cell, int]]) -> Counts:
        """Sum the cells of an arm."""
        found = list(cells)
        high, low, accepted = (
            _by_currency(found, measure)
            for measure in (Measure.SQUARES_HIGH, Measure.SQUARES_LOW, Measure.ACCEPTED)
        )
        return cls(
            numbers=numbers_of(found),
            squares={code: joined_square(high[code], low[code]) for code in {*high, *low}},
            accepted=accepted,
        )

    def yes_or_no(self, measure: Measure) -> Sample:
        """The sample of a yes-or-no figure: 1 or 0 per session."""
        return Sample.of_yes_or_no(
            self.numbers.count(Measure.ANALYSED), self.numbers.count(measure)
        )

    def revenue(self, currency: str) -> Sample:
        """The sample of revenue in this currency, over the sessions with carts in it."""
        sample = Sample(
            self.numbers.sessions_by_currency.get(currency, 0),
            self.numbers.amount(Measure.REVENUE, currency),
            self.squares.get(currency, 0),
            self.accepted.get(currency, 0),
        )
        # Fees in a currency that is not the carts' cannot be told per session of that currency.
        return sample if sample.is_possible else Sample(0, 0, 0, 0)


NOTHING = Counts()


def _by_currency(cells: Iterable[tuple[Cell, int]], measure: Measure) -> Counter[str]:
    found: Counter[str] = Counter()
    for cell, number in cells:
        if cell.measure == measure:
            found[cell.currency] += number
    return found


def _currencies(configuration: MerchantConfiguration, counts: Iterable[Counts]) -> Sequence[str]:
    """The currencies to compare: the configured ones, and any other with sessions.

    The configured ones are always included, so that the number of comparisons does not depend on
    the outcome of the experiment.
    """
    seen = {currency for each in counts for currency in each.numbers.sessions_by_currency}
    return sorted({*configuration.currencies, *seen})


def _readings(
    arm: Counts,
    baseline: Counts,
    currencies: Collection[str],
    *,
    is_offered: bool,
    alpha: float,
) -> tuple[ComparedFigure, ...]:
    def rate(figure: Figure, measure: Measure) -> ComparedFigure:
        return _reading(figure, arm.yes_or_no(measure), baseline.yes_or_no(measure), alpha=alpha)

    revenue = [
        _reading(
            Figure.REVENUE,
            arm.revenue(currency),
            baseline.revenue(currency),
            currency=currency,
            alpha=shared(alpha, len(currencies)),
        )
        for currency in currencies
        if any(each.numbers.sessions_by_currency.get(currency) for each in (arm, baseline))
    ]
    conversion = rate(Figure.CONVERSION, Measure.ORDERS)
    if not is_offered:
        return (*revenue, conversion)
    attach_rate = rate(Figure.ATTACH_RATE, Measure.ACCEPTED)
    return (attach_rate, *revenue, conversion, rate(Figure.REMOVALS, Measure.REMOVED))


def _reading(
    figure: Figure, arm: Sample, baseline: Sample, *, alpha: float, currency: str = ""
) -> ComparedFigure:
    found = difference(arm, baseline, alpha=alpha)
    return ComparedFigure(
        figure=figure,
        currency=currency,
        arm=share_bps(arm.sum, arm.sessions),
        baseline=share_bps(baseline.sum, baseline.sessions),
        interval=_interval(found) if found else None,
        verdict=_verdict(figure, found),
    )


def _interval(found: MeanDifference) -> Interval:
    return Interval(
        *(round(each * BASIS_POINTS) for each in (found.estimate, found.lower, found.upper))
    )


def _verdict(figure: Figure, found: MeanDifference | None) -> Verdict:
    if found is None:
        return Verdict.TOO_EARLY
    if not found.is_certain:
        return Verdict.NO_DIFFERENCE_YET
    is_better = (found.estimate > 0) is not figure.less_is_better
    return Verdict.BETTER if is_better else Verdict.WORSE


def _is_split_broken(experiment: Experiment, counts: Mapping[str, Counts], *, alpha: float) -> bool:
    sessions = [counts[arm.name].numbers.count(Measure.ANALYSED) for arm in experiment.arms]
    return split_p_value(sessions, [arm.weight for arm in experiment.arms]) < alpha


def _changes_nothing(arm: Arm, configuration: MerchantConfiguration) -> bool:
    conditions = [
        plan.when.source
        for plans in configuration.pricing.values()
        for plan in plans
        if plan.when is not None
    ]
    quoted = (f'"{arm.name}"', f"'{arm.name}'")
    asks_for_it = any(
        "cohort" in source and any(name in source for name in quoted) for source in conditions
    )
    return not arm.suppress and not asks_for_it

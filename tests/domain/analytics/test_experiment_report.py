"""What is read off an experiment, and how seldom it is wrong (docs/decisions/0029 and 0035)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from random import Random
from typing import Any

import pytest

from orderguard.domain.analytics.analytics import Cell, Dimension, Measure, arm_value, split_square
from orderguard.domain.analytics.experiment_report import (
    ArmReading,
    ComparedFigure,
    Counts,
    ExperimentReport,
    Figure,
    Interval,
    Verdict,
    baseline_of,
    report_on,
)
from orderguard.domain.analytics.experiment_words import (
    advice,
    figure_name,
    interval_words,
    lift_words,
    mean_words,
    verdict_words,
    warnings,
)
from orderguard.domain.analytics.report import Numbers
from orderguard.domain.configuration.experiment import Arm, Experiment, ExperimentStatus
from orderguard.domain.money import JPY, USD
from tests.support.builders import a_configuration

RUNS = 1_000
LOOKS = [600 * 14**number // 10**number for number in range(12)]
"""How many more sessions there are at each look, of both arms together; 84,000 in the end."""
FEES = {USD: (2_98, 4_98, 24_98), JPY: (280, 990)}
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)

PRICE_TEST = Experiment("dearer", ExperimentStatus.RUNNING, (Arm("usual", 1), Arm("dearer", 1)))
HOLDOUT = Experiment(
    "holdout", ExperimentStatus.RUNNING, (Arm("offered", 90), Arm("control", 10, suppress=True))
)
CONFIGURATION = a_configuration(currencies=["USD", "JPY"])


class Shop:
    """What many sessions of one arm come to, in two currencies."""

    def __init__(self, random: Random, *, attach_rate: float = 0.22) -> None:
        self._random = random
        self._attach_rate = attach_rate
        self._counts = dict.fromkeys(
            (Measure.ANALYSED, Measure.ACCEPTED, Measure.ORDERS, Measure.REMOVED), 0
        )
        self._by_currency = {code: [0, 0, 0, 0] for code in FEES}

    def sees(self, sessions: int) -> None:
        """More sessions, two thirds of them in dollars."""
        in_dollars = _binomial(self._random, sessions, 2 / 3)
        for code, count in ((USD, in_dollars), (JPY, sessions - in_dollars)):
            accepted = _binomial(self._random, count, self._attach_rate)
            ordered = accepted + _binomial(self._random, count - accepted, 0.4)
            removed = _binomial(self._random, accepted, 0.03)
            self._counts[Measure.ANALYSED] += count
            self._counts[Measure.ACCEPTED] += accepted
            self._counts[Measure.ORDERS] += ordered
            self._counts[Measure.REMOVED] += removed
            self._earn(code, count, accepted, accepted - removed)

    def _earn(self, code: str, sessions: int, accepted: int, paid: int) -> None:
        sums = self._by_currency[code]
        sums[0] += sessions
        sums[3] += accepted
        fees = FEES[code]
        for place, fee in enumerate(fees):
            is_last = place == len(fees) - 1
            count = paid if is_last else _binomial(self._random, paid, 1 / (len(fees) - place))
            paid -= count
            sums[1] += count * fee
            sums[2] += count * fee * fee

    def counts(self) -> Counts:
        by_currency = self._by_currency.items()
        return Counts(
            Numbers(
                dict(self._counts),
                {code: {Measure.REVENUE: sums[1]} for code, sums in by_currency},
                {code: sums[0] for code, sums in by_currency},
            ),
            {code: sums[2] for code, sums in by_currency},
            {code: sums[3] for code, sums in by_currency},
        )


def _binomial(random: Random, trials: int, probability: float) -> int:
    """Close enough to a binomial draw, and quick."""
    mean, deviation = trials * probability, (trials * probability * (1 - probability)) ** 0.5
    if deviation < 2:
        return sum(random.random() < probability for _ in range(trials))
    return min(trials, max(0, round(random.gauss(mean, deviation))))


def _cries_wolf(random: Random, **second: float) -> bool:
    """Whether any of many looks at a whole read-out finds anything at all."""
    usual, dearer = Shop(random), Shop(random, **second)
    for sessions in LOOKS:
        share = _binomial(random, sessions, 0.5)
        usual.sees(share)
        dearer.sees(sessions - share)
        found = report_on(
            PRICE_TEST, CONFIGURATION, {"usual": usual.counts(), "dearer": dearer.counts()}
        )
        readings = found.compared[0].readings
        if found.is_split_broken or any(each.verdict.is_certain for each in readings):
            return True
    return False


def test_of_a_thousand_read_outs_without_a_difference_at_most_fifty_claim_one() -> None:
    random = Random(2026)

    alarms = sum(_cries_wolf(random) for _ in range(RUNS))

    assert alarms <= RUNS // 20


def test_a_difference_that_is_there_is_found() -> None:
    random = Random(2026)

    found = sum(_cries_wolf(random, attach_rate=0.26) for _ in range(40))

    assert found >= 38


def a_report(
    experiment: Experiment = PRICE_TEST,
    configuration: Any = CONFIGURATION,
    **arms: Mapping[str, int],
) -> ExperimentReport:
    """A read-out of these counts by arm: `dearer={"analysed": 1_000}`; fees are all 5.00 USD."""
    return report_on(
        experiment,
        configuration,
        {name: Counts.of(_cells(counts).items()) for name, counts in arms.items()},
    )


def _cells(counts: Mapping[str, int], currency: str = USD) -> dict[Cell, int]:
    def cell(measure: str, day: date = MONDAY) -> Cell:
        return Cell(day, Dimension.EXPERIMENT, arm_value("x", "y"), currency, measure)

    cells = {cell(measure): number for measure, number in counts.items()}
    paid = counts.get(Measure.ACCEPTED, 0) - counts.get(Measure.REMOVED, 0)
    high, low = split_square(5_00)
    cells[cell(Measure.REVENUE)] = paid * 5_00
    cells[cell(Measure.SQUARES_HIGH)] = paid * high
    cells[cell(Measure.SQUARES_LOW)] = paid * low
    return cells


def sessions(analysed: int, *, accepted: int = 0, orders: int = 0, removed: int = 0) -> Any:
    return {
        Measure.ANALYSED: analysed,
        Measure.ACCEPTED: accepted,
        Measure.ORDERS: orders,
        Measure.REMOVED: removed,
    }


def reading_of(report: ExperimentReport, figure: Figure, currency: str = "") -> ComparedFigure:
    return next(
        each
        for each in report.compared[0].readings
        if (each.figure, each.currency) == (figure, currency)
    )


def verdicts(report: ExperimentReport) -> dict[Figure, Verdict]:
    return {each.figure: each.verdict for each in report.compared[0].readings}


USUAL = sessions(10_000, accepted=2_000, orders=5_000, removed=20)


def test_the_arm_without_an_offer_is_the_baseline_or_else_the_first_one() -> None:
    assert "control" == baseline_of(HOLDOUT).name
    assert "usual" == baseline_of(PRICE_TEST).name


def test_figures_are_per_session_that_took_part() -> None:
    report = a_report(usual=USUAL, dearer=sessions(10_000, accepted=1_500, orders=5_000))

    assert (20_000, "usual", ["dearer"]) == (
        report.sessions,
        report.baseline,
        [each.arm.name for each in report.compared],
    )
    attach_rate = reading_of(report, Figure.ATTACH_RATE)
    assert (15_00, 20_00) == (attach_rate.arm, attach_rate.baseline)
    revenue = reading_of(report, Figure.REVENUE, USD)
    assert (75_0000, 99_0000) == (revenue.arm, revenue.baseline)
    assert Verdict.WORSE is attach_rate.verdict
    assert attach_rate.interval
    assert -5_00 == attach_rate.interval.estimate
    assert -25_00 == attach_rate.lift_bps


def test_less_is_better_only_where_fees_are_taken_off() -> None:
    report = a_report(
        usual=sessions(10_000, accepted=2_000, orders=4_000, removed=1_000),
        dearer=sessions(10_000, accepted=2_000, orders=5_000, removed=10),
    )

    assert {
        Figure.ATTACH_RATE: Verdict.NO_DIFFERENCE_YET,
        Figure.REVENUE: Verdict.BETTER,
        Figure.CONVERSION: Verdict.BETTER,
        Figure.REMOVALS: Verdict.BETTER,
    } == verdicts(report)


def test_a_holdout_compares_what_shoppers_without_an_offer_can_do() -> None:
    report = a_report(HOLDOUT, offered=USUAL, control=sessions(1_100, accepted=0, orders=550))

    assert report.is_holdout
    assert [Figure.REVENUE, Figure.CONVERSION] == list(verdicts(report))
    assert advice(report).startswith("Go with offered: offered certainly earns more per session")


def test_currencies_are_read_apart_and_only_those_with_sessions() -> None:
    cells = _cells(sessions(5_000, accepted=1_000)) | _cells(
        sessions(5_000, accepted=1_000), currency=JPY
    )
    counts = Counts.of(cells.items())

    report = report_on(
        PRICE_TEST,
        a_configuration(currencies=["USD", "JPY", "KWD"]),
        {"usual": counts, "dearer": counts},
    )

    of_money = [each.currency for each in report.compared[0].readings if each.currency]
    assert [JPY, USD] == of_money
    assert 10_000 == report.arms[0].sessions


def test_fees_in_a_currency_that_carts_did_not_have_are_no_figure() -> None:
    fees = 300
    counts = Counts(
        Numbers({Measure.ANALYSED: 400}, {USD: {Measure.REVENUE: fees * 5_00}}, {USD: 1}),
        {USD: fees * 5_00**2},
        {USD: fees},
    )

    report = report_on(PRICE_TEST, CONFIGURATION, {"usual": counts, "dearer": counts})

    revenue = reading_of(report, Figure.REVENUE, USD)
    assert (Verdict.TOO_EARLY, None, None) == (revenue.verdict, revenue.arm, revenue.lift_bps)


def test_it_is_about_the_days_with_sessions() -> None:
    report = report_on(PRICE_TEST, CONFIGURATION, {}, days=[TUESDAY, MONDAY])

    assert (MONDAY, TUESDAY) == (report.first, report.last)


def test_a_split_that_is_not_the_planned_one_is_broken_and_decides_nothing() -> None:
    report = a_report(usual=USUAL, dearer=sessions(8_000, accepted=3_000, orders=4_000))

    assert report.is_split_broken
    assert "Do not decide by these numbers: the split into arms is broken." == advice(report)
    *_, warning = warnings(report)
    assert "usual: 10,000 sessions, dearer: 8,000 sessions" in warning


def test_an_arm_that_no_price_plan_asks_for_is_warned_of() -> None:
    plans = [
        {"when": 'cohort == "dearer"', "base": {"USD": 3_98}},
        {"when": "always", "base": {"USD": 2_98}},
        {"base": {"USD": 2_98}},
    ]
    priced = a_configuration(
        pricing={"returnCoverage": plans, "shippingProtection": [{"base": {"USD": 2_00}}]}
    )
    stopped = Experiment("dearer", ExperimentStatus.STOPPED, PRICE_TEST.arms)

    assert [] == warnings(a_report(configuration=priced))
    assert [] == warnings(a_report(stopped))
    assert [] == warnings(a_report(HOLDOUT))
    assert [
        "No price plan asks for cohort == 'dearer', so this arm pays what everybody pays."
    ] == warnings(a_report())


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (ExperimentStatus.DRAFT, "Start it when you are ready; a draft changes nothing."),
        (
            ExperimentStatus.RUNNING,
            "Wait: no shopper who agreed to experiments has come yet.",
        ),
        (
            ExperimentStatus.STOPPED,
            "Nothing to decide: it was stopped before anybody took part.",
        ),
    ],
)
def test_without_sessions_it_depends_on_whether_any_may_come(
    status: ExperimentStatus, says: str
) -> None:
    report = a_report(Experiment("dearer", status, PRICE_TEST.arms))

    assert (says, None) == (advice(report), report.first)


DEARER = {
    "fewer orders": (
        sessions(10_000, accepted=3_000, orders=4_000),
        "Keep usual: dearer certainly leads to fewer orders (between",
    ),
    "fees taken off": (
        sessions(10_000, accepted=3_000, orders=5_000, removed=400),
        "Keep usual: dearer certainly has more fees taken off (between",
    ),
    "worse": (
        sessions(10_000, accepted=1_500, orders=5_000),
        "Keep usual: dearer certainly earns less per session in USD (between",
    ),
    "better": (
        sessions(10_000, accepted=2_600, orders=5_000),
        "Go with dearer: dearer certainly earns more per session in USD (between",
    ),
    "as good": (
        sessions(10_000, accepted=2_010, orders=5_000),
        "Let it run: no difference is certain yet (usual: 10,000 sessions, dearer: 10,000",
    ),
}


@pytest.mark.parametrize(("dearer", "says"), DEARER.values(), ids=DEARER)
def test_the_advice_is_one_sentence(dearer: Any, says: str) -> None:
    assert advice(a_report(usual=USUAL, dearer=dearer)).startswith(says)


def test_at_first_it_is_too_early_to_tell() -> None:
    report = a_report(usual=sessions(150, accepted=30), dearer=sessions(150, accepted=90))

    assert {Verdict.TOO_EARLY} == set(verdicts(report).values())
    assert advice(report).startswith("Let it run: it is too early to tell (usual: 150")
    assert "Too early: it takes 200 sessions in each arm" in verdict_words(
        reading_of(report, Figure.ATTACH_RATE)
    )


def test_an_experiment_that_ended_undecided_leaves_things_as_they_were() -> None:
    stopped = Experiment("dearer", ExperimentStatus.STOPPED, PRICE_TEST.arms)

    report = a_report(stopped, usual=USUAL, dearer=USUAL)

    assert "Keep usual: nothing was certain when it ended." == advice(report)


def test_more_at_a_higher_price_that_fewer_pay_has_to_be_weighed() -> None:
    report = a_report(
        Experiment("dearer", ExperimentStatus.RUNNING, (*PRICE_TEST.arms, Arm("cheaper", 1))),
        usual=USUAL,
        dearer=sessions(10_000, accepted=1_500, orders=5_000),
        cheaper=sessions(10_000, accepted=2_600, orders=5_000),
    )

    said = advice(report)

    assert said.startswith("Weigh it: cheaper certainly earns more per session in USD (between")
    assert "but dearer certainly earns less per session in USD" in said


RUNNING, STOPPED = ExperimentStatus.RUNNING, ExperimentStatus.STOPPED
# A lower price, at which more accept, or a higher one, at which fewer do. Both earn about the same.
LOWER, HIGHER = (2_500, 9_900_00, "attaches more often"), (1_600, 10_100_00, "attaches less often")


@pytest.mark.parametrize(
    ("status", "price", "begins", "ends"),
    [
        (RUNNING, LOWER, "Let it run: ", "but what that earns is not certain yet."),
        (STOPPED, LOWER, "Keep usual: ", "but what that earns was not certain."),
        (RUNNING, HIGHER, "Let it run: ", "but what that earns is not certain yet."),
        (STOPPED, HIGHER, "Keep usual: ", "and what that earns was not certain."),
    ],
)
def test_how_often_an_arm_attaches_alone_decides_nothing(
    status: ExperimentStatus, price: tuple[int, int, str], begins: str, ends: str
) -> None:
    accepted, revenue, attaches = price
    other = Counts.of(_cells(sessions(10_000, accepted=accepted, orders=5_000)).items())
    other.numbers.money[USD][Measure.REVENUE] = revenue  # type: ignore[index]
    usual = Counts.of(_cells(USUAL).items())

    report = report_on(
        Experiment("price", status, (Arm("usual", 1), Arm("other", 1))),
        CONFIGURATION,
        {"usual": usual, "other": other},
    )

    said = advice(report)
    assert said.startswith(f"{begins}other certainly {attaches}")
    assert said.endswith(ends)


def test_all_arms_that_are_better_are_named() -> None:
    better = sessions(10_000, accepted=2_600, orders=5_000)

    report = a_report(
        Experiment("dearer", ExperimentStatus.RUNNING, (*PRICE_TEST.arms, Arm("cheaper", 1))),
        usual=USUAL,
        dearer=better,
        cheaper=better,
    )

    assert advice(report).startswith("Go with dearer or cheaper: dearer certainly earns more")


def a_reading(**changes: Any) -> ComparedFigure:
    known: dict[str, Any] = {
        "figure": Figure.ATTACH_RATE,
        "currency": "",
        "arm": 23_45,
        "baseline": 20_00,
        "interval": Interval(3_45, -1_20, 8_10),
        "verdict": Verdict.NO_DIFFERENCE_YET,
    }
    return ComparedFigure(**known | changes)


def test_rates_are_told_in_percent_and_their_differences_in_points() -> None:
    rate = a_reading()

    assert "Attach rate" == figure_name(rate)
    assert "23.45 %" == mean_words(rate, rate.arm)
    assert "+17.2 %" == lift_words(rate)
    assert "No difference yet: between −1.20 and +8.10 points." == verdict_words(rate)  # noqa: RUF001


def test_money_is_told_in_its_currency_with_two_decimals_more() -> None:
    dollars = a_reading(
        figure=Figure.REVENUE,
        currency=USD,
        arm=123_4567,
        baseline=0,
        interval=Interval(123_4567, 100_0050, 146_0000),
        verdict=Verdict.BETTER,
    )
    yen = a_reading(figure=Figure.REVENUE, currency=JPY, arm=-12_3456, interval=None)

    assert "Revenue per session, USD" == figure_name(dollars)
    assert "1.2346 USD" == mean_words(dollars, dollars.arm)
    assert "Certainly better: between +1.0001 and +1.4600 USD." == verdict_words(dollars)
    assert "\N{EM DASH}" == lift_words(dollars)
    assert "\N{MINUS SIGN}12.35 JPY" == mean_words(yen, yen.arm)
    assert "\N{EM DASH}" == interval_words(yen) == mean_words(yen, None)


def test_an_arm_knows_how_many_took_part() -> None:
    assert 7 == ArmReading(arm=Arm("a", 1), numbers=Numbers({Measure.ANALYSED: 7})).sessions

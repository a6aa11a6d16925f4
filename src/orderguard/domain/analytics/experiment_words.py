"""Describe an experiment's results in plain words: for pages, commands and the admin API alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from orderguard.domain.analytics.experiment_report import (
    ArmReading,
    ComparedFigure,
    ExperimentReport,
    Figure,
    Verdict,
)
from orderguard.domain.analytics.experiment_statistics import (
    EVENTS_AT_LEAST,
    SESSIONS_PER_ARM_AT_LEAST,
)
from orderguard.domain.configuration.experiment import ExperimentStatus
from orderguard.domain.money import Currency, exponent

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EM DASH}"

_NAMES = {
    Figure.ATTACH_RATE: "Attach rate",
    Figure.REVENUE: "Revenue per session",
    Figure.CONVERSION: "Orders per session",
    Figure.REMOVALS: "Fees taken off per session",
}


def figure_name(reading: ComparedFigure) -> str:
    """The figure's name: `Revenue per session, USD`."""
    name = _NAMES[reading.figure]
    return f"{name}, {reading.currency}" if reading.currency else name


def mean_words(reading: ComparedFigure, mean: int | None) -> str:
    """The figure of one arm: `23.45 %`, or `0.8512 USD`."""
    if mean is None:
        return DASH
    return f"{_decimals(mean, reading)} {reading.currency or '%'}"


def interval_words(reading: ComparedFigure) -> str:
    """The confidence interval of the difference: `between +0.40 and +2.10 points`."""
    if reading.interval is None:
        return DASH
    lower, upper = (
        _signed(each, reading) for each in (reading.interval.lower, reading.interval.upper)
    )
    return f"between {lower} and {upper} {reading.currency or 'points'}"


def verdict_words(reading: ComparedFigure) -> str:
    """The figure's verdict, in a sentence."""
    match reading.verdict:
        case Verdict.TOO_EARLY:
            return (
                f"Too early: it takes {SESSIONS_PER_ARM_AT_LEAST} sessions in each arm, and "
                f"{EVENTS_AT_LEAST} in which something happened."
            )
        case Verdict.NO_DIFFERENCE_YET:
            return f"No difference yet: {interval_words(reading)}."
    return f"Certainly {reading.verdict}: {interval_words(reading)}."


def lift_words(reading: ComparedFigure) -> str:
    """The relative difference from the baseline: `+12.3 %`."""
    lift = reading.lift_bps
    if lift is None:
        return DASH
    return f"{_sign(lift)}{abs(lift) // 100}.{abs(lift) % 100 // 10} %"


def warnings(report: ExperimentReport) -> list[str]:
    """Warnings about the experiment's set-up: arms without own prices, and a broken split."""
    found = [
        f"No price plan asks for cohort == {arm.arm.name!r}, so this arm pays what everybody pays."
        for arm in report.arms
        if arm.is_like_the_baseline and not report.is_holdout
    ]
    if report.is_split_broken:
        found.append(
            "The arms do not have the sessions that their weights give them "
            f"({_split(report.arms)}). Arms whose weights were changed, or that lose sessions on "
            "the way, cannot be compared."
        )
    return found


def advice(report: ExperimentReport) -> str:
    """The recommended next step, in one sentence."""
    if report.is_split_broken:
        return "Do not decide by these numbers: the split into arms is broken."
    if not report.sessions:
        return _without_sessions(report)
    if harmed := _say(report, Verdict.WORSE, guardrails=True):
        return f"Keep {report.baseline}: {harmed[0]}."
    better, worse = (
        _say(report, verdict, guardrails=False) for verdict in (Verdict.BETTER, Verdict.WORSE)
    )
    if better and worse:
        return f"Weigh it: {better[0]}, but {worse[0]}."
    if worse:
        return _avoid(report, worse[0])
    if better:
        return _prefer(report, better[0])
    return _undecided(report)


def _without_sessions(report: ExperimentReport) -> str:
    return {
        ExperimentStatus.DRAFT: "Start it when you are ready; a draft changes nothing.",
        ExperimentStatus.RUNNING: "Wait: no shopper who agreed to experiments has come yet.",
        ExperimentStatus.STOPPED: "Nothing to decide: it was stopped before anybody took part.",
    }[report.experiment.status]


def _say(report: ExperimentReport, verdict: Verdict, *, guardrails: bool) -> list[str]:
    """The clauses for the readings with this significant verdict: revenue before rates."""
    found = [
        (reading.figure is not Figure.REVENUE, _clause(arm, reading))
        for arm in report.compared
        for reading in arm.readings
        if reading.verdict is verdict and reading.figure.is_guardrail is guardrails
    ]
    return [clause for _, clause in sorted(found, key=lambda each: each[0])]


def _clause(arm: ArmReading, reading: ComparedFigure) -> str:
    is_more = (reading.verdict is Verdict.BETTER) is not reading.figure.less_is_better
    more, fewer = ("more", "more") if is_more else ("less", "fewer")
    said = {
        Figure.ATTACH_RATE: f"attaches {more} often",
        Figure.REVENUE: f"earns {more} per session in {reading.currency}",
        Figure.CONVERSION: f"leads to {fewer} orders",
        Figure.REMOVALS: f"has {fewer} fees taken off",
    }[reading.figure]
    return f"{arm.arm.name} certainly {said} ({interval_words(reading)})"


def _prefer(report: ExperimentReport, clause: str) -> str:
    """The recommendation when arms are better: the arms that earn significantly more.

    A better attach rate alone is no reason to choose an arm: a low price attaches more often.
    """
    earning = [
        arm.arm.name
        for arm in report.compared
        if any(
            each.figure is Figure.REVENUE and each.verdict is Verdict.BETTER
            for each in arm.readings
        )
    ]
    if earning:
        return f"Go with {_either(earning)}: {clause}."
    if report.experiment.status is ExperimentStatus.STOPPED:
        return f"Keep {report.baseline}: {clause}, but what that earns was not certain."
    return f"Let it run: {clause}, but what that earns is not certain yet."


def _avoid(report: ExperimentReport, clause: str) -> str:
    """The recommendation when arms are worse.

    A worse attach rate alone is no reason to drop an arm: a high price attaches less often, and may
    earn more.
    """
    readings = [each for arm in report.compared for each in _figures(arm)]
    if any(r.figure is Figure.REVENUE and r.verdict is Verdict.WORSE for r in readings):
        return f"Keep {report.baseline}: {clause}."
    if report.experiment.status is ExperimentStatus.STOPPED:
        return f"Keep {report.baseline}: {clause}, and what that earns was not certain."
    return f"Let it run: {clause}, but what that earns is not certain yet."


def _figures(arm: ArmReading) -> Iterable[ComparedFigure]:
    return (each for each in arm.readings if not each.figure.is_guardrail)


def _undecided(report: ExperimentReport) -> str:
    if report.experiment.status is ExperimentStatus.STOPPED:
        return f"Keep {report.baseline}: nothing was certain when it ended."
    readings = [each for arm in report.compared for each in _figures(arm)]
    if all(each.verdict is Verdict.TOO_EARLY for each in readings):
        return f"Let it run: it is too early to tell ({_split(report.arms)})."
    return f"Let it run: no difference is certain yet ({_split(report.arms)})."


def _split(arms: Sequence[ArmReading]) -> str:
    return ", ".join(f"{arm.arm.name}: {arm.sessions:,} sessions" for arm in arms)


def _either(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _sign(number: int) -> str:
    return MINUS if number < 0 else "+"


def _signed(ten_thousandths: int, reading: ComparedFigure) -> str:
    return _sign(ten_thousandths) + _decimals(abs(ten_thousandths), reading)


def _decimals(ten_thousandths: int, reading: ComparedFigure) -> str:
    """Hundredths of a percent; or of money, two decimals more than the currency has."""
    digits = exponent(Currency(reading.currency)) + 2 if reading.currency else 2
    shown = abs(ten_thousandths)
    if reading.currency:
        # Half a unit of the last decimal up: these are estimates.
        shown = (shown + 50) // 100
    whole, fraction = divmod(shown, 10**digits)
    return f"{MINUS if ten_thousandths < 0 else ''}{whole:,}.{fraction:0{digits}d}"

"""The pages of experiments, which measure the effect of hiding the offer or of another price."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from orderguard.actions.configuration_source.experiments import CannotEdit, NewArm, NewExperiment
from orderguard.actions.manage_experiments import ManageExperiments
from orderguard.actions.show_experiments import ShowExperiments
from orderguard.admin.console.analytics import percent
from orderguard.admin.console.page_request import Fields, PageRequest, Rendered, Reply, SeeOther
from orderguard.admin.console.parts import ConsoleParts, PageRow
from orderguard.domain.analytics import experiment_words as words
from orderguard.domain.analytics.analytics import Measure
from orderguard.domain.analytics.experiment_report import ComparedFigure, ExperimentReport, Verdict
from orderguard.domain.analytics.report import share_bps
from orderguard.domain.configuration.experiment import ExperimentStatus
from orderguard.domain.errors import AlreadyExists, InvalidDocument, Malformed, NotFound
from orderguard.domain.money import BASIS_POINTS
from orderguard.domain.people.account import Role

TONES = {
    ExperimentStatus.RUNNING: "good",
    Verdict.BETTER: "good",
    Verdict.WORSE: "bad",
}
HALF_A_BAR = 100
"""Drawing units from the middle, which means no difference, to either end."""


class ExperimentPages:
    """The pages of experiments: all, forms for a new one, and the results of one."""

    def __init__(self, parts: ConsoleParts) -> None:
        self._database = parts.database
        self._manage = ManageExperiments(parts.database, parts.compiler)
        self._show = ShowExperiments(parts.find_configuration)
        one = "/experiments/{key}"
        self.rows = (
            PageRow("GET", "/experiments", Role.VIEWER, self.list),
            PageRow("POST", "/experiments", Role.EDITOR, self.create),
            PageRow("GET", one, Role.VIEWER, self.show),
            PageRow("POST", f"{one}/start", Role.EDITOR, self.start),
            PageRow("POST", f"{one}/stop", Role.EDITOR, self.stop),
        )

    def list(self, request: PageRequest) -> Reply:
        return self._page(request)

    def _page(self, request: PageRequest, problem: str = "") -> Reply:
        with self._database.read() as work:
            reports = self._show.all(work, request.merchant.id)
        context = {
            "reports": reports,
            "words": words,
            "tones": TONES,
            "entered": request.form,
            "problem": problem,
        }
        return Rendered("experiments.html.j2", context, status=422 if problem else 200)

    def create(self, request: PageRequest) -> Reply:
        try:
            new = _experiment_of(request.form)
            self._manage.create(request.merchant.id, new, change=request.change)
        except (InvalidDocument, Malformed, AlreadyExists, CannotEdit, NotFound) as error:
            return self._page(request, problem=str(error))
        return SeeOther(
            request.to(f"/experiments/{new.key}"), "Created as a draft: nothing changes yet."
        )

    def show(self, request: PageRequest) -> Reply:
        return self._one(request)

    def _one(self, request: PageRequest, problem: str = "") -> Reply:
        with self._database.read() as work:
            report = self._show.one(work, request.merchant.id, request.values["key"])
        currencies = _currencies(report)
        context = {
            "report": report,
            "currencies": currencies,
            "money_heads": [f"Revenue {currency}#" for currency in currencies],
            "percent": lambda part, whole: percent(share_bps(part, whole)),
            "words": words,
            "tones": TONES,
            "measures": Measure,
            "bar": bar,
            "problem": problem,
        }
        return Rendered("experiment.html.j2", context, status=409 if problem else 200)

    def start(self, request: PageRequest) -> Reply:
        return self._change(request, self._manage.start, "Started.")

    def stop(self, request: PageRequest) -> Reply:
        return self._change(
            request, self._manage.stop, "Stopped: everybody is treated alike again."
        )

    def _change(self, request: PageRequest, verb: Callable[..., None], message: str) -> Reply:
        try:
            verb(request.merchant.id, request.values["key"], change=request.change)
        except (AlreadyExists, CannotEdit) as error:
            return self._one(request, str(error))
        return SeeOther(request.to(request.path.rpartition("/")[0]), message)


@dataclass(frozen=True, slots=True)
class Bar:
    """A confidence interval as a bar of a chart: its start, its width, and the estimate in it."""

    start: int
    width: int
    estimate: int


def bar(reading: ComparedFigure) -> Bar | None:
    """The bar of a confidence interval, scaled to itself with zero in the middle."""
    interval = reading.interval
    if interval is None:
        return None
    longest = max(abs(interval.lower), abs(interval.upper), 1)
    start, end, estimate = (
        HALF_A_BAR + each * HALF_A_BAR // longest
        for each in (interval.lower, interval.upper, interval.estimate)
    )
    return Bar(start, max(end - start, 2), estimate)


def _currencies(report: ExperimentReport) -> tuple[str, ...]:
    return tuple(sorted({code for arm in report.arms for code in arm.numbers.currencies}))


def _experiment_of(form: Fields) -> NewExperiment:
    """A holdout, or a price test, of two arms. Raises `Malformed`."""
    share = _percent(form, "share")
    if form.text("kind") == "holdout":
        arms = (NewArm("control", share, suppress=True), NewArm("offered", 100 - share))
    else:
        price = _percent(form, "price")
        name = "higher" if price > 100 else "lower"
        other = NewArm(name, share, price_bps=price * BASIS_POINTS // 100)
        arms = (NewArm("usual", 100 - share), other)
    return NewExperiment(form.text("key"), arms)


def _percent(form: Fields, name: str) -> int:
    number = form.whole(name)
    if number is None:
        raise Malformed(f"{name} is missing; expected a whole number of percent.")
    return number

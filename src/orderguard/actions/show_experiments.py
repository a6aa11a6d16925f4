"""Show the results of a merchant's experiments, from the rollups alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypedDict

from orderguard.actions.manage_experiments import experiment_not_found
from orderguard.actions.ports.unit_of_work import UnitOfWork
from orderguard.domain.analytics.analytics import Cell, Dimension, Measure, arm_value
from orderguard.domain.analytics.experiment_report import Counts, ExperimentReport, report_on
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.configuration.experiment import ExperimentStatus
from orderguard.domain.ids import ConfigurationVersion, MerchantId

FindConfiguration = Callable[
    [UnitOfWork, MerchantId, ConfigurationVersion], MerchantConfiguration | None
]


class _Span(TypedDict):
    first: date
    last: date


_EVER = _Span(first=date(2000, 1, 1), last=date(2199, 12, 31))

_ORDER = (ExperimentStatus.RUNNING, ExperimentStatus.DRAFT, ExperimentStatus.STOPPED)


@dataclass(frozen=True, slots=True)
class ShowExperiments:
    """Report on experiments, for the console, the admin API and the commands."""

    find_configuration: FindConfiguration

    def all(self, work: UnitOfWork, merchant: MerchantId) -> list[ExperimentReport]:
        """The experiments of the published configuration: first running, then drafts, stopped."""
        configuration = self._configuration(work, merchant)
        if configuration is None or not configuration.experiments:
            return []
        newest_first = configuration.experiments[::-1]
        found = sorted(newest_first, key=lambda each: _ORDER.index(each.status))
        counted, days = _counted(work, merchant), _days(work, merchant)
        reports = []
        for each in found:
            values = {arm.name: arm_value(each.key, arm.name) for arm in each.arms}
            reports.append(
                report_on(
                    each,
                    configuration,
                    {arm: counted[value] for arm, value in values.items() if value in counted},
                    days=[day for value in values.values() for day in days.get(value, ())],
                )
            )
        return reports

    def one(self, work: UnitOfWork, merchant: MerchantId, key: str) -> ExperimentReport:
        """The report on one experiment. Raises `NotFound`."""
        found = next((r for r in self.all(work, merchant) if r.experiment.key == key), None)
        if found is None:
            raise experiment_not_found()
        return found

    def _configuration(
        self, work: UnitOfWork, merchant: MerchantId
    ) -> MerchantConfiguration | None:
        latest = work.configurations.latest(merchant)
        return self.find_configuration(work, merchant, latest.version) if latest else None


def _counted(work: UnitOfWork, merchant: MerchantId) -> dict[str, Counts]:
    """The counts of every arm of every experiment so far, by the arm's value in the dimension."""
    cells: dict[str, list[tuple[Cell, int]]] = {}
    for cell, number in work.analytics.sums(
        merchant, **_EVER, dimension=Dimension.EXPERIMENT
    ).items():
        cells.setdefault(cell.value, []).append((cell, number))
    return {value: Counts.of(found) for value, found in cells.items()}


def _days(work: UnitOfWork, merchant: MerchantId) -> dict[str, set[date]]:
    """The days with sessions of every arm there ever was."""
    days: dict[str, set[date]] = {}
    for cell in work.analytics.sums(
        merchant,
        **_EVER,
        dimension=Dimension.EXPERIMENT,
        by_day=True,
        measures=[Measure.ANALYSED],
    ):
        days.setdefault(cell.value, set()).add(cell.day)
    return days

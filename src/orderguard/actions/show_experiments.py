"""Show what a merchant's experiments have shown, from the rollups alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from orderguard.actions.manage_experiments import experiment_not_found
from orderguard.actions.ports import UnitOfWork
from orderguard.domain.analytics import Cell, Dimension, Measure, arm_value
from orderguard.domain.analytics_report import Period
from orderguard.domain.configuration import MerchantConfiguration
from orderguard.domain.experiment import Experiment, ExperimentStatus
from orderguard.domain.experiment_report import Counts, ExperimentReport, report_on
from orderguard.domain.ids import ConfigurationVersion, MerchantId

FindConfiguration = Callable[
    [UnitOfWork, MerchantId, ConfigurationVersion], MerchantConfiguration | None
]

_EVER = Period(date(2000, 1, 1), date(9999, 12, 31))

_ORDER = (ExperimentStatus.RUNNING, ExperimentStatus.DRAFT, ExperimentStatus.STOPPED)


@dataclass(frozen=True, slots=True)
class ShowExperiments:
    """The looks behind the pages, the admin API and the commands."""

    find_configuration: FindConfiguration

    def all(self, work: UnitOfWork, merchant: MerchantId) -> list[ExperimentReport]:
        """Those of the published configuration: the running one, drafts, and stopped ones."""
        configuration = self._configuration(work, merchant)
        if configuration is None:
            return []
        newest_first = configuration.experiments[::-1]
        found = sorted(newest_first, key=lambda each: _ORDER.index(each.status))
        return [_report(work, merchant, configuration, each) for each in found]

    def one(self, work: UnitOfWork, merchant: MerchantId, key: str) -> ExperimentReport:
        """One of them. Raises `NotFound`."""
        configuration = self._configuration(work, merchant)
        experiments = configuration.experiments if configuration else ()
        found = next((each for each in experiments if each.key == key), None)
        if configuration is None or found is None:
            raise experiment_not_found()
        return _report(work, merchant, configuration, found)

    def _configuration(
        self, work: UnitOfWork, merchant: MerchantId
    ) -> MerchantConfiguration | None:
        latest = work.configurations.latest(merchant)
        return self.find_configuration(work, merchant, latest.version) if latest else None


def _report(
    work: UnitOfWork,
    merchant: MerchantId,
    configuration: MerchantConfiguration,
    experiment: Experiment,
) -> ExperimentReport:
    counts = {
        arm.name: _counts(work, merchant, arm_value(experiment.key, arm.name))
        for arm in experiment.arms
    }
    return report_on(experiment, configuration, counts)


def _counts(work: UnitOfWork, merchant: MerchantId, arm: str) -> Counts:
    def cells(**how: Any) -> Mapping[Cell, int]:
        return work.analytics.sums(
            merchant,
            first=_EVER.first,
            last=_EVER.last,
            dimension=Dimension.EXPERIMENT,
            value=arm,
            **how,
        )

    # An experiment may run for months: only its days are read one by one.
    days = {cell.day for cell in cells(by_day=True, measures={Measure.ANALYSED})}
    return Counts.of(cells().items(), days)

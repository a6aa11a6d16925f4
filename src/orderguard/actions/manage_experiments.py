"""Create, start and stop experiments: each is a new version of the configuration (ADR 0035)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from orderguard.actions.configuration_source.experiments import (
    NewExperiment,
    with_experiment,
    with_status,
)
from orderguard.actions.ports.unit_of_work import Database
from orderguard.actions.publish_configuration import (
    PublishedMeanwhile,
    publish_next_version,
    read_configuration,
)
from orderguard.actions.stopped_experiments import ever_stopped
from orderguard.domain.configuration.experiment import Experiment, ExperimentStatus
from orderguard.domain.configuration.published import PublishedConfiguration
from orderguard.domain.configuration.rule import ConditionCompiler
from orderguard.domain.errors import AlreadyExists, InvalidDocument, NotFound, Problem
from orderguard.domain.ids import MerchantId
from orderguard.domain.money import BASIS_POINTS
from orderguard.domain.people.audit import Change

KEY = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
"""Keys of experiments that are created here: keys are part of URLs."""

PRICE_BPS = range(50_00, 200_01)
"""Allowed prices of an arm, relative to the normal ones: half to double. Others are typos."""

SMALLEST_SHARE = 100
"""An arm gets at least one session in so many; a smaller arm would never give a result."""


class ExperimentConflict(AlreadyExists):
    """The experiment, or another one, is in a state that does not allow this."""


@dataclass(frozen=True, slots=True)
class ManageExperiments:
    """Create, start and stop experiments, for the console, the admin API and the commands."""

    database: Database
    compiler: ConditionCompiler

    def create(self, merchant: MerchantId, new: NewExperiment, *, change: Change) -> None:
        """Publish the configuration with a new experiment in status draft.

        Arms with their own prices get price plans. Raises `InvalidDocument`, `ExperimentConflict`,
        `CannotEdit`, and `NotFound` without a configuration.
        """
        check(new)
        latest, experiments = self._published(merchant)
        if any(each.key == new.key for each in experiments):
            raise ExperimentConflict(
                f"There is an experiment {new.key} already. Choose another key: the numbers of two "
                "experiments must not mix."
            )
        source = with_experiment(latest.source, new)
        arms = [{"name": arm.name, "weight": arm.weight} for arm in new.arms]
        self._publish(latest, source, "created", new.key, None, {"arms": arms}, change=change)

    def start(self, merchant: MerchantId, key: str, *, change: Change) -> None:
        """Assign sessions to its arms from now on. Raises `NotFound` and `ExperimentConflict`."""
        latest, experiments = self._published(merchant)
        found = _find(experiments, key)
        running = next((each for each in experiments if each.is_running), None)
        if found.is_running:
            raise ExperimentConflict(f"{key} is running already.")
        with self.database.read() as work:
            was_stopped = ever_stopped(work, merchant, [key])
        if was_stopped:
            raise ExperimentConflict(
                f"{key} was stopped. Create another experiment instead: what comes now would mix "
                "with what came before."
            )
        if running:
            raise ExperimentConflict(
                f"{running.key} is running. Stop it first: with two at once nobody could tell "
                "what did what."
            )
        self._change(latest, found, ExperimentStatus.RUNNING, "started", change=change)

    def stop(self, merchant: MerchantId, key: str, *, change: Change) -> None:
        """Stop assigning sessions to arms. Raises `NotFound` and `ExperimentConflict`."""
        latest, experiments = self._published(merchant)
        found = _find(experiments, key)
        if not found.is_running:
            raise ExperimentConflict(f"{key} is not running.")
        self._change(latest, found, ExperimentStatus.STOPPED, "stopped", change=change)

    def _published(
        self, merchant: MerchantId
    ) -> tuple[PublishedConfiguration, tuple[Experiment, ...]]:
        with self.database.read() as work:
            latest = work.configurations.latest(merchant)
        if latest is None:
            raise NotFound("No configuration is published, so there is nothing to experiment with.")
        return latest, read_configuration(latest.source, self.compiler).experiments

    def _change(
        self,
        latest: PublishedConfiguration,
        experiment: Experiment,
        status: ExperimentStatus,
        verb: str,
        *,
        change: Change,
    ) -> None:
        self._publish(
            latest,
            with_status(latest.source, experiment.key, status),
            verb,
            experiment.key,
            {"status": str(experiment.status)},
            {"status": str(status)},
            change=change,
        )

    def _publish(
        self,
        seen: PublishedConfiguration,
        source: str,
        verb: str,
        key: str,
        before: dict[str, Any] | None,
        after: dict[str, Any],
        *,
        change: Change,
    ) -> None:
        read_configuration(source, self.compiler)
        with self.database.begin() as work:
            work.merchants.lock(seen.merchant)
            latest = work.configurations.latest(seen.merchant)
            if latest and latest.version != seen.version:
                raise PublishedMeanwhile(latest)
            published = publish_next_version(work, seen.merchant, source, change=change)
            work.audit.record(
                seen.merchant,
                change=change,
                action=f"experiment.{verb}",
                subject=key,
                before=before,
                after=after | {"version": published.version},
            )


def check(new: NewExperiment) -> None:
    """Validate an experiment. Raises `InvalidDocument` with every problem."""
    names = [arm.name for arm in new.arms]
    total = sum(arm.weight for arm in new.arms)
    problems = []
    if not KEY.fullmatch(new.key):
        problems.append(Problem("key", "expected up to 64 of a-z, 0-9, dots, dashes: price-test."))
    if len(new.arms) < 2:
        problems.append(Problem("arms", f"expected at least two to compare, found {len(names)}."))
    if len(set(names)) != len(names):
        problems.append(Problem("arms", "two arms have the same name."))
    if new.arms and all(arm.suppress for arm in new.arms):
        problems.append(Problem("arms", "every arm hides the offer; one has to show it."))
    if not any(arm.suppress or arm.has_own_prices for arm in new.arms):
        problems.append(Problem("arms", "all arms are alike; hide the offer or change a price."))
    for place, arm in enumerate(new.arms):
        where = f"arms[{place}]"
        if not arm.name.strip():
            problems.append(Problem(f"{where}.name", "is missing."))
        if arm.weight < 1 or arm.weight * SMALLEST_SHARE < total:
            problems.append(
                Problem(f"{where}.weight", f"{arm.weight} of {total} is too little; 1 % at least.")
            )
        if arm.price_bps not in PRICE_BPS:
            problems.append(
                Problem(f"{where}.price_bps", "expected from half the price to double of it.")
            )
        if arm.suppress and arm.price_bps != BASIS_POINTS:
            problems.append(Problem(f"{where}.price_bps", "an arm without an offer has no price."))
    if problems:
        raise InvalidDocument(problems)


def _find(experiments: tuple[Experiment, ...], key: str) -> Experiment:
    found = next((each for each in experiments if each.key == key), None)
    if found is None:
        raise experiment_not_found()
    return found


def experiment_not_found() -> NotFound:
    return NotFound("No experiment with this key is in the published configuration.")

"""`/admin/v1/experiments`: create, start, stop and read them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from orderguard.actions.configuration_source.experiments import CannotEdit, NewArm, NewExperiment
from orderguard.actions.experiment_file import experiment_document
from orderguard.actions.manage_experiments import ExperimentConflict, ManageExperiments
from orderguard.actions.show_experiments import ShowExperiments
from orderguard.admin.api.operation import Call, Operation
from orderguard.admin.api.parameters import path_text
from orderguard.admin.api.refusals import CONFLICT, INVALID, NOT_FOUND
from orderguard.admin.api.wire.experiments import (
    ExperimentBody,
    ExperimentsResponse,
    NewExperimentBody,
)
from orderguard.domain.analytics.experiment_report import ExperimentReport
from orderguard.http.openapi.vocabulary import Example
from orderguard.http.wire.learning import learn

_REVENUE = {
    "figure": "revenue",
    "currencyCode": "USD",
    "isGuardrail": False,
    "baseline": 1_020_000,
    "arm": 1_120_000,
    "difference": {"estimate": 100_000, "lower": -250_000, "upper": 450_000},
    "verdict": "no_difference_yet",
    "words": "No difference yet: between \N{MINUS SIGN}0.2500 and +0.4500 USD.",
}

learn(ExperimentBody)


def _arm(name: str, sessions: int, readings: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": name,
        "weight": 50,
        "suppress": False,
        "sessions": sessions,
        "orders": sessions // 2,
        "accepted": sessions // 5,
        "removed": 2,
        "revenue": {"USD": sessions * 102},
        "readings": readings,
    }


_EXPERIMENT = {
    "key": "price-2027q1",
    "status": "running",
    "kind": "price_test",
    "advice": "Let it run: no difference is certain yet (usual: 1,000 sessions, higher: 1,010 "
    "sessions).",
    "warnings": [],
    "isSplitBroken": False,
    "sessions": 2010,
    "from": "2026-11-02",
    "to": "2026-11-24",
    "baseline": "usual",
    "arms": [_arm("usual", 1_000, []), _arm("higher", 1_010, [_REVENUE])],
}
_ONE = {"running": Example("A price test that is running", _EXPERIMENT)}
_HOLDOUT = {
    "key": "holdout-2027q1",
    "arms": [
        {"name": "control", "weight": 10, "suppress": True},
        {"name": "offered", "weight": 90},
    ],
}
_PRICE_TEST = {
    "key": "price-2027q1",
    "arms": [{"name": "usual", "weight": 50}, {"name": "higher", "weight": 50, "priceBps": 11000}],
}
_KEY = path_text("key", "The experiment.", _EXPERIMENT["key"])


def list_experiments(call: Call) -> ExperimentsResponse:
    """The experiments of the published configuration, with their results."""
    shown = ShowExperiments(call.services.find_configuration)
    with call.reading() as work:
        found = shown.all(work, call.merchant)
    return ExperimentsResponse([_to_wire(report) for report in found])


def create_experiment(call: Call, wanted: NewExperimentBody) -> ExperimentBody:
    """Publish the configuration with a new experiment, whose status is draft."""
    new = NewExperiment(
        wanted.key,
        tuple(NewArm(arm.name, arm.weight, arm.suppress, arm.price_bps) for arm in wanted.arms),
    )
    _change(lambda: _manage(call).create(call.merchant, new, change=call.change))
    return _show(call, new.key)


def show_experiment(call: Call) -> ExperimentBody:
    """One experiment with its results."""
    return _show(call, call.path["key"])


def start_experiment(call: Call) -> ExperimentBody:
    """Start the experiment."""
    key = call.path["key"]
    _change(lambda: _manage(call).start(call.merchant, key, change=call.change))
    return _show(call, key)


def stop_experiment(call: Call) -> ExperimentBody:
    """End the experiment; it cannot be restarted."""
    key = call.path["key"]
    _change(lambda: _manage(call).stop(call.merchant, key, change=call.change))
    return _show(call, key)


def _manage(call: Call) -> ManageExperiments:
    return ManageExperiments(call.database, call.services.compiler)


def _change(change: Callable[[], None]) -> None:
    try:
        change()
    except CannotEdit as error:
        raise ExperimentConflict(str(error)) from error


def _show(call: Call, key: str) -> ExperimentBody:
    shown = ShowExperiments(call.services.find_configuration)
    with call.reading() as work:
        return _to_wire(shown.one(work, call.merchant, key))


def _to_wire(report: ExperimentReport) -> ExperimentBody:
    return msgspec.convert(experiment_document(report), ExperimentBody)


OPERATIONS = (
    Operation(
        "GET",
        "/experiments",
        list_experiments,
        "listExperiments",
        "List experiments",
        "Those of the published configuration, each with what it has shown.",
        "The experiments.",
        examples={"one": Example("One experiment", {"experiments": [_EXPERIMENT]})},
    ),
    Operation(
        "POST",
        "/experiments",
        create_experiment,
        "createExperiment",
        "Create an experiment",
        "A draft, which is published with the configuration and changes nothing until "
        "it is started. An arm with its own prices gets a price plan for every plan.",
        "It is a draft.",
        status=201,
        body_examples={
            "holdout": Example("One in ten sees no offer", _HOLDOUT),
            "price": Example("Half pay 10 % more", _PRICE_TEST),
        },
        examples=_ONE,
        refusals=(INVALID, NOT_FOUND, CONFLICT),
    ),
    Operation(
        "GET",
        "/experiments/{key}",
        show_experiment,
        "showExperiment",
        "Show an experiment",
        "Every arm beside the baseline. Limits hold however often one looks, all of "
        "them together with 95 %.",
        "The experiment.",
        parameters=(_KEY,),
        examples=_ONE,
        refusals=(NOT_FOUND,),
    ),
    Operation(
        "POST",
        "/experiments/{key}/start",
        start_experiment,
        "startExperiment",
        "Start an experiment",
        "Publishes the configuration with it running. One runs at a time, and one that was "
        "stopped never goes on.",
        "The experiment as it is now.",
        parameters=(_KEY,),
        examples=_ONE,
        refusals=(NOT_FOUND, CONFLICT),
    ),
    Operation(
        "POST",
        "/experiments/{key}/stop",
        stop_experiment,
        "stopExperiment",
        "Stop an experiment",
        "Publishes the configuration with it stopped, for good: everybody is treated alike again.",
        "The experiment as it is now.",
        parameters=(_KEY,),
        examples=_ONE,
        refusals=(NOT_FOUND, CONFLICT),
    ),
)

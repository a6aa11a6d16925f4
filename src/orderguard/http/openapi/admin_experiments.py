"""Experiments, described."""

from __future__ import annotations

from typing import Any

from orderguard.domain.api_key import Scope
from orderguard.http.openapi.admin_refusals import (
    ADMIN_CONFLICT,
    ADMIN_INVALID,
    ADMIN_NOT_FOUND,
    BASES,
    EVERYWHERE,
    TAG,
)
from orderguard.http.openapi.orders import NO_STORE
from orderguard.http.openapi.vocabulary import Answer, Example, Parameter, Route
from orderguard.http.wire.admin_experiments import (
    ExperimentBody,
    ExperimentsResponse,
    NewExperimentBody,
)

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
_KEY = Parameter("key", "path", "The experiment.", {"type": "string"}, _EXPERIMENT["key"])


def _change(verb: str, summary: str, description: str) -> Route:
    return Route(
        method="POST",
        path=f"/experiments/{{key}}/{verb}",
        bases=BASES,
        operation_id=f"{verb}Experiment",
        tag=TAG,
        scope=Scope.ADMIN,
        summary=summary,
        description=description,
        parameters=(_KEY,),
        answers=(
            Answer(200, "The experiment as it is now.", ExperimentBody, _ONE, NO_STORE),
            ADMIN_NOT_FOUND,
            ADMIN_CONFLICT,
            *EVERYWHERE,
        ),
    )


ROUTES = (
    Route(
        method="GET",
        path="/experiments",
        bases=BASES,
        operation_id="listExperiments",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="List experiments",
        description="Those of the published configuration, each with what it has shown.",
        answers=(
            Answer(
                200,
                "The experiments.",
                ExperimentsResponse,
                {"one": Example("One experiment", {"experiments": [_EXPERIMENT]})},
                NO_STORE,
            ),
            *EVERYWHERE,
        ),
    ),
    Route(
        method="POST",
        path="/experiments",
        bases=BASES,
        operation_id="createExperiment",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Create an experiment",
        description="A draft, which is published with the configuration and changes nothing until "
        "it is started. An arm with its own prices gets a price plan for every plan.",
        body=NewExperimentBody,
        body_examples={
            "holdout": Example("One in ten sees no offer", _HOLDOUT),
            "price": Example("Half pay 10 % more", _PRICE_TEST),
        },
        answers=(
            Answer(201, "It is a draft.", ExperimentBody, _ONE, NO_STORE),
            ADMIN_INVALID,
            ADMIN_NOT_FOUND,
            ADMIN_CONFLICT,
            *EVERYWHERE,
        ),
    ),
    Route(
        method="GET",
        path="/experiments/{key}",
        bases=BASES,
        operation_id="showExperiment",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Show an experiment",
        description="Every arm beside the baseline. Limits hold however often one looks, all of "
        "them together with 95 %.",
        parameters=(_KEY,),
        answers=(
            Answer(200, "The experiment.", ExperimentBody, _ONE, NO_STORE),
            ADMIN_NOT_FOUND,
            *EVERYWHERE,
        ),
    ),
    _change(
        "start",
        "Start an experiment",
        "Publishes the configuration with it running. One runs at a time, and one that was "
        "stopped never goes on.",
    ),
    _change(
        "stop",
        "Stop an experiment",
        "Publishes the configuration with it stopped, for good: everybody is treated alike again.",
    ),
)

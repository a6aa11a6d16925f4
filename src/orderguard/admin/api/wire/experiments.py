"""Experiments in the JSON of the admin API."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from orderguard.domain.analytics.experiment_report import Figure, Verdict
from orderguard.domain.configuration.experiment import ExperimentStatus
from orderguard.domain.money import BASIS_POINTS
from orderguard.http.wire.doc import doc

Estimate = Annotated[int, doc("Ten-thousandths of a session, or of a minor unit for revenue.")]
Day = Annotated[str | None, doc("A day in UTC, or null.", extra_json_schema={"format": "date"})]


class NewArmBody(msgspec.Struct, rename="camel"):
    """A new arm."""

    name: Annotated[
        str,
        Meta(max_length=64, description="The name of the arm, which price plans know as cohort."),
    ]
    weight: Annotated[
        int,
        Meta(
            ge=1,
            le=10**6,
            description="Its share of the sessions, relative to the other arms' weights.",
        ),
    ]
    suppress: Annotated[bool, doc("Hide the offer from the sessions of this arm.")] = False
    price_bps: Annotated[
        int, doc("Its prices of everybody's, in basis points: 11000 is 10 % more.")
    ] = BASIS_POINTS


class NewExperimentBody(msgspec.Struct, rename="camel"):
    """A new holdout or price test."""

    key: Annotated[str, doc("Up to 64 of a-z, 0-9, dots and dashes. Never reused.")]
    arms: Annotated[list[NewArmBody], Meta(max_length=20, description="The arms, at least two.")]


class DifferenceBody(msgspec.Struct):
    """The difference of an arm from the baseline, with its confidence interval."""

    estimate: Estimate
    lower: Estimate
    upper: Estimate


class ReadingBody(msgspec.Struct, rename="camel"):
    """One metric of an arm, compared with the baseline."""

    figure: Annotated[Figure, doc("The figure that is compared, per session of the experiment.")]
    currency_code: Annotated[str | None, doc("The ISO 4217 code of revenue; null for rates.")]
    is_guardrail: Annotated[
        bool, doc("Whether the figure is monitored for harm only, and is no goal.")
    ]
    baseline: Annotated[int | None, doc("The mean of the baseline, in ten-thousandths.")]
    arm: Annotated[int | None, doc("The mean of the arm, in ten-thousandths.")]
    difference: Annotated[DifferenceBody | None, doc("Null while it is too early.")]
    verdict: Annotated[
        Verdict, doc("The result of the comparison, which is valid however often it is read.")
    ]
    words: Annotated[str, doc("The result in a sentence.")]


class ArmBody(msgspec.Struct):
    """An arm with its counts and its metrics against the baseline, which has no readings."""

    name: Annotated[str, doc("The name of the arm, which price plans know as cohort.")]
    weight: Annotated[int, doc("Its share of the sessions, relative to the other arms' weights.")]
    suppress: Annotated[bool, doc("Whether it sees no offer.")]
    sessions: Annotated[int, doc("Sessions that took part.")]
    orders: Annotated[int, doc("The sessions with an order.")]
    accepted: Annotated[int, doc("The sessions with an order that has the fee.")]
    removed: Annotated[int, doc("The sessions whose fee was removed after the order.")]
    revenue: Annotated[dict[str, int], doc("Minor units by ISO 4217 code.")]
    readings: Annotated[
        list[ReadingBody], doc("One comparison per figure; empty for the baseline.")
    ]


class ExperimentBody(msgspec.Struct, rename="camel"):
    """An experiment with its results."""

    key: Annotated[str, doc("The key of the experiment.")]
    status: Annotated[ExperimentStatus, doc("Only a running experiment assigns sessions to arms.")]
    kind: Annotated[str, doc("`holdout` or `price_test`.")]
    advice: Annotated[str, doc("The recommended next step, in one sentence.")]
    warnings: Annotated[
        list[str], doc("Warnings about the set-up of the experiment, in sentences.")
    ]
    is_split_broken: Annotated[bool, doc("Whether the arms cannot be compared at all.")]
    sessions: Annotated[int, doc("Sessions that took part.")]
    from_: Day = msgspec.field(name="from")
    to: Day
    baseline: Annotated[str, doc("The arm that others are compared with.")]
    arms: Annotated[list[ArmBody], doc("In the order of the configuration.")]


class ExperimentsResponse(msgspec.Struct):
    """The experiments of the published configuration."""

    experiments: Annotated[list[ExperimentBody], doc("The running one, drafts, and stopped ones.")]

"""The commands of `orderguard experiments`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer

from orderguard.actions.experiment_file import experiment_document
from orderguard.actions.find_merchant import get_merchant
from orderguard.actions.manage_experiments import ManageExperiments
from orderguard.actions.show_experiments import ShowExperiments
from orderguard.cli.context import change_for, open_database
from orderguard.cli.output import (
    JsonOption,
    console,
    errors_explained,
    print_json,
    print_table,
)
from orderguard.domain.analytics import experiment_words as words
from orderguard.domain.analytics.experiment_report import ArmReading, ExperimentReport
from orderguard.rules.cel import CelCompiler
from orderguard.running.wiring import wire_find_configuration

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

MerchantArgument = typer.Argument(help="The merchant's id or name.")
KeyArgument = typer.Argument(help="The experiment's key, as listed.")


@app.command("list")
def list_(merchant: str = MerchantArgument, as_json: bool = JsonOption) -> None:
    """List experiments, with the recommended next step of each.

    Example: orderguard experiments list acme
    """
    with errors_explained(), open_database() as database, database.read() as work:
        reports = _shown().all(work, get_merchant(work, merchant).id)
    if as_json:
        print_json([experiment_document(report) for report in reports])
        return
    print_table(
        ("EXPERIMENT", "STATE", "SESSIONS", "WHAT TO DO"),
        [
            (each.experiment.key, each.experiment.status, each.sessions, words.advice(each))
            for each in reports
        ],
        empty="No experiments in the published configuration.",
    )


@app.command("show")
def show(
    merchant: str = MerchantArgument, key: str = KeyArgument, as_json: bool = JsonOption
) -> None:
    """Show the results of an experiment, figure by figure.

    Example: orderguard experiments show acme price-2027q1
    """
    with errors_explained(), open_database() as database, database.read() as work:
        report = _shown().one(work, get_merchant(work, merchant).id, key)
    if as_json:
        print_json(experiment_document(report))
    else:
        _print(report)


@app.command("start")
def start(
    merchant: str = MerchantArgument, key: str = KeyArgument, as_json: bool = JsonOption
) -> None:
    """Start an experiment: publish the configuration with it running.

    Example: orderguard experiments start acme price-2027q1
    """
    _change(merchant, key, "start", as_json=as_json)


@app.command("stop")
def stop(
    merchant: str = MerchantArgument, key: str = KeyArgument, as_json: bool = JsonOption
) -> None:
    """End an experiment: all shoppers get the same offer again. It cannot be restarted.

    Example: orderguard experiments stop acme price-2027q1
    """
    _change(merchant, key, "stop", as_json=as_json)


def _shown() -> ShowExperiments:
    return ShowExperiments(wire_find_configuration())


def _change(merchant: str, key: str, verb: str, *, as_json: bool) -> None:
    with errors_explained(), open_database() as database:
        with database.read() as work:
            owner = get_merchant(work, merchant).id
        manage = ManageExperiments(database, CelCompiler())
        change: Callable[..., None] = manage.start if verb == "start" else manage.stop
        change(owner, key, change=change_for(database, owner))
        with database.read() as work:
            report = _shown().one(work, owner, key)
    if as_json:
        print_json(experiment_document(report))
    else:
        console().print(f"{key} is {report.experiment.status}.", markup=False)


def _print(report: ExperimentReport) -> None:
    out = console()
    out.print(f"{report.experiment.key}: {report.experiment.status}", markup=False)
    out.print(words.advice(report), markup=False)
    for warning in words.warnings(report):
        out.print(f"Note: {warning}", markup=False)
    out.print()
    print_table(
        ("ARM", "FIGURE", report.baseline.upper(), "ARM'S", "WHAT IT SAYS"),
        [row for arm in report.compared for row in _rows(arm)],
        empty="",
    )


def _rows(arm: ArmReading) -> list[tuple[Any, ...]]:
    return [
        (
            arm.arm.name,
            words.figure_name(reading),
            words.mean_words(reading, reading.baseline),
            words.mean_words(reading, reading.arm),
            words.verdict_words(reading),
        )
        for reading in arm.readings
    ]

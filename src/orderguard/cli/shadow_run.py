"""The command `orderguard config shadow-run`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from orderguard.actions.find_merchant import get_merchant
from orderguard.actions.shadow_run import GoesOn, check_last, shadow_run
from orderguard.cli.context import open_database, read_file
from orderguard.cli.output import JsonOption, console, errors_explained, print_json, print_table
from orderguard.domain.money import Money
from orderguard.domain.what_if.shadow_report import CurrencyReport, Flip, PriceBand, ShadowReport
from orderguard.domain.what_if.shadow_run import LAST_DEFAULT
from orderguard.rules.cel import CelCompiler

SHOWN_EVERY = 50
"""Sessions per step of the bar: redrawing for each session would take longer than the session."""

HELP = """Replay past sessions against a configuration, and say what publishing it would change.

Publishes nothing. What revenue means: prices offered, times the share that was accepted.

Example: orderguard config shadow-run acme shop.toml --last 20000
"""


def run(
    merchant: str = typer.Argument(help="The merchant's id or name."),
    file: Path = typer.Argument(help="A TOML file; - reads standard input."),
    last: int = typer.Option(
        LAST_DEFAULT, help="The number of sessions to replay, counted from the latest."
    ),
    as_json: bool = JsonOption,
) -> None:
    with errors_explained():
        check_last(last)
        source = read_file(file)
        with open_database() as database, _bar(last) as goes_on:
            with database.read() as work:
                owner = get_merchant(work, merchant).id
            report = shadow_run(database, CelCompiler(), owner, source, last=last, goes_on=goes_on)
    assert report is not None  # noqa: S101  # nobody can call it off but by ending this process
    if as_json:
        print_json(_document(report))
    else:
        _print(report)


@contextmanager
def _bar(last: int) -> Iterator[GoesOn]:
    """A progress bar on standard error, if that is a terminal."""
    columns = (TextColumn("Replaying sessions"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=last)

        def goes_on(replayed: int) -> bool:
            if replayed % SHOWN_EVERY == 0:
                progress.update(task, completed=replayed)
            return True

        yield goes_on


def _document(report: ShadowReport) -> dict[str, Any]:
    return {
        **asdict(report),
        "currencies": [
            {
                **asdict(each),
                "attach_rate_bps": each.attach_rate_bps,
                "revenue_before": each.revenue_before,
                "revenue_after": each.revenue_after,
            }
            for each in report.currencies
        ],
    }


def _print(report: ShadowReport) -> None:
    unreadable = f", {report.unreadable} unreadable" if report.unreadable else ""
    console().print(
        f"{report.sessions} sessions replayed, {report.unchanged} of them unchanged{unreadable}.",
        markup=False,
    )
    print_table(
        ("BEFORE", "AFTER", "SESSIONS", "FOR EXAMPLE"),
        [(each.before, each.after, each.sessions, _example(each)) for each in report.flips],
        empty="No answer flips.",
    )
    print_table(
        ("CURRENCY", "SHOWN BEFORE", "AFTER", "ATTACH RATE", "REVENUE BEFORE", "AFTER"),
        [_currency(each) for each in report.currencies],
        empty="Nothing was or would be offered.",
    )
    for each in report.currencies:
        print_table(
            (f"PRICE IN {each.currency}", "SESSIONS", "FOR EXAMPLE"),
            [(band.words, band.sessions, _example(band)) for band in each.bands if band.sessions],
            empty=f"No price in {each.currency} can be compared.",
        )


def _example(group: Flip | PriceBand) -> str:
    return group.examples[0]


def _currency(report: CurrencyReport) -> tuple[object, ...]:
    rate = report.attach_rate_bps
    return (
        report.currency,
        report.shown_before,
        report.shown_after,
        "" if rate is None else f"{rate // 100}.{rate % 100:02} %",
        _money(report, report.revenue_before),
        _money(report, report.revenue_after),
    )


def _money(report: CurrencyReport, amount: int | None) -> str:
    return "unknown" if amount is None else str(Money(amount, report.currency))

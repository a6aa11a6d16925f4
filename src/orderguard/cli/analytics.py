"""The commands of `orderguard analytics`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import StrEnum
from time import monotonic, sleep

import typer

from orderguard.actions.analytics_file import COUNTS, analytics_csv, analytics_document
from orderguard.actions.find_merchant import get_merchant
from orderguard.actions.keep_time import trusted_time
from orderguard.actions.show_analytics import AnalyticsQuery, show_analytics, show_latency
from orderguard.cli.context import open_database
from orderguard.cli.output import JsonOption, console, errors_explained, print_json, print_table
from orderguard.domain.analytics.analytics import Measure
from orderguard.domain.analytics.report import AnalyticsReport, Numbers
from orderguard.domain.money import Currency, Money
from orderguard.running.wiring import now, wire_roll_up

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


class Format(StrEnum):
    """The output format of analytics."""

    TABLE = "table"
    CSV = "csv"


@app.command()
def show(
    merchant: str = typer.Argument(help="The merchant's id or name."),
    first: str = typer.Option("", "--from", help="The first day; without it, 30 days."),
    last: str = typer.Option("", "--to", help="The last day; without it, today."),
    by: str = typer.Option(
        "platform", help="The dimension to break the numbers down by, such as country."
    ),
    only: str = typer.Option("", help="A filter by one value of a dimension, such as country:US."),
    format_: Format = typer.Option(
        Format.TABLE, "--format", help="A table for people, or CSV for a spreadsheet."
    ),
    as_json: bool = JsonOption,
) -> None:
    """Show funnel, attach rate and revenue.

    Example: orderguard analytics show acme --from 2026-11-01 --by country
    """
    with errors_explained(), open_database() as database, database.read() as work:
        owner = get_merchant(work, merchant)
        at = owner.time(now())
        query = AnalyticsQuery.parse(first=first, last=last, only=only, by=by, at=at)
        report = show_analytics(work, owner.id, query)
        latency = show_latency(work, query.period)
    if as_json:
        print_json(analytics_document(report, latency))
    elif format_ is Format.CSV:
        sys.stdout.write(analytics_csv(report))
    else:
        _print_report(report)


@app.command()
def rebuild(
    merchant: str = typer.Argument(help="The merchant's id or name."),
    as_json: bool = JsonOption,
) -> None:
    """Rebuild the analytics from all stored sessions and orders, beside a running server.

    Example: orderguard analytics rebuild acme
    """
    with errors_explained(), open_database() as database:
        with database.read() as work:
            owner = get_merchant(work, merchant)
            at = owner.time(trusted_time(work, at=now()).at)
        counted = sum(_with_rests(wire_roll_up(database).rebuild(owner.id, at=at)))
    if as_json:
        print_json({"merchant": owner.id, "counted": counted})
    else:
        console().print(f"Counted {counted} sessions and orders anew.")


def _with_rests(rounds: Iterator[int]) -> Iterator[int]:
    """Pause after each round as long as it took: on SQLite checkouts need the write lock, too."""
    began = monotonic()
    for counted in rounds:
        sleep(monotonic() - began)
        yield counted
        began = monotonic()


def _print_report(report: AnalyticsReport) -> None:
    rows = [("all", report.total), *report.by_value]
    print_table(
        (
            report.broken_down_by.upper(),
            *(count.upper().replace("_", " ") for count in COUNTS),
            "ATTACH",
            "REVENUE",
        ),
        [
            (value or "-", *(numbers.count(c) for c in COUNTS), _rate(numbers), _revenue(numbers))
            for value, numbers in rows
        ],
        empty="",
    )


def _rate(numbers: Numbers) -> str:
    rate = numbers.attach_rate_bps
    return "" if rate is None else f"{rate // 100}.{rate % 100:02d} %"


def _revenue(numbers: Numbers) -> str:
    return ", ".join(
        str(Money(numbers.amount(Measure.REVENUE, currency), Currency(currency)))
        for currency in numbers.currencies
    )

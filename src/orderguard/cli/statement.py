"""The command `orderguard statement`."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from orderguard.actions.close_statement import close_statement, draw_up_statement
from orderguard.actions.find_merchant import get_merchant
from orderguard.actions.statement_file import statement_csv, statement_document
from orderguard.cli.context import change_for, open_database
from orderguard.cli.output import (
    JsonOption,
    console,
    errors_explained,
    print_json,
    print_table,
)
from orderguard.domain.books.month import Month
from orderguard.domain.books.statement import Statement, StatementOfCurrency
from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.money import Money, to_major_units
from orderguard.randomness import new_event_id
from orderguard.running.wiring import now

HELP = """Example: orderguard statement acme --month 2026-11
"""


class Format(StrEnum):
    """The output format of a statement."""

    TABLE = "table"
    CSV = "csv"


def statement(
    merchant: str = typer.Argument(help="The merchant's id or name."),
    month: Annotated[
        str | None, typer.Option(help="The month, as 2026-11; the current one without it.")
    ] = None,
    format_: Format = typer.Option(
        Format.TABLE, "--format", help="A table for people, or CSV for a spreadsheet."
    ),
    close: bool = typer.Option(False, "--close", help="Close the month for good, once it is over."),
    as_json: bool = JsonOption,
) -> None:
    with errors_explained(), open_database() as database:
        with database.read() as work:
            owner = get_merchant(work, merchant)
        period = Month.parse(month) if month else Month.of(owner.time(now()))
        if close:
            close_statement(
                database,
                owner.id,
                period,
                change=change_for(database, owner.id),
                new_event_id=new_event_id,
            )
        with database.read() as work:
            drawn_up = draw_up_statement(work, owner.id, period)
            is_closed = work.ledger.closed_statement(owner.id, period) is not None
    if as_json:
        print_json(statement_document(drawn_up, is_closed=is_closed))
    elif format_ is Format.CSV:
        sys.stdout.write(statement_csv(drawn_up))
    else:
        state = "closed" if is_closed else "open, figures may still change"
        console().print(f"{owner.name}, {period} ({state})", markup=False)
        print_statement(drawn_up)


def print_statement(drawn_up: Statement) -> None:
    """Print the statement as a table, one column per currency."""
    currencies = drawn_up.currencies
    print_table(
        ("", *(each.currency for each in currencies)),
        _rows(currencies) if currencies else [],
        empty="Nothing was posted in this month.",
    )


def _rows(currencies: tuple[StatementOfCurrency, ...]) -> list[list[str]]:
    columns = [_labelled(each) for each in currencies]
    return [
        [columns[0][line][0], *(column[line][1] for column in columns)]
        for line in range(len(columns[0]))
    ]


def _labelled(each: StatementOfCurrency) -> list[tuple[str, str]]:
    def amount(minor: int) -> str:
        return to_major_units(Money(minor, each.currency))

    lines = [("orders accepted", str(each.orders_accepted))]
    lines += [(f"fees, {mode}", amount(each.fees_by_mode.get(mode, 0))) for mode in CoverageMode]
    lines += [
        ("reversals", amount(-each.reversals)),
        ("provider share", amount(-each.provider_share)),
        ("net", amount(each.net)),
    ]
    lines.append(
        (
            "in reversals: of earlier months",
            f"{each.corrections_of_earlier_months} ({amount(-each.corrections_amount)})",
        )
    )
    return lines

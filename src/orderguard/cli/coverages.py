"""The commands of `orderguard coverages`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from orderguard.actions.find_merchant import get_merchant
from orderguard.actions.find_order import find_order
from orderguard.actions.ports.unit_of_work import UnitOfWork
from orderguard.cli.context import open_database
from orderguard.cli.output import JsonOption, errors_explained, print_json, print_table
from orderguard.domain.errors import NotFound
from orderguard.domain.ids import CoverageId, number_of
from orderguard.domain.money import Money
from orderguard.domain.orders.coverage import Coverage
from orderguard.domain.people.merchant import Merchant

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_(
    merchant: str = typer.Argument(help="The merchant's id or name."),
    order: Annotated[
        str | None, typer.Option(help="Only of this order: our id or the platform's.")
    ] = None,
    limit: int = typer.Option(50, min=1, max=1000, help="The maximum number of rows."),
    as_json: bool = JsonOption,
) -> None:
    """List a merchant's coverages, active and ended ones.

    Example: orderguard coverages list acme --order 1001
    """
    with errors_explained(), open_database() as database, database.read() as work:
        owner = get_merchant(work, merchant)
        if order is not None:
            record = find_order(work, order, owner)
            found = work.coverages.of_order(owner.id, record.id)
        else:
            found = work.coverages.page(owner.id, after=None, limit=limit, is_ascending=False)
    if as_json:
        print_json([{"order_id": each.order, **coverage_document(each)} for each in found])
    else:
        print_coverages(found, empty="No coverage.")


@app.command("show")
def show(
    coverage_id: str = typer.Argument(metavar="ID", help="Our id of the coverage, a number."),
    merchant: Annotated[str | None, typer.Option(help="The merchant's id or name.")] = None,
    as_json: bool = JsonOption,
) -> None:
    """Show a coverage with its lines and its history.

    Example: orderguard coverages show 4503599627370497
    """
    with errors_explained(), open_database() as database, database.read() as work:
        merchants = [get_merchant(work, merchant)] if merchant else work.merchants.all()
        owner, found = _find(work, coverage_id, merchants)
    lines = [
        {"line_id": each.line_id, "quantity": each.quantity, "amount": each.amount}
        for each in found.scope.lines
    ]
    history = [
        {
            "event": each.event,
            "at": each.at,
            "by": each.by,
            "because": each.because,
            "amount": each.amount,
        }
        for each in found.history
    ]
    if as_json:
        told = {"merchant": owner.id, "order_id": found.order, **coverage_document(found)}
        print_json({**told, "lines": lines, "history": history})
        return
    print_coverages([found], empty="")
    print_table(
        ("LINE", "PIECES", "MINOR UNITS"), [tuple(each.values()) for each in lines], empty=""
    )
    print_table(
        ("EVENT", "AT", "BY", "WHY", "MINOR UNITS"),
        [
            (each.event, f"{each.at:%Y-%m-%d %H:%M}", each.by, each.because, each.amount)
            for each in found.history
        ],
        empty="",
    )


def _find(work: UnitOfWork, text: str, merchants: Sequence[Merchant]) -> tuple[Merchant, Coverage]:
    if (number := number_of(text)) is not None:
        for merchant in merchants:
            if found := work.coverages.find(merchant.id, CoverageId(number)):
                return merchant, found
    raise NotFound(
        f"No coverage has the id {text[:40]}. By an order: orderguard coverages list MERCHANT "
        "--order ID"
    )


def print_coverages(found: Sequence[Coverage], *, empty: str) -> None:
    """Print a table of coverages, or the sentence `empty` when there are none."""
    print_table(
        ("COVERAGE", "ORDER", "MODE", "STATE", "AMOUNT", "FROM", "UNTIL", "WHY VOID"),
        [
            (
                each.id,
                each.order,
                each.mode,
                each.state,
                each.scope.amount,
                f"{each.active_from:%Y-%m-%d}",
                f"{each.expires_at:%Y-%m-%d}",
                each.void_reason,
            )
            for each in found
        ],
        empty=empty,
    )


def coverage_document(coverage: Coverage) -> dict[str, object]:
    """A coverage as JSON, for programs."""
    return {
        "id": coverage.id,
        "mode": coverage.mode,
        "state": coverage.state,
        "void_reason": coverage.void_reason,
        "amount": money_document(coverage.scope.amount),
        "active_from": coverage.active_from,
        "expires_at": coverage.expires_at,
    }


def money_document(amount: Money) -> dict[str, object]:
    """Money as JSON: minor units."""
    return {"amount": amount.amount, "currency": amount.currency}

"""The commands of `orderguard orders`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from orderguard.actions.find_merchant import get_merchant
from orderguard.actions.find_order import find_order
from orderguard.cli import order_import
from orderguard.cli.context import open_database
from orderguard.cli.coverages import coverage_document, money_document, print_coverages
from orderguard.cli.output import JsonOption, console, errors_explained, print_json, print_table
from orderguard.domain.books.ledger import Posting
from orderguard.domain.orders.coverage import Coverage
from orderguard.domain.orders.order import OrderStatus
from orderguard.domain.orders.order_record import OrderRecord, WantedOrders

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


app.command("import", help=order_import.HELP)(order_import.import_orders)


@app.command("show")
def show(
    order_id: str = typer.Argument(metavar="ID", help="Our id of the order, or the platform's."),
    merchant: Annotated[
        str | None,
        typer.Option(help="The merchant's id or name, if several have such an order."),
    ] = None,
    as_json: bool = JsonOption,
) -> None:
    """Show an order: whether the shopper accepted the offer, its coverages, and its postings.

    Example: orderguard orders show 10293 --merchant acme
    """
    with errors_explained(), open_database() as database, database.read() as work:
        record = find_order(work, order_id, get_merchant(work, merchant) if merchant else None)
        coverages = work.coverages.of_order(record.merchant, record.id)
        postings = work.ledger.of_order(record.merchant, record.id)
    if as_json:
        print_json(
            {
                **_order_document(record),
                "revision": record.revision,
                "coverages": [coverage_document(each) for each in coverages],
                "postings": [_posting_document(each) for each in postings],
            }
        )
    else:
        _print_order(record, coverages, postings)


@app.command("list")
def list_(
    merchant: str = typer.Argument(help="The merchant's id or name."),
    status: Annotated[OrderStatus | None, typer.Option(help="Only of this status.")] = None,
    limit: int = typer.Option(50, min=1, max=1000, help="The maximum number of rows."),
    as_json: bool = JsonOption,
) -> None:
    """List a merchant's orders, newest first.

    Example: orderguard orders list acme --limit 20
    """
    with errors_explained(), open_database() as database, database.read() as work:
        owner = get_merchant(work, merchant).id
        wanted = WantedOrders(status=status)
        records = work.orders.page(owner, after=None, limit=limit, wanted=wanted)
    if as_json:
        print_json([_order_document(record) for record in records])
        return
    print_table(
        ("ORDER", "EXTERNAL ID", "RECEIVED", "STATUS", "OUTCOME", "CHARGED", "VERDICT"),
        [
            (
                record.id,
                record.external_id,
                f"{record.received_at:%Y-%m-%d %H:%M}",
                record.status,
                record.acceptance.outcome,
                _charged(record),
                record.acceptance.verdict,
            )
            for record in records
        ],
        empty="No orders.",
    )


@app.command("review")
def review(
    merchant: str = typer.Argument(help="The merchant's id or name."),
    limit: int = typer.Option(50, min=1, max=1000, help="The maximum number of rows."),
    as_json: bool = JsonOption,
) -> None:
    """List the orders to review: their fee differs from the quote, or they have a warning.

    Example: orderguard orders review acme
    """
    with errors_explained(), open_database() as database, database.read() as work:
        records = work.orders.to_review(get_merchant(work, merchant).id, limit=limit)
    if as_json:
        print_json([_order_document(record) for record in records])
        return
    print_table(
        ("ORDER", "EXTERNAL ID", "VERDICT", "CHARGED", "QUOTED", "WHAT TO DO"),
        [
            (
                record.id,
                record.external_id,
                record.acceptance.verdict,
                _charged(record),
                record.acceptance.quote.amount if record.acceptance.quote else "",
                " ".join(warning.message for warning in record.acceptance.warnings),
            )
            for record in records
        ],
        empty="Nothing needs a look: every fee is the fee that was quoted.",
    )


def _print_order(
    record: OrderRecord, coverages: Sequence[Coverage], postings: Sequence[Posting]
) -> None:
    acceptance = record.acceptance
    out = console()
    out.print(f"Order {record.id} ({record.external_id}) of {record.merchant}", markup=False)
    out.print(
        f"{acceptance.outcome}, session {acceptance.session or 'none'}, "
        f"charged {_charged(record) or 'nothing'}, verdict {acceptance.verdict or 'none'}",
        markup=False,
    )
    for warning in acceptance.warnings:
        out.print(f"! {warning.message}", markup=False)
    out.print()
    print_coverages(coverages, empty="No coverage.")
    out.print()
    print_table(
        ("POSTING", "KIND", "WHY", "ACCOUNT", "MODE", "AMOUNT"),
        [
            (posting.id, posting.kind, posting.because, entry.account, entry.mode, entry.amount)
            for posting in postings
            for entry in posting.entries
        ],
        empty="Nothing was posted.",
    )


def _charged(record: OrderRecord) -> str:
    return " + ".join(str(amount) for amount in record.acceptance.charged)


def _order_document(record: OrderRecord) -> dict[str, object]:
    acceptance = record.acceptance
    return {
        "id": record.id,
        "external_id": record.external_id,
        "merchant": record.merchant,
        "outcome": acceptance.outcome,
        "session_id": acceptance.session,
        "modes": list(acceptance.modes),
        "verdict": acceptance.verdict,
        "charged": [money_document(amount) for amount in acceptance.charged],
        "quoted": money_document(acceptance.quote.amount) if acceptance.quote else None,
        "warnings": [
            {"code": warning.code, "message": warning.message} for warning in acceptance.warnings
        ],
        "received_at": record.received_at,
        "changed_at": record.changed_at,
    }


def _posting_document(posting: Posting) -> dict[str, object]:
    return {
        "id": posting.id,
        "kind": posting.kind,
        "reverses": posting.reverses,
        "because": posting.because,
        "period": posting.period,
        "posted_at": posting.posted_at,
        "entries": [
            {"account": entry.account, "mode": entry.mode, **money_document(entry.amount)}
            for entry in posting.entries
        ],
    }

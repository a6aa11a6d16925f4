"""The commands of `orderguard merchants`."""

from __future__ import annotations

import typer

from orderguard.actions.create_merchant import create_merchant
from orderguard.cli.context import change_now, open_database
from orderguard.cli.output import (
    JsonOption,
    console,
    errors_explained,
    print_json,
    print_table,
)
from orderguard.randomness import new_merchant_id

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command("create")
def create(
    name: str = typer.Argument(help="A name of your choice; it must be unique."),
    sandbox: bool = typer.Option(
        False,
        "--sandbox",
        help="A merchant for tests: its orders are never billed, and it has a test clock.",
    ),
    as_json: bool = JsonOption,
) -> None:
    """Create a merchant; and the database file, when this is the first one.

    Example: orderguard merchants create acme
    """
    with errors_explained(), open_database(makes_file=True) as database:
        merchant = create_merchant(
            database, name, new_id=new_merchant_id(), is_sandbox=sandbox, change=change_now()
        )
    if as_json:
        print_json({"id": merchant.id, "name": merchant.name})
    else:
        out = console()
        kind = "sandbox " if sandbox else ""
        out.print(f"Created {kind}{merchant.name} ({merchant.id}).", markup=False)
        out.print(f'Next: orderguard keys issue "{merchant.name}" --scope cart', markup=False)


@app.command("list")
def list_(as_json: bool = JsonOption) -> None:
    """List all merchants.

    Example: orderguard merchants list
    """
    with errors_explained(), open_database() as database, database.read() as work:
        merchants = work.merchants.all()
    if as_json:
        print_json(
            [
                {
                    "id": m.id,
                    "name": m.name,
                    "created_at": m.created_at,
                    "sandbox": m.sandbox is not None,
                }
                for m in merchants
            ]
        )
    else:
        print_table(
            ("ID", "NAME", "KIND", "CREATED"),
            [
                (
                    m.id,
                    m.name,
                    "sandbox" if m.sandbox else "live",
                    f"{m.created_at:%Y-%m-%d %H:%M}",
                )
                for m in merchants
            ],
            empty="No merchants yet. Create one with: orderguard merchants create NAME",
        )

"""The command line with all commands. Exit codes: 0 success, 1 failure, 2 wrong usage."""

from __future__ import annotations

import typer

from orderguard import __version__
from orderguard.cli import (
    accounts,
    analytics,
    clock,
    config,
    db,
    demo,
    doctor,
    experiments,
    funnel,
    keys,
    merchants,
    orders,
    serve,
    sessions,
    statement,
    webhooks,
)

app = typer.Typer(
    name="orderguard",
    help="Order protection at checkout, self-hosted and open.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("serve", help=serve.HELP)(serve.serve)
app.command("demo", help=demo.HELP)(demo.demo)
app.add_typer(merchants.app, name="merchants")
app.add_typer(keys.app, name="keys")
app.add_typer(accounts.app, name="accounts")
app.add_typer(config.app, name="config")
app.add_typer(sessions.app, name="sessions")
app.add_typer(orders.app, name="orders")
app.command("statement", help=statement.HELP)(statement.statement)
app.command("funnel", help=funnel.HELP)(funnel.funnel)
app.add_typer(analytics.app, name="analytics")
app.add_typer(experiments.app, name="experiments")
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(db.app, name="db")
app.add_typer(clock.app, name="clock")
app.command("doctor", help=doctor.HELP)(doctor.doctor)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def orderguard(
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Order protection at checkout, self-hosted and open."""
    del version  # answered by the callback


def run() -> None:
    """The `orderguard` command."""
    app()

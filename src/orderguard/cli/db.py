"""`orderguard db`."""

from __future__ import annotations

import typer

from orderguard.cli.context import current_settings
from orderguard.cli.output import JsonOption, console, errors_explained, print_json
from orderguard.running.server import upgrade_schema

app = typer.Typer(help="Look after the database.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def db() -> None:
    """Look after the database."""


@app.command("upgrade")
def upgrade(as_json: bool = JsonOption) -> None:
    """Bring the schema up to date; safe to repeat.

    Example: orderguard db upgrade
    """
    with errors_explained():
        settings = current_settings()
        upgrade_schema(settings)
    if as_json:
        print_json({"ok": True})
    else:
        console().print("The schema is up to date.", markup=False)

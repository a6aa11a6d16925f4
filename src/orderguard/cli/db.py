"""The commands of `orderguard db`."""

from __future__ import annotations

import sys

import typer

from orderguard.cli.context import current_settings
from orderguard.cli.output import JsonOption, console, errors_explained, print_json
from orderguard.running.preparing import upgrade_schema

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def db() -> None:
    """Maintain the database."""


@app.command("upgrade")
def upgrade(
    wait: int = typer.Option(
        600, min=0, help="How many seconds to wait for other transactions (PostgreSQL)."
    ),
    as_json: bool = JsonOption,
) -> None:
    """Bring the schema up to date; safe to repeat.

    On PostgreSQL servers of the previous release serve on meanwhile.

    Example: orderguard db upgrade
    """
    with errors_explained():
        upgrade_schema(
            current_settings(),
            patience_seconds=wait,
            tell=_tell,
        )
    if as_json:
        print_json({"ok": True})
    else:
        console().print("The schema is up to date.", markup=False)


def _tell(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()

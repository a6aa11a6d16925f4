"""The command `orderguard restore`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import typer

from orderguard.cli.context import open_database_as_it_is
from orderguard.cli.output import FAILED, JsonOption, console, errors_explained, print_json
from orderguard.running import backups

HELP = """Either way the backup is first restored aside, its rows are counted and its books are
balanced. There must be no database yet where it is to be: stop the server, and move the old one
away.

Example: orderguard restore --check shop.backup
"""


def restore(
    file: Path = typer.Argument(help="A file that orderguard backup has made."),
    only_check: bool = typer.Option(
        False, "--check", help="Check the backup only; the configured database is not touched."
    ),
    as_json: bool = JsonOption,
) -> None:
    with errors_explained(), open_database_as_it_is() as database:
        found = (backups.check if only_check else backups.restore)(file, database)
    if as_json:
        print_json({"ok": not found.problems} | asdict(found))
    else:
        rows = ", ".join(f"{count} {name}" for name, count in found.rows.items())
        console().print(f"{file} has {rows}.", markup=False)
        newest = f"{found.newest:%Y-%m-%d %H:%M:%S} UTC" if found.newest else "none"
        console().print(f"Its last session or order: {newest}.", markup=False)
        for problem in found.problems:
            console().print(problem, markup=False)
        if not found.problems:
            done = "The backup can be used." if only_check else "It is restored."
            console().print(f"Its books balance. {done}", markup=False)
    if found.problems:
        raise typer.Exit(FAILED)

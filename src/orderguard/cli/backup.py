"""The command `orderguard backup`."""

from __future__ import annotations

from pathlib import Path

import typer

from orderguard.cli.context import open_database_as_it_is
from orderguard.cli.output import JsonOption, console, errors_explained, print_json
from orderguard.running.backups import back_up

HELP = """PostgreSQL needs pg_dump. The copy is of one moment; look at it with: orderguard restore
--check

Example: orderguard backup shop.backup
"""


def backup(
    file: Path = typer.Argument(help="The file to create; it must not exist."),
    as_json: bool = JsonOption,
) -> None:
    with errors_explained(), open_database_as_it_is() as database:
        back_up(database, file)
        size = file.stat().st_size
    if as_json:
        print_json({"file": str(file), "bytes": size})
    else:
        console().print(f"{file} has the database, {size} bytes.", markup=False)

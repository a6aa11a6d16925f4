"""Output of commands: a table or a sentence for people, or one JSON document for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from orderguard.cli.json_errors import WANTED, print_json_error
from orderguard.domain.errors import InvalidDocument, OrderguardError

JsonOption = typer.Option(False, "--json", help="Print one JSON document and nothing else.")

FAILED = 1


WIDTH_OF_A_FILE = 1_000


def console() -> Console:
    """A rich console on standard output, for output to people."""
    console = Console(highlight=False, soft_wrap=True)
    if not console.is_terminal:
        # A file or a pipe has no width to fit, and a folded id cannot be found by grep.
        console.width = WIDTH_OF_A_FILE
    return console


def print_json(document: Any) -> None:
    sys.stdout.write(json.dumps(document, default=_plain, ensure_ascii=False) + "\n")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def printable(text: str) -> str:
    """The text with escapes in place of control characters, which could command a terminal."""
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, empty: str) -> None:
    """Print a table. Cells are entered or stored texts: markup in them is not interpreted."""
    if not rows:
        console().print(empty)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(escape("" if cell is None else printable(str(cell))) for cell in row))
    console().print(table)


@contextmanager
def errors_explained() -> Iterator[None]:
    """Print an expected error on standard error, and exit with code 1.

    With `--json` the error is a JSON document: its message, and the problems of a document.
    """
    try:
        yield
    except OrderguardError as error:
        if WANTED.get():
            _print_json_error(error)
            raise typer.Exit(FAILED) from error
        if not isinstance(error, InvalidDocument):
            sys.stderr.write(f"{error}\n")
            raise typer.Exit(FAILED) from error
        for problem in error.problems:
            sys.stderr.write(f"{problem}\n")
        count = len(error.problems)
        sys.stderr.write(f"{count} {'problem' if count == 1 else 'problems'}; nothing was done.\n")
        raise typer.Exit(FAILED) from error


def _print_json_error(error: OrderguardError) -> None:
    problems = error.problems if isinstance(error, InvalidDocument) else ()
    print_json_error(str(error), ({"path": p.path, "message": p.message} for p in problems))

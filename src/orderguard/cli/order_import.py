"""The command `orderguard orders import`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import BinaryIO

import typer

from orderguard.actions.find_merchant import get_merchant
from orderguard.actions.import_orders import Imported, ImportOrders, NotTakenIn, numbered_lines
from orderguard.cli.context import change_now, open_database, person
from orderguard.cli.output import FAILED, JsonOption, console, errors_explained, print_json
from orderguard.clock import now
from orderguard.domain.errors import OrderguardError, StorageUnavailable
from orderguard.domain.ids import MerchantId
from orderguard.running.wiring import wire_import_orders

PROGRESS_EVERY_SECONDS = 2.0

SUBJECT_SHOWN = 60

HELP = """Import orders from a file: one order per line, as JSON, as PUT orders takes it.

Each line needs an external_id. Importing a file again changes nothing that is in already. A line
that cannot be taken in is named with its number, and the other lines go in; the exit code is 1
then. What is billed belongs to the month of the import, not to that of the order.

Example: orderguard orders import acme orders.jsonl
"""


def import_orders(
    merchant: str = typer.Argument(help="The merchant's id or name."),
    file: Path = typer.Argument(help="A file with one order per line; - reads standard input."),
    from_line: int = typer.Option(
        1, min=1, help="The number of the line of the file to begin with."
    ),
    as_json: bool = JsonOption,
) -> None:
    with errors_explained(), open_database() as database, _opened(file) as stream:
        with database.read() as work:
            owner = get_merchant(work, merchant)
        imported = Imported(line=from_line - 1)
        run = wire_import_orders(database, lambda: owner.time(now()))
        went_well = _import(run, owner.id, stream, from_line, imported)
        if imported.new or imported.changed:
            run.record(owner.id, imported, file=file.name[:SUBJECT_SHOWN], change=change_now())
    if not went_well:
        again = f"orderguard orders import {merchant} {file} --from-line {imported.line + 1}"
        sys.stderr.write(f"Stopped after line {imported.line}. Go on with: {again}\n")
    if as_json:
        print_json(_document(imported, is_complete=went_well))
    else:
        console().print(_sentence(imported))
    if imported.not_taken_in or not went_well:
        raise typer.Exit(FAILED)


def _import(
    run: ImportOrders,
    merchant: MerchantId,
    stream: BinaryIO,
    from_line: int,
    imported: Imported,
) -> bool:
    """Whether it came to the end of the file. Progress is on standard error."""
    began = told = monotonic()
    shown = 0
    lines = numbered_lines(stream, first=from_line)
    try:
        for _ in run(merchant, lines, imported, by=person()):
            for each in imported.not_taken_in[shown:]:
                _show(each)
            shown = len(imported.not_taken_in)
            if monotonic() - told >= PROGRESS_EVERY_SECONDS:
                told = monotonic()
                rate = imported.orders / (told - began)
                sys.stderr.write(
                    f"line {imported.line:,}: {imported.orders:,} orders, {rate:,.0f} a second\n"
                )
    except KeyboardInterrupt:
        return False
    except StorageUnavailable as error:
        sys.stderr.write(f"{error}\n")
        return False
    return True


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    """The file, or standard input for `-`. Raises `OrderguardError`."""
    if str(file) == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = file.open("rb")
    except OSError as error:
        raise OrderguardError(f"Cannot read {file}: {error}.") from error
    with stream:
        yield stream


def _show(each: NotTakenIn) -> None:
    sys.stderr.write(f"line {each.line}: {each.why}\n")


def _sentence(imported: Imported) -> str:
    return (
        f"{imported.new:,} new, {imported.changed:,} changed and {imported.unchanged:,} unchanged "
        f"orders; {len(imported.not_taken_in):,} lines were not taken in."
    )


def _document(imported: Imported, *, is_complete: bool) -> dict[str, object]:
    return {
        "complete": is_complete,
        "last_line": imported.line,
        "new": imported.new,
        "changed": imported.changed,
        "unchanged": imported.unchanged,
        "not_taken_in": [
            {"line": each.line, "message": each.why} for each in imported.not_taken_in
        ],
    }

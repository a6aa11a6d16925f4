"""The commands of `orderguard sandbox`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from orderguard.actions.find_merchant import get_merchant
from orderguard.actions.run_sandbox import NotASandbox, advance_clock, reset_sandbox
from orderguard.cli.context import change_now, open_database
from orderguard.cli.output import JsonOption, console, errors_explained, print_json
from orderguard.domain.people.merchant import Merchant
from orderguard.domain.people.sandbox import parse_advance
from orderguard.running.wiring import now

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
MerchantArgument = typer.Argument(help="The id or name of a sandbox merchant.")


class ClockVerb(StrEnum):
    """What to do with a test clock."""

    SHOW = "show"
    ADVANCE = "advance"


@app.command()
def clock(
    merchant: str = MerchantArgument,
    verb: ClockVerb = typer.Argument(ClockVerb.SHOW, help="Show it, or move it forward."),
    by: Annotated[str | None, typer.Argument(help="How far: 40d, 12h or 30m.")] = None,
    as_json: bool = JsonOption,
) -> None:
    """Show the test clock of a sandbox merchant, or move it forward; a reset sets it back.

    Example: orderguard sandbox clock acme-test advance 40d
    """
    if (verb is ClockVerb.ADVANCE) == (by is None):
        raise typer.BadParameter("Say how far, as in: advance 40d.", param_hint="BY")
    with errors_explained(), open_database() as database:
        with database.read() as work:
            found = get_merchant(work, merchant)
        if found.sandbox is None:
            raise NotASandbox(found)
        if by is not None:
            step = parse_advance(by)
            found = advance_clock(database, found.id, step, change=change_now())
    _tell(found, f"It is {found.time(now()):%Y-%m-%d %H:%M} UTC for {found.name}.", as_json)


@app.command()
def reset(merchant: str = MerchantArgument, as_json: bool = JsonOption) -> None:
    """Empty a sandbox merchant of everything but keys, people, endpoints and configuration.

    Example: orderguard sandbox reset acme-test
    """
    with errors_explained(), open_database() as database:
        with database.read() as work:
            owner = get_merchant(work, merchant).id
        found = reset_sandbox(database, owner, change=change_now())
    _tell(found, f"{found.name} is empty; its clock shows the real time again.", as_json)


def _tell(merchant: Merchant, sentence: str, as_json: bool) -> None:
    if as_json:
        at = now()
        ahead = (merchant.time(at) - at).total_seconds()
        print_json(
            {"merchant": merchant.id, "time": merchant.time(at), "seconds_ahead": int(ahead)}
        )
    else:
        console().print(sentence, markup=False)

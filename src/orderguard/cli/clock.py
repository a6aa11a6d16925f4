"""The commands of `orderguard clock`."""

from __future__ import annotations

import typer

from orderguard.actions.keep_time import confirm_clock, trusted_time
from orderguard.cli.context import open_database
from orderguard.cli.output import JsonOption, console, errors_explained, print_json
from orderguard.running.wiring import now

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command()
def show(as_json: bool = JsonOption) -> None:
    """Show whether the clock of this machine is trusted, and if not, why.

    Example: orderguard clock show
    """
    at = now()
    with errors_explained(), open_database() as database, database.read() as work:
        trusted = trusted_time(work, at=at)
    if as_json:
        print_json(
            {"clock": at.isoformat(), "trusted": trusted.at.isoformat(), "doubt": trusted.doubt}
        )
    else:
        agrees = "All clocks agree within a day."
        console().print(f"{at:%Y-%m-%d %H:%M} UTC. {trusted.doubt or agrees}", markup=False)


@app.command()
def confirm(as_json: bool = JsonOption) -> None:
    """Confirm that the clock of this machine is right, after no server ran for more than a day.

    Without it, a clock that jumped is believed after it has run evenly for a day.

    Example: orderguard clock confirm
    """
    with errors_explained(), open_database() as database:
        confirm_clock(database, at=now())
        with database.read() as work:
            trusted = trusted_time(work, at=now())
    if as_json:
        print_json({"trusted": trusted.at.isoformat(), "doubt": trusted.doubt})
    else:
        console().print(trusted.doubt or "The clock is confirmed.", markup=False)

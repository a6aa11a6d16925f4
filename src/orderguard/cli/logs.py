"""The commands of `orderguard logs`."""

from __future__ import annotations

import signal
from threading import Event

import typer

from orderguard.actions.find_merchant import get_merchant
from orderguard.actions.follow_requests import FOLLOW_EVERY_SECONDS, FollowRequests
from orderguard.cli.context import open_database
from orderguard.cli.output import console, errors_explained, print_json, printable
from orderguard.domain.integration.logged_request import KEPT, LoggedRequest

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def logs() -> None:
    """Make `tail` a command of its own: the only command of a group loses its name otherwise."""


@app.command("tail")
def tail(
    merchant: str = typer.Argument(help="The merchant's id or name."),
    follow: bool = typer.Option(False, "--follow", "-f", help="Go on with new requests."),
    lines: int = typer.Option(20, "--lines", "-n", min=0, max=KEPT, help="How many to begin with."),
    as_json: bool = typer.Option(
        False, "--json", help="Print JSON documents, one a line: a request each."
    ),
) -> None:
    """Print the latest requests that failed, or all of a sandbox.

    Example: orderguard logs tail acme --follow
    """
    stopped = Event()
    with errors_explained(), open_database() as database:
        with database.read() as work:
            owner = get_merchant(work, merchant)
        requests = FollowRequests(database, owner.id)
        latest = requests.latest()
        for each in latest[:lines][::-1]:
            _tell(each, as_json=as_json)
        if not follow:
            if not latest and not as_json:
                console().print(f"No requests of {owner.name} yet.", markup=False)
            return
        console().file.flush()
        for number in (signal.SIGINT, signal.SIGTERM):
            # Stopping it is its usual end.
            signal.signal(number, lambda *_: stopped.set())
        while not stopped.is_set():
            for each in requests.new():
                _tell(each, as_json=as_json)
            console().file.flush()
            stopped.wait(FOLLOW_EVERY_SECONDS)


def _tell(request: LoggedRequest, *, as_json: bool) -> None:
    if as_json:
        print_json(_document(request))
        return
    status = request.status or "---"
    _say(
        f"{request.at:%Y-%m-%d %H:%M:%S} {status} {request.method} {request.path} "
        f"{request.milliseconds} ms {request.request_id} {request.outcome.replace('_', ' ')}"
    )
    for problem in request.problems:
        _say(f"    {problem}")


def _document(request: LoggedRequest) -> dict[str, object]:
    return {
        "request_id": request.request_id,
        "at": request.at,
        "method": request.method,
        "path": request.path,
        "status": request.status or None,
        "outcome": request.outcome,
        "milliseconds": request.milliseconds,
        "key_id": request.key,
        "code": request.code or None,
        "problems": [
            {"field": each.path or None, "message": each.message} for each in request.problems
        ],
        "body": request.body,
        "body_bytes": request.body_bytes,
    }


def _say(text: str) -> None:
    console().print(printable(text), markup=False)

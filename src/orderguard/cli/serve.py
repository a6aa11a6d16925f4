"""The command `orderguard serve`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import typer

from orderguard.actions.sign_in import make_link_to_first_account
from orderguard.cli.context import current_settings
from orderguard.cli.output import JsonOption, errors_explained, print_json
from orderguard.domain.errors import StorageUnavailable
from orderguard.domain.people.account import sign_in_link
from orderguard.observability import configure_logging
from orderguard.randomness import new_token
from orderguard.running import server, sockets
from orderguard.running.chores_process import ChoresBeside
from orderguard.running.preparing import prepare_to_serve
from orderguard.running.wiring import now
from orderguard.running.workers import serve_with_workers
from orderguard.settings import Settings
from orderguard.storage.database import SqlDatabase

HELP = """Example: orderguard serve --port 8080
"""


def serve(
    host: str = typer.Option("127.0.0.1", help="The address to listen on."),
    port: int = typer.Option(8080, min=0, max=65_535, help="The port; 0 takes a free one."),
    workers: int = typer.Option(1, min=1, max=64, help="Serving processes, one per core or fewer."),
    as_json: bool = JsonOption,
) -> None:
    with errors_explained():
        settings = current_settings()
        configure_logging(log_format=settings.log_format)
        listeners = sockets.open_listeners(settings, host, port, os.environ)
        address = listeners.public.getsockname()
        shown = f"[{address[0]}]" if ":" in address[0] else address[0]
        url = f"http://{shown}:{address[1]}"

        def announce() -> None:
            first_account = link_to_first_account(settings, url)
            if as_json:
                link = {"first_account": first_account} if first_account else {}
                print_json({"url": url, "pid": os.getpid()} | link)
            else:
                sys.stdout.write(f"Orderguard answers at {url} (Ctrl-C stops it)\n")
                if first_account:
                    sys.stdout.write(f"Make the first account at {first_account}\n")
            sys.stdout.flush()

        prepare_to_serve(settings)
        with ChoresBeside(settings) as chores:
            if workers == 1:
                begins_anew = _serve_alone(settings, listeners, chores, announce)
            else:
                begins_anew = False
                serve_with_workers(
                    settings, listeners, count=workers, chores=chores, started=announce
                )
    if begins_anew:
        sockets.begin_anew(listeners, sys.argv[1:])


def _serve_alone(
    settings: Settings,
    listeners: sockets.Listeners,
    chores: ChoresBeside,
    announce: Callable[[], None],
) -> bool:
    """Serve in this process until asked to stop; True when it was asked to restart."""

    def started() -> None:
        announce()
        chores.start()

    # A webhook that is being sent may take seconds to finish: carts are answered meanwhile.
    ending = server.Ending(chores.stop, kept=listeners.all)
    serving = listeners.duplicated()
    server.serve(
        settings,
        serving.public,
        private=serving.operations,
        started=started,
        ending=ending,
        does_chores=False,
    )
    return ending.begins_anew


def link_to_first_account(settings: Settings, url: str) -> str | None:
    """A link to create the first account, valid for a day; None if an account exists."""
    database = SqlDatabase(settings.database_url)
    try:
        with database.read() as work:
            if work.accounts.exist():
                return None
        token = new_token()
        make_link_to_first_account(database, token=token, at=now())
    except StorageUnavailable:  # the server reports this better
        return None
    finally:
        database.dispose()
    return sign_in_link(url, token)

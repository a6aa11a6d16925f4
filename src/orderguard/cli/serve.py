"""`orderguard serve`."""

from __future__ import annotations

import os
import sys

import typer

from orderguard import server
from orderguard.cli.context import current_settings
from orderguard.cli.output import JsonOption, errors_explained, print_json
from orderguard.observability import configure_logging
from orderguard.workers import serve_with_workers

HELP = """Serve the API until stopped; needs no set-up.

Example: orderguard serve --port 8080
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
        listener = server.listen(host, port)
        shown = f"[{host}]" if ":" in host else host
        url = f"http://{shown}:{listener.getsockname()[1]}"

        def announce() -> None:
            if as_json:
                print_json({"url": url, "pid": os.getpid()})
            else:
                sys.stdout.write(f"Orderguard answers at {url} (Ctrl-C stops it)\n")
            sys.stdout.flush()

        if workers == 1:
            server.serve(settings, listener, started=announce)
        else:
            serve_with_workers(settings, listener, count=workers, started=announce)

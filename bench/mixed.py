"""Measure analyses beside all other work of a server: `python -m bench.mixed`.

Carts arrive at a fixed rate: first alone, then beside orders pushed at a fixed rate, a back-fill
(`orderguard orders import`), a year's report each second, and the webhooks of all those orders.
Each round has a server and a database of its own, so that no backlog of one round is in the next;
figures are medians of the rounds. Everything runs on this machine, the load included, which is much
for two cores. The other work runs in sessions of its own, as cron and terminals do: Linux shares a
core among sessions, and would count it against the load otherwise.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import statistics
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from multiprocessing import get_context
from multiprocessing.context import SpawnProcess
from multiprocessing.synchronize import Event
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

from rich.console import Console
from sqlalchemy import TextClause, text

from bench.open_loop import OpenLoop, open_loop
from bench.orders import order_document
from bench.places import work_directory
from bench.postgres import postgres
from bench.processes import free_port, running
from bench.report import Rows, number, print_rows
from bench.shop import open_shop, orderguard
from bench.workload import Target, Workload
from orderguard.storage.database import SqlDatabase

RATE = 300
ORDERS_RATE = 50
LINES = 10
WARM_UP_SECONDS = 2
IMPORTED = 20_000
PUSHING_CONNECTIONS = 8
REPORT_EVERY_SECONDS = 1.0
ROUNDS = 3

COLUMNS = (
    "", "p50 ms", "p99 ms", "errors", "missing", "orders/s", "import/s", "reports/s", "hooks/s",
)  # fmt: skip

_SINK = """
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Sink(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(204)
        self.end_headers()
    def log_message(self, *_):
        pass
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Sink).serve_forever()
"""

_IMPORTED = text("SELECT count(*) FROM orders WHERE external_id LIKE 'imported-%'")

_DELIVERED = text("SELECT count(*) FROM webhook_deliveries WHERE state = 'delivered'")

_spawning = get_context("spawn")


def push_orders(target: Target, rate: int, enough: Event, done: Any) -> None:
    """Push orders without a session at this rate until `enough` is set.

    `done` counts the answers.
    """
    os.setsid()
    numbers, began = count(), perf_counter()
    arguments = (target, rate, numbers, began, enough, done)
    with ThreadPoolExecutor(PUSHING_CONNECTIONS) as threads:
        for call in [threads.submit(_push, *arguments) for _ in range(PUSHING_CONNECTIONS)]:
            call.result()


def _push(
    target: Target, rate: int, numbers: Iterator[int], began: float, enough: Event, done: Any
) -> None:
    """Push the orders that come next, each when it is due, over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=30)
    headers = {"X-Authorization": target.key, "Content-Type": "application/json"}
    for each in numbers:
        if enough.is_set():
            return
        sleep(max(0.0, began + each / rate - perf_counter()))
        connection.request("PUT", "/api/v1/orders", _an_order(f"pushed-{each}"), headers)
        answer = connection.getresponse()
        answer.read()
        with done.get_lock():
            done.value += answer.status < 300


def import_orders(url: str, file: Path) -> None:
    """Import the file in a process, which is killed when the load ends."""
    os.setsid()
    orderguard(url, "orders", "import", "bench", str(file))


def _count(database: SqlDatabase, counted: TextClause) -> int:
    with database.read() as work:
        return int(work.connection.execute(counted).scalar_one())


def read_reports(url: str, enough: Event, done: Any) -> None:
    """Read a year's report each second until `enough` is set; `done` counts the reports."""
    os.setsid()
    first = (datetime.now(UTC).date() - timedelta(days=364)).isoformat()
    while not enough.is_set():
        due = perf_counter() + REPORT_EVERY_SECONDS
        orderguard(url, "analytics", "show", "bench", "--from", first)
        done.value += 1
        sleep(max(0.0, due - perf_counter()))


@contextmanager
def beside(url: str, target: Target, directory: Path) -> Iterator[list[Any]]:
    """Run the other work until the block is left; yields its counters of orders and reports."""
    file = directory / "orders.jsonl"
    with file.open("wb") as lines:
        for each in range(IMPORTED):
            lines.write(_an_order(f"imported-{each}") + b"\n")
    enough = _spawning.Event()
    counters: list[Any] = [_spawning.Value("d", 0.0) for _ in range(2)]
    pushed, reports = counters
    started: list[SpawnProcess] = [
        _spawning.Process(target=push_orders, args=(target, ORDERS_RATE, enough, pushed)),
        _spawning.Process(target=import_orders, args=(url, file)),
        _spawning.Process(target=read_reports, args=(url, enough, reports)),
    ]
    for process in started:
        process.start()
    try:
        yield counters
    finally:
        enough.set()
        for process in started:
            process.terminate()
            process.join(10)
            process.kill()


def _an_order(external_id: str) -> bytes:
    """An order with the fee of an offer, whose session is not known here."""
    offer = {
        "mode": "returnCoverage",
        "sessionId": "lop_unknown",
        "chargeInstructions": {"amount": 4_50, "currencyCode": "USD"},
    }
    return json.dumps(order_document(0, offer) | {"external_id": external_id}).encode()


@dataclass(frozen=True, slots=True)
class Round:
    """The waits alone and beside the others, and the work of the others per second."""

    alone: OpenLoop
    beside: OpenLoop
    others: tuple[float, ...]
    """Pushed orders, imported orders, reports and delivered webhooks."""

    @property
    def times(self) -> float:
        """The p99 beside the others, as a multiple of the p99 alone."""
        return self.beside.wait_ms(0.99) / self.alone.wait_ms(0.99)


def measure(url: str, directory: Path, *, seconds: int, rate: int) -> Round:
    """Measure on the empty database of this URL, in a directory of its own."""
    directory.mkdir()
    key = open_shop(url, scopes=("cart", "orders"))
    database = SqlDatabase(url)
    sink, port = free_port(), free_port()
    with ExitStack() as stack:
        stack.callback(database.dispose)
        settings = {"ORDERGUARD_DATABASE_URL": url, "ORDERGUARD_WEBHOOKS_ALLOW_PRIVATE": "true"}
        listening = [sys.executable, "-c", _SINK, str(sink)]
        stack.enter_context(running("sink", listening, port=sink, directory=directory))
        command = [sys.executable, "-m", "orderguard", "serve", "--port", str(port)]
        stack.enter_context(
            running("server", command, port=port, directory=directory, environment=settings)
        )
        orderguard(
            url, "webhooks", "add", "bench", f"http://127.0.0.1:{sink}/hook", settings=settings
        )
        target, workload = Target(port, key=key), Workload.of_lines(LINES, directory)
        open_loop(target, workload, seconds=WARM_UP_SECONDS, rate=rate)
        alone = open_loop(target, workload, seconds=seconds, rate=rate)
        with beside(url, target, directory) as (pushed, reports):

            def done() -> tuple[float, ...]:
                imported, delivered = (_count(database, each) for each in (_IMPORTED, _DELIVERED))
                return pushed.value, imported, reports.value, delivered

            while not all(done()):  # some of it has not begun
                sleep(0.1)
            before, began = done(), perf_counter()
            together = open_loop(target, workload, seconds=seconds, rate=rate)
            passed = perf_counter() - began
            work = zip(before, done(), strict=True)
            others = tuple((after - earlier) / passed for earlier, after in work)
    return Round(alone, together, others)


def _rows(rounds: Sequence[Round]) -> list[tuple[str, ...]]:
    others = [
        number(statistics.median(each), 1)
        for each in zip(*(found.others for found in rounds), strict=True)
    ]
    times = number(statistics.median(each.times for each in rounds), 1)
    return [
        (*_row("alone", [each.alone for each in rounds]), "", "", "", ""),
        (*_row("beside", [each.beside for each in rounds]), *others),
        ("times", "", times, "", "", "", "", "", ""),
    ]


def _row(name: str, found: Sequence[OpenLoop]) -> tuple[str, ...]:
    return (
        name,
        number(statistics.median(each.wait_ms(0.5) for each in found), 1),
        number(statistics.median(each.wait_ms(0.99) for each in found), 1),
        number(sum(each.errors for each in found), 0),
        number(sum(each.unanswered for each in found), 0),
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.mixed", description=__doc__)
    parser.add_argument("--seconds", type=int, default=10, help="of each load (default 10)")
    parser.add_argument("--rate", type=int, default=RATE, help=f"analyses/s (default {RATE})")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"rounds (default {ROUNDS})")
    parser.add_argument("--sqlite", action="store_true", help="on SQLite instead of PostgreSQL")
    arguments = parser.parse_args()
    options = {"seconds": arguments.seconds, "rate": arguments.rate}
    rounds: list[Round] = []
    with work_directory() as directory, ExitStack() as stack:
        cluster = None if arguments.sqlite else stack.enter_context(postgres(directory))
        for each in range(arguments.rounds):
            place = directory / f"round-{each}"
            url = f"sqlite:///{directory}/mixed-{each}.db"
            if cluster:
                cluster.create_database(place.name)
                url = cluster.url(place.name)
            found = measure(url, place, **options)
            print(f"round {each + 1}: p99 {found.times:.1f} times", file=sys.stderr, flush=True)
            rounds.append(found)
    kind = "SQLite" if arguments.sqlite else "PostgreSQL"
    print_rows(Rows(f"Analyses beside the rest, {kind}", COLUMNS, _rows(rounds)), Console())
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What checkouts notice of a restart under load: `python -m bench.restart`.

Carts arrive at a fixed rate, half of them over kept connections, while the server restarts in each
of the documented ways. A kept connection that ends before an answer is opened again once, as every
client does it.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import count, pairwise
from pathlib import Path
from time import monotonic, perf_counter, sleep

from rich.console import Console

from bench.figures import percentile
from bench.places import work_directory
from bench.postgres import postgres
from bench.processes import ServerProcess, free_port, running
from bench.report import Rows, number, print_rows
from bench.shop import open_shop
from bench.workload import Target, Workload

RATE = 300
LINES = 10
SHOPPERS = 24
SETTLE_SECONDS = 3
RESTART_WITHIN_SECONDS = 60

COLUMNS = (
    "restart",
    "database",
    "analyses",
    "refused",
    "hidden",
    "sent again",
    "longest gap ms",
    "p99 ms",
)

_HOLDS_THE_SOCKET = """
import os, signal, socket, subprocess, sys
held = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=2048)
handed = '''
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1", "LISTEN_FDNAMES": "public"}
os.execvp(sys.argv[2], sys.argv[2:])
'''
fd = held.fileno()
def start():
    words = [sys.executable, "-c", handed, str(fd), *sys.argv[2:]]
    return subprocess.Popen(words, pass_fds=[fd])
wanted = []
for each in (signal.SIGHUP, signal.SIGTERM):
    signal.signal(each, lambda number, _: wanted.append(number))
server = start()
while signal.SIGTERM not in wanted:
    signal.pause()
    server.terminate()
    server.wait()
    if signal.SIGTERM not in wanted:
        server = start()
"""
"""Like systemd with a socket unit: the server stops on SIGHUP, and another starts on its socket."""


@dataclass
class Noticed:
    """What the shops were answered."""

    answered_at: list[float] = field(default_factory=list)
    waits_ms: list[float] = field(default_factory=list)
    refused: int = 0
    hidden: int = 0
    sent_again: int = 0

    def longest_gap_ms(self) -> float:
        """The longest time between two answers with an offer."""
        moments = sorted(self.answered_at)
        return 1000 * max((later - earlier for earlier, later in pairwise(moments)), default=0.0)


class Shoppers:
    """Analyses at a fixed rate, until the block is left."""

    def __init__(self, target: Target, workload: Workload, rate: int) -> None:
        self.noticed = Noticed()
        self._target, self._rate = target, rate
        self._bodies, self._numbers = workload.bodies(), count()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._pool = ThreadPoolExecutor(SHOPPERS)

    def __enter__(self) -> Shoppers:
        self._began = perf_counter()
        self._working = [self._pool.submit(self._shop, n % 2 == 0) for n in range(SHOPPERS)]
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._pool.shutdown()
        for each in self._working:
            each.result()

    def _next(self) -> tuple[float, bytes]:
        """When the next analysis is due, and its cart."""
        with self._lock:
            return self._began + next(self._numbers) / self._rate, next(self._bodies)

    def _shop(self, keeps: bool) -> None:
        connection = HTTPConnection("127.0.0.1", self._target.port, timeout=30)
        while not self._over.is_set():
            due, body = self._next()
            sleep(max(0.0, due - perf_counter()))
            status, answer = self._ask(connection, body)
            now = perf_counter()
            with self._lock:
                self.noticed.waits_ms.append(1000 * (now - due))
                if status != 200:
                    self.noticed.refused += 1
                elif not json.loads(answer)["mode"]:
                    self.noticed.hidden += 1
                else:
                    self.noticed.answered_at.append(now)
            if not keeps:
                connection.close()
        connection.close()

    def _ask(self, connection: HTTPConnection, body: bytes) -> tuple[int, bytes]:
        """Status and answer; status 0 when there was none."""
        was_kept = connection.sock is not None
        for attempt in range(2):
            with suppress(OSError, HTTPException):
                headers = {"X-Authorization": self._target.key, "Content-Type": "application/json"}
                connection.request("POST", self._target.path, body, headers)
                response = connection.getresponse()
                return response.status, response.read()
            connection.close()
            if attempt or not was_kept:
                break
            with self._lock:
                self.noticed.sent_again += 1
        return 0, b""


def answering(target: Target) -> Target:
    """The target, once its server is ready: a held socket takes connections before."""
    deadline = monotonic() + RESTART_WITHIN_SECONDS
    while monotonic() < deadline:
        connection = HTTPConnection("127.0.0.1", target.port, timeout=30)
        with suppress(OSError, HTTPException):
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return target
        connection.close()
        sleep(0.1)
    raise TimeoutError("The server is not ready.")


def restart(server: ServerProcess) -> None:
    """SIGHUP, and wait until no process below the server is one of before."""
    before = server.children()
    os.kill(server.pid, signal.SIGHUP)
    deadline = monotonic() + RESTART_WITHIN_SECONDS
    while before & (now := server.children()) or len(now) < len(before):
        if monotonic() > deadline:
            raise TimeoutError(f"{server.name} did not restart")
        sleep(0.05)


def measure(
    way: str, command: Callable[[int], Sequence[str]], url: str, directory: Path, *, rate: int
) -> tuple[str, ...]:
    """One row: a restart in this way under load."""
    key, port = open_shop(url), free_port()
    workload = Workload.of_lines(LINES, directory)
    target = Target(port, key=key)
    with (
        running(
            f"server-{port}",
            command(port),
            port=port,
            directory=directory,
            environment={"ORDERGUARD_DATABASE_URL": url},
        ) as server,
        Shoppers(answering(target), workload, rate) as shoppers,
    ):
        # The chores have started as well, and have to be replaced with the rest.
        sleep(SETTLE_SECONDS)
        restart(server)
        sleep(SETTLE_SECONDS)
    noticed = shoppers.noticed
    return (
        way,
        "SQLite" if url.startswith("sqlite") else "PostgreSQL",
        number(len(noticed.waits_ms), 0),
        number(noticed.refused, 0),
        number(noticed.hidden, 0),
        number(noticed.sent_again, 0),
        number(noticed.longest_gap_ms(), 0),
        number(percentile(noticed.waits_ms, 0.99), 1),
    )


def serve(port: int, *options: str) -> list[str]:
    return [sys.executable, "-m", "orderguard", "serve", "--port", str(port), *options]


WAYS: dict[str, Callable[[int], Sequence[str]]] = {
    "SIGHUP, one process": serve,
    "SIGHUP, two workers one by one": lambda port: serve(port, "--workers", "2"),
    "stop and start, socket of systemd": lambda port: [
        *(sys.executable, "-c", _HOLDS_THE_SOCKET, str(port)),
        *serve(port),
    ],
}


def databases(directory: Path, stack: ExitStack) -> Iterator[tuple[str, str]]:
    """Each way, with the URL of a database of its own."""
    cluster = stack.enter_context(postgres(directory))
    for number_, way in enumerate(WAYS):
        cluster.create_database(f"restart-{number_}")
        yield way, cluster.url(f"restart-{number_}")
        yield way, f"sqlite:///{directory}/restart-{number_}.db"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.restart", description=__doc__)
    parser.add_argument("--rate", type=int, default=RATE, help=f"analyses/s (default {RATE})")
    arguments = parser.parse_args()
    with work_directory() as directory, ExitStack() as stack:
        rows = [
            measure(way, WAYS[way], url, directory, rate=arguments.rate)
            for way, url in databases(directory, stack)
        ]
    print_rows(Rows("A restart under load", COLUMNS, rows), Console(width=150))
    return 0


if __name__ == "__main__":
    sys.exit(main())

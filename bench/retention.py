"""Measure whether retention keeps up with new sessions: `python -m bench.retention`.

Carts are recorded at a fixed rate by the journal of the server, and another process deletes the
sessions that are older than `--keep` seconds, as the chores do, at the same time. One session of 36
is referred to by an order and stays. Each row is a stretch of the run: the sessions that are idle
and still there, the size of the tables, and how long a recording took.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from multiprocessing.synchronize import Event
from time import perf_counter, sleep

import uvloop
from rich.console import Console
from sqlalchemy import Connection, text

from bench.carts import cart_template
from bench.figures import percentile
from bench.places import work_directory
from bench.postgres import postgres
from bench.report import Rows, number, print_rows
from bench.shop import configuration, open_shop
from orderguard.actions.find_merchant import get_merchant
from orderguard.actions.publish_configuration import read_configuration
from orderguard.domain.ids import ConfigurationVersion, MerchantId
from orderguard.domain.offers.analysis import Analysis
from orderguard.domain.offers.offer import make_offer
from orderguard.http.wire.cart import analysis_request_from_body
from orderguard.randomness import new_session_id
from orderguard.rules.cel import CelCompiler
from orderguard.storage.database import SqlDatabase
from orderguard.storage.postgresql_journal import PostgresqlJournal
from orderguard.storage.retention import sweep_sessions
from orderguard.storage.sqlite import sqlite_path
from orderguard.storage.sqlite_journal import SqliteJournal

LINES = 3
STRETCH_SECONDS = 5
TICK_SECONDS = 0.02

COLUMNS = (
    "seconds", "new/s", "idle and there", "MB", "p50 ms", "p99 ms", "failed",
)  # fmt: skip

TABLES = "offer_sessions", "analyses", "session_carts", "session_quotes", "cart_bindings"

# What the roll-up and the orders do meanwhile.
_COUNT = text(
    "UPDATE offer_sessions SET counted = analysis_count, is_kept = id LIKE '%a' WHERE id IN"
    " (SELECT id FROM offer_sessions WHERE counted <> analysis_count LIMIT 2000)"
)
_LEFT = text("SELECT count(*) FROM offer_sessions WHERE updated_at < :before AND NOT is_kept")
_SIZE = text(
    "SELECT sum(pg_total_relation_size(name::regclass)) FROM unnest(CAST(:names AS text[])) AS name"
)


def sweep(url: str, keep_seconds: float, enough: Event) -> None:
    """The deleting process: delete idle sessions in sweeps until `enough` is set."""
    database = SqlDatabase(url)
    while not enough.is_set():
        counted = _count(database)
        before = datetime.now(UTC) - timedelta(seconds=keep_seconds)
        for _ in sweep_sessions(database, idle_since=before):
            counted = _count(database)
        if counted < 100:
            sleep(0.1)
    database.dispose()


def _count(database: SqlDatabase) -> int:
    with database.begin() as work:
        return work.connection.execute(_COUNT).rowcount


class Carts:
    """Makes analyses as the server records them, each in a session of its own."""

    def __init__(self, merchant: MerchantId) -> None:
        compiled = read_configuration(
            configuration(rules=0), CelCompiler(), version=ConfigurationVersion(1)
        )
        self._template, self._numbers = cart_template(LINES), count()
        wanted, _ = analysis_request_from_body(self._template.body("cart"), request_id="req_x")
        self._one = Analysis(
            merchant=merchant,
            session=None,
            cart_id=None,
            new_session=new_session_id(datetime.now(UTC)),
            cart=wanted.cart,
            offer=make_offer(wanted.cart, compiled),
            configuration_version=compiled.version,
            request_id="req_benchmark",
            at=datetime.now(UTC),
        )

    def another(self) -> Analysis:
        at = datetime.now(UTC)
        cart_id = f"cart-{next(self._numbers)}"
        return replace(self._one, new_session=new_session_id(at), cart_id=cart_id, at=at)


class Load:
    """Starts recordings at a fixed rate, whether or not earlier ones have ended."""

    def __init__(self, journal: PostgresqlJournal | SqliteJournal, carts: Carts) -> None:
        self._journal = journal
        self._carts = carts
        self._under_way: set[asyncio.Task[None]] = set()
        self.waits_ms: list[float] = []
        self.failed = 0

    async def run(self, *, rate: int, seconds: float) -> None:
        self.waits_ms, self.failed = [], 0
        began = perf_counter()
        sent = 0
        while (passed := perf_counter() - began) < seconds:
            for _ in range(int(passed * rate) - sent):
                task = asyncio.create_task(self._one(began + sent / rate))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)
                sent += 1
            await asyncio.sleep(TICK_SECONDS)

    async def _one(self, due: float) -> None:
        """The wait counts from when the cart was due, not from when there was time for it."""
        try:
            await self._journal.record(self._carts.another())
        except Exception:
            self.failed += 1
        else:
            self.waits_ms.append((perf_counter() - due) * 1000)


def _journal(database: SqlDatabase) -> PostgresqlJournal | SqliteJournal:
    if database.address:
        return PostgresqlJournal(database.address)
    return SqliteJournal(sqlite_path(database.url))


async def measure(url: str, arguments: argparse.Namespace) -> list[tuple[str, ...]]:
    """A row of figures for each stretch of the run."""
    database = SqlDatabase(url)
    with database.read() as work:
        carts = Carts(get_merchant(work, "bench").id)
    journal = _journal(database)
    journal.start()
    load = Load(journal, carts)
    rows: list[tuple[str, ...]] = []
    began = perf_counter()
    try:
        while perf_counter() - began < arguments.seconds:
            await load.run(rate=arguments.rate, seconds=STRETCH_SECONDS)
            with database.begin() as work:
                stored = _stored(work.connection, arguments.keep, database)
                if not rows:  # as autovacuum does within the first minute
                    work.connection.execute(text("ANALYZE"))
            rows.append(_row(perf_counter() - began, load, stored))
            print("  ".join(rows[-1]), file=sys.stderr, flush=True)
    finally:
        await journal.stop()
        database.dispose()
    return rows


def _stored(
    connection: Connection, keep_seconds: float, database: SqlDatabase
) -> tuple[int, float]:
    """Idle sessions that are still there, and the size of the tables, or of the file, in MB."""
    before = datetime.now(UTC) - timedelta(seconds=keep_seconds)
    left = connection.execute(_LEFT, {"before": int(before.timestamp() * 1e6)}).scalar_one()
    if not database.address:
        return left, sqlite_path(database.url).stat().st_size / 1e6
    size = connection.execute(_SIZE, {"names": list(TABLES)}).scalar_one()
    return left, int(size) / 1e6


def _row(passed: float, load: Load, stored: tuple[int, float]) -> tuple[str, ...]:
    waits = load.waits_ms or [0.0]
    return (
        number(passed, 0),
        number(len(waits) / STRETCH_SECONDS, 0),
        number(stored[0], 0),
        number(stored[1], 1),
        number(percentile(waits, 0.5), 1),
        number(percentile(waits, 0.99), 1),
        number(load.failed, 0),
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.retention", description=__doc__)
    parser.add_argument("--rate", type=int, default=2000, help="new sessions/s (default 2000)")
    parser.add_argument("--seconds", type=int, default=60, help="how long (default 60)")
    parser.add_argument("--keep", type=float, default=10, help="seconds kept (default 10)")
    parser.add_argument("--sqlite", action="store_true", help="on SQLite instead of PostgreSQL")
    arguments = parser.parse_args()
    with work_directory() as directory, ExitStack() as stack:
        url = f"sqlite:///{directory}/retention.db"
        if not arguments.sqlite:
            cluster = stack.enter_context(postgres(directory))
            cluster.create_database("retention")
            # Thirty days are some seconds here, so autovacuum looks more often as well.
            cluster.run("ALTER SYSTEM SET autovacuum_naptime = 5;")
            cluster.run("SELECT pg_reload_conf();")
            url = cluster.url("retention")
        open_shop(url)
        stack.enter_context(_sweeping(url, arguments.keep))
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            rows = runner.run(measure(url, arguments))
    kind = "SQLite" if arguments.sqlite else "PostgreSQL"
    print_rows(Rows(f"Retention beside new sessions, {kind}", COLUMNS, rows), Console())
    return 0


@contextmanager
def _sweeping(url: str, keep_seconds: float) -> Iterator[None]:
    spawning = multiprocessing.get_context("spawn")
    enough = spawning.Event()
    chores = spawning.Process(target=sweep, args=(url, keep_seconds, enough))
    chores.start()
    try:
        yield
    finally:
        enough.set()
        chores.join(10)
        chores.kill()


if __name__ == "__main__":
    sys.exit(main())

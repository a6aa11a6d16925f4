"""How long the pages of the console take for a shop of a million sessions.

`python -m bench.console` fills a database with that many sessions and a tenth as many orders,
serves it, signs in, and asks for every page of the console. How many sessions a shadow run replays
per second of one core is measured, too. Everything is removed at the end.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, perf_counter

import httpx
from rich.console import Console
from rich.progress import Progress

from bench.bulk import filling
from bench.console_pages import Question, questions
from bench.figures import median, percentile
from bench.filling_shop import fill, plan
from bench.machine import busy_share, describe_machine
from bench.model_shop import EXPERIMENT, make_models, open_model_shop
from bench.page import write_between
from bench.places import work_directory
from bench.postgres import postgres
from bench.processes import ServerProcess
from bench.report import Rows, as_markdown, print_rows
from bench.serving import orderguard_serving
from bench.shadow_run import sessions_per_second
from bench.shop_desk import VERSIONS, fill_desk, furnish, replay_some, sign_in_path
from orderguard.running.wiring import now
from orderguard.storage.database import SqlDatabase

BUDGET_MS = 200
SHADOW_SESSIONS = 20_000
SHADOW_WANTED = 5_000


@dataclass(frozen=True, slots=True)
class Options:
    sessions: int
    orders: int
    requests: int
    only: str


@dataclass(frozen=True, slots=True)
class Filled:
    """A shop on disk, and what there is to ask about it."""

    database_url: str
    merchant: str
    questions: list[Question]
    seconds: float


@dataclass(frozen=True, slots=True)
class Timing:
    """How long one page took to answer, and how much of that was work of the server's process."""

    title: str
    median_ms: float
    p95_ms: float
    cpu_ms: float
    kilobytes: float
    status: int

    @property
    def is_late(self) -> bool:
        return self.median_ms > BUDGET_MS


def fill_shop(database_url: str, directory: Path, options: Options, console: Console) -> Filled:
    """A fresh database with everything in it that the console shows."""
    began = monotonic()
    merchant = open_model_shop(database_url)
    shop = make_models(database_url, merchant, directory)
    desk = furnish(database_url, merchant)
    at = now()
    copies = plan(shop, sessions=options.sessions, orders=options.orders)
    with Progress(console=console, transient=True) as bar, filling(database_url) as bulk:
        task = bar.add_task("Sessions and orders", total=options.sessions)
        fill(bulk, shop, copies, at=at, progress=lambda made: bar.update(task, completed=made))
        fill_desk(bulk, desk, at=at)
    known = {
        "endpoint_id": [desk.endpoint.id],
        "draft_id": desk.drafts,
        "publication_id": [desk.publication],
        "key": [EXPERIMENT],
        "run_id": [replay_some(database_url, merchant)],
        "version": [str(number) for number in range(1, VERSIONS + 1)],
    }
    database = SqlDatabase(database_url)
    with database.engine.connect() as connection:
        asked = questions(connection, merchant, known)
    database.dispose()
    return Filled(database_url, merchant, asked, monotonic() - began)


def measure(filled: Filled, directory: Path, options: Options, console: Console) -> list[Timing]:
    """Every question, so many times, one request after the other."""
    path = sign_in_path(filled.database_url)
    wanted = [each for each in filled.questions if re.search(options.only, each.title)]
    with (
        orderguard_serving(filled.database_url, directory) as (url, process),
        httpx.Client(base_url=url, timeout=60, trust_env=False) as visitor,
    ):
        _sign_in(visitor, path)
        base = f"/console/m/{filled.merchant}"
        return [
            _timing(visitor, process, base, question, options.requests)
            for question in _shown(wanted, console)
        ]


def _shown(wanted: Sequence[Question], console: Console) -> Iterator[Question]:
    with Progress(console=console, transient=True) as bar:
        yield from bar.track(wanted, description="Pages")


def _sign_in(visitor: httpx.Client, path: str) -> None:
    found = re.search(r'name="form_token" value="(\w+)"', visitor.get(path).text)
    assert found
    fields = {"form_token": found[1], "link": path.partition("=")[2]}
    answer = visitor.post("/console/welcome", data=fields)
    assert answer.status_code == 303, answer.text


def _timing(
    visitor: httpx.Client, process: ServerProcess, base: str, question: Question, requests: int
) -> Timing:
    visitor.get(base + question.paths[0])
    times, sizes, status = [], 0, 200
    before = process.weigh().cpu_seconds
    for number in range(requests):
        path = base + question.paths[number % len(question.paths)]
        began = perf_counter()
        answer = visitor.get(path)
        times.append((perf_counter() - began) * 1000)
        sizes += len(answer.content)
        status = max(status, answer.status_code)
    cpu = process.weigh().cpu_seconds - before
    return Timing(
        question.title,
        median(times) or 0.0,
        percentile(times, 0.95),
        cpu * 1000 / requests,
        sizes / requests / 1000,
        status,
    )


def timing_rows(timings: Sequence[Timing]) -> Rows:
    """A row per page; what takes longer than it may is marked."""
    columns = ("page", "median ms", "p95 ms", "CPU ms", "KB", "status", "")
    rows = [
        (
            f"`{each.title}`",
            f"{each.median_ms:.0f}",
            f"{each.p95_ms:.0f}",
            f"{each.cpu_ms:.0f}",
            f"{each.kilobytes:.0f}",
            str(each.status),
            "LATE" if each.is_late else "",
        )
        for each in timings
    ]
    return Rows("Pages of the console", columns, rows)


def shadow_rows(directory: Path) -> Rows:
    rows = []
    for title, is_older in (("the stored answers count", False), ("each decided twice", True)):
        found = sessions_per_second(directory, SHADOW_SESSIONS, 3, is_older=is_older)
        kept = "kept" if found >= SHADOW_WANTED else "MISSED"
        rows.append((f"shadow run, {title}", f"{found:,.0f}", kept))
    columns = ("sessions per second of one core", "found", f"at least {SHADOW_WANTED:,}")
    return Rows("Shadow runs", columns, rows)


@contextmanager
def fresh_database(kind: str, directory: Path) -> Iterator[tuple[str, str]]:
    """The URL of an empty database, and the version of PostgreSQL if it is one."""
    if kind == "sqlite":
        yield f"sqlite:///{directory / 'console.db'}", "-"
        return
    with postgres(directory) as cluster:
        cluster.create_database("console")
        yield cluster.url("console"), cluster.version


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.console", description=__doc__)
    parser.add_argument("--sessions", type=int, default=1_000_000)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=21, help="of each page (default 21)")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--only", default="", help="pages whose title this pattern finds")
    parser.add_argument("--publish", action="store_true", help="write docs/performance.md")
    given = parser.parse_args()
    options = Options(given.sessions, given.orders, given.requests, given.only)
    console = Console(width=None if sys.stdout.isatty() else 140)
    with work_directory() as directory, fresh_database(given.database, directory) as (url, version):
        busy, machine = busy_share(), describe_machine(directory, postgresql=version)
        filled = fill_shop(url, directory, options, console)
        console.print(f"Filled in {filled.seconds:.0f} s.", highlight=False)
        timings = measure(filled, directory, options, console)
        tables = [timing_rows(timings)]
        if not options.only:
            tables.append(shadow_rows(directory))
    for rows in tables:
        print_rows(rows, console)
    if busy > 0.1:
        console.print(f"Others used {busy:.0%} of the processors.", highlight=False)
    if given.publish:
        head = (
            f"{machine.date}, {machine.cores} cores of {machine.processor}, Python "
            f"{machine.python}; others used {busy:.0%} of the cores. {options.sessions:,} sessions "
            f"and {options.orders:,} orders, filled in {filled.seconds:.0f} s; "
            f"{options.requests} requests of each page, one after the other."
        )
        text = "\n\n".join([head, *(as_markdown(rows) for rows in tables)]) + "\n"
        name = f"console on {given.database}"
        write_between(name, f"python -m bench.console --database {given.database} --publish", text)
    late = [each for each in timings if each.is_late or each.status >= 400]
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())

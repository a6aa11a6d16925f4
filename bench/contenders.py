"""The servers that are compared, each started as in production."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template

from bench.baselines import empty_handler
from bench.bench import Bench
from bench.environment import HERE, baseline_python
from bench.processes import ServerProcess, free_port, running
from bench.shop import open_shop
from bench.workload import Target

_BASELINES = HERE / "baselines"
_SAME_UVICORN = ("--loop", "uvloop", "--http", "httptools", "--no-access-log")


@dataclass(frozen=True, slots=True)
class Contender:
    """A running server. `stored` counts the analyses in its database."""

    name: str
    target: Target
    app: ServerProcess
    database: ServerProcess | None = None
    stored: Callable[[], int] | None = None

    @property
    def decides(self) -> bool:
        """Whether the server analyses carts; False for a ceiling, which only answers."""
        return self.stored is not None


TITLES = {
    "sqlite": "Orderguard, SQLite",
    "postgresql": "Orderguard, PostgreSQL",
    "fastapi": "FastAPI + Pydantic + ORM, PostgreSQL",
    "sketch": "Sketch: one function and one row, SQLite",
    "empty": "Empty handler, same stack",
    "nginx": "nginx, static body",
}


@contextmanager
def orderguard_on_sqlite(
    bench: Bench, *, workers: int = 1, file: Path | None = None, key: str | None = None
) -> Iterator[Contender]:
    """Orderguard on a SQLite file: a fresh one with a merchant, unless file and key are given."""
    port = free_port()
    file = file or bench.directory / f"orderguard-{port}.db"
    url = f"sqlite:///{file}"
    target = Target(port, key=key or open_shop(url))
    with _orderguard(bench, url, port=port, workers=workers) as app:
        yield Contender("sqlite", target, app, stored=lambda: _count_in_file(file))


@contextmanager
def orderguard_on_postgresql(
    bench: Bench, *, workers: int = 1, database: str | None = None, key: str | None = None
) -> Iterator[Contender]:
    """Orderguard on PostgreSQL: a fresh database, unless a database and its key are given."""
    port = free_port()
    if database is None:
        database = f"orderguard-{port}"
        bench.cluster.create_database(database)
    url = bench.cluster.url(database)
    target = Target(port, key=key or open_shop(url))
    with _orderguard(bench, url, port=port, workers=workers) as app:
        yield Contender(
            "postgresql",
            target,
            app,
            bench.cluster.process,
            lambda: _count_in_postgresql(bench, database),
        )


def _orderguard(
    bench: Bench, url: str, *, port: int, workers: int
) -> AbstractContextManager[ServerProcess]:
    command = [sys.executable, "-m", "orderguard", "serve", "--port", str(port)]
    if workers > 1:
        command += ["--workers", str(workers)]
    return running(
        f"orderguard-{port}",
        command,
        port=port,
        directory=bench.directory,
        environment={"ORDERGUARD_DATABASE_URL": url},
    )


@contextmanager
def fastapi_orm(bench: Bench, *, workers: int = 1) -> Iterator[Contender]:
    """The baseline (FastAPI with an ORM), on a PostgreSQL database of its own."""
    port = free_port()
    database, key = f"baseline-{port}", "baseline-key"
    bench.cluster.create_database(database)
    command = [str(baseline_python()), "-m", "uvicorn", "fastapi_orm.app:create_app", "--factory"]
    options = ["--app-dir", str(_BASELINES), "--port", str(port), "--log-level", "warning"]
    with running(
        f"fastapi-{port}",
        [*command, *options, *_SAME_UVICORN, "--workers", str(workers)],
        port=port,
        directory=bench.directory,
        environment={
            "BASELINE_DATABASE_URL": bench.cluster.url(database, scheme="postgresql+asyncpg"),
            "BASELINE_KEY": key,
        },
    ) as app:
        yield Contender(
            "fastapi",
            Target(port, key=key),
            app,
            bench.cluster.process,
            lambda: _count_in_postgresql(bench, database),
        )


@contextmanager
def sketch(bench: Bench) -> Iterator[Contender]:
    """What the stack allows when it promises nothing else: one function, and one durable row."""
    port, key = free_port(), "sketch-key"
    file = bench.directory / f"sketch-{port}.db"
    with running(
        f"sketch-{port}",
        [sys.executable, "-m", "uvicorn", "sketch:create_app", *_served_on(port)],
        port=port,
        directory=bench.directory,
        environment={"SKETCH_FILE": str(file), "SKETCH_KEY": key},
    ) as app:
        yield Contender("sketch", Target(port, key=key), app, stored=lambda: _count_rows_of(file))


@contextmanager
def empty_handler_on_our_stack(bench: Bench) -> Iterator[Contender]:
    """The ceiling of Falcon on uvicorn, set up as `orderguard.running.server` does it."""
    port = free_port()
    with running(
        f"empty-{port}",
        [sys.executable, "-m", "uvicorn", "empty_handler:create_app", *_served_on(port)],
        port=port,
        directory=bench.directory,
    ) as app:
        yield Contender("empty", Target(port), app)


def _served_on(port: int) -> tuple[str, ...]:
    """uvicorn's options as our own server sets them."""
    app = ("--factory", "--app-dir", str(_BASELINES), "--port", str(port), "--log-level", "warning")
    ours = ("--lifespan", "off", "--ws", "none", "--no-proxy-headers", "--no-server-header")
    return (*app, *_SAME_UVICORN, *ours)


@contextmanager
def nginx(bench: Bench) -> Iterator[Contender]:
    """The ceiling of machine, loopback and load generator: nginx with a constant answer."""
    port = free_port()
    configuration = bench.directory / "nginx.conf"
    template = Template((_BASELINES / "nginx.conf").read_text(encoding="utf-8"))
    configuration.write_text(
        template.substitute(
            USER_LINE="user root;" if os.geteuid() == 0 else "",
            DIRECTORY=bench.directory,
            PORT=port,
            ANSWER=empty_handler.ANSWER.decode(),
        ),
        encoding="utf-8",
    )
    command = ["nginx", "-c", str(configuration), "-e", str(bench.directory / "nginx.log")]
    with running(f"nginx-{port}", command, port=port, directory=bench.directory) as app:
        yield Contender("nginx", Target(port), app)


CONTENDERS: dict[str, Callable[[Bench], AbstractContextManager[Contender]]] = {
    "sqlite": orderguard_on_sqlite,
    "postgresql": orderguard_on_postgresql,
    "fastapi": fastapi_orm,
    "sketch": sketch,
    "empty": empty_handler_on_our_stack,
    "nginx": nginx,
}


def _count_in_file(file: Path) -> int:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM analyses").fetchone()
        return int(count)


def _count_rows_of(file: Path) -> int:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        (count,) = connection.execute("SELECT sum(analysis_count) FROM sessions").fetchone()
        return int(count or 0)


def _count_in_postgresql(bench: Bench, database: str) -> int:
    return int(bench.cluster.run("SELECT count(*) FROM analyses;", database=database))

"""Connections and units of work, for everything off the hot path."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError

from orderguard.domain.errors import StorageUnavailable
from orderguard.storage.unit_of_work import SqlUnitOfWork

BUSY_TIMEOUT_MS = 5_000
"""How long a writer waits for another process's transaction, off the hot path."""

_READING = "orderguard_reading"


class SqlDatabase:
    """A database by its URL. Opening it does not touch it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)

    @contextmanager
    def begin(self) -> Iterator[SqlUnitOfWork]:
        """One transaction; commits unless the block raises."""
        with _failures_named(), self.engine.begin() as connection:
            yield SqlUnitOfWork(connection)

    @contextmanager
    def read(self) -> Iterator[SqlUnitOfWork]:
        """A look at one moment's state, which hinders no writer."""
        with _failures_named(), self.engine.connect() as connection:
            yield SqlUnitOfWork(connection.execution_options(**{_READING: True}))

    def dispose(self) -> None:
        self.engine.dispose()


@contextmanager
def _failures_named() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise StorageUnavailable(f"The database cannot be used: {error.orig}") from error


def sqlite_path(url: str) -> Path:
    """The file of a SQLite URL."""
    return Path(url.removeprefix("sqlite:///"))


def open_sqlite(path: Path, *, busy_timeout_ms: int) -> sqlite3.Connection:
    """A raw connection in autocommit mode, with the same guarantees as every other one here.

    All connections of a process go through the one SQLite library of Python itself. A second
    library in the process would break POSIX file locks, and with them durability.
    """
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    _promise_durability(connection, busy_timeout_ms)
    return connection


def _promise_durability(connection: sqlite3.Connection, busy_timeout_ms: int) -> None:
    connection.execute(f"PRAGMA busy_timeout = {busy_timeout_ms}")
    connection.execute("PRAGMA journal_mode = WAL")
    # FULL syncs at every commit: an answer that was sent survives a power cut.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _engine(url: str) -> Engine:
    engine = create_engine(url)

    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, _record: object) -> None:
        # We say when transactions begin; the driver's own guess cannot be IMMEDIATE.
        connection.isolation_level = None
        _promise_durability(connection, BUSY_TIMEOUT_MS)

    @event.listens_for(engine, "begin")
    def _began(connection: Connection) -> None:
        # IMMEDIATE takes the write lock now: upgrading a read lock later can fail at once.
        reading = connection.get_execution_options().get(_READING, False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine

"""Rows into a database as fast as it takes them. Nobody else may be using it meanwhile."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg

from orderguard.storage.sqlite import sqlite_path


class Bulk(Protocol):
    """A database being filled."""

    def add(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """All rows have the same columns."""

    def run(self, statement: str) -> None:
        """One statement of SQL, within the same transaction."""


@contextmanager
def filling(database_url: str) -> Iterator[Bulk]:
    """One transaction, without any durability until it is over."""
    if database_url.startswith("sqlite"):
        with _filling_sqlite(sqlite_path(database_url)) as bulk:
            yield bulk
    else:
        with _filling_postgresql(database_url) as bulk:
            yield bulk


class _Sqlite:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            places = ", ".join("?" for _ in rows[0])
            self._connection.executemany(
                f"INSERT INTO {table} ({', '.join(rows[0])}) VALUES ({places})",
                [tuple(row.values()) for row in rows],
            )

    def run(self, statement: str) -> None:
        self._connection.execute(statement)


@contextmanager
def _filling_sqlite(file: Path) -> Iterator[Bulk]:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000;"
        )
        connection.execute("BEGIN")
        yield _Sqlite(connection)
        connection.execute("COMMIT")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = WAL").fetchone()


class _Postgresql:
    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def add(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            into = f"COPY {table} ({', '.join(rows[0])}) FROM STDIN"
            with self._connection.cursor() as cursor, cursor.copy(into) as copy:
                for row in rows:
                    copy.write_row(tuple(row.values()))

    def run(self, statement: str) -> None:
        self._connection.execute(statement)


@contextmanager
def _filling_postgresql(database_url: str) -> Iterator[Bulk]:
    with psycopg.connect(database_url) as connection:
        connection.execute("SET synchronous_commit = off")
        yield _Postgresql(connection)
    with psycopg.connect(database_url, autocommit=True) as connection:
        # What autovacuum does by itself within minutes.
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")

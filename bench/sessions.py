"""Fill databases with many stored sessions quickly, by copying one real analysis.

The copies differ in session id and cart id, and are otherwise rows as Orderguard writes them, in
all columns.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from bench.bench import Bench

_TABLES = {
    "offer_sessions": {"id": "seeds.session_id"},
    "cart_bindings": {"session_id": "seeds.session_id", "cart_id": "'seed-' || seeds.number"},
    "analyses": {"session_id": "seeds.session_id"},
    "session_carts": {"session_id": "seeds.session_id"},
    "session_quotes": {"session_id": "seeds.session_id"},
}
"""The tables of a session, and which of their columns a copy has of its own."""


def fill_sqlite(file: Path, count: int) -> None:
    """Copy the one session in the file `count` times. No server may have the file open."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -500000;"
        )
        connection.execute("BEGIN")
        connection.execute(
            "CREATE TEMP TABLE seeds AS WITH RECURSIVE numbers(number) AS "
            "(SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < ?) "
            # The ids are random, as real ones are: neighbours in time are strangers in the index.
            "SELECT number, 'lop_' || hex(randomblob(10)) AS session_id FROM numbers",
            (count,),
        )
        for table in _TABLES:
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            connection.execute(_copy(table, columns))
        connection.execute("COMMIT")
    # Another connection, because the journal cannot be changed beside a temporary table.
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = WAL").fetchone()


def fill_postgresql(bench: Bench, database: str, count: int) -> None:
    """Copy the one session in the database `count` times."""
    run = bench.cluster.run
    statements = [
        "SET synchronous_commit = off; CREATE TEMP TABLE seeds AS SELECT number, "
        "'lop_' || substr(md5(random()::text || number), 1, 20) AS session_id "
        f"FROM generate_series(1, {count}) AS number;"
    ]
    for table in _TABLES:
        listed = run(
            "SELECT column_name FROM information_schema.columns "
            f"WHERE table_name = '{table}' AND table_schema = 'public' ORDER BY ordinal_position;",
            database=database,
        )
        statements.append(f"{_copy(table, listed.splitlines())};")
    run("\n".join(statements), database=database)
    run("VACUUM (ANALYZE);", database=database)
    run("CHECKPOINT;", database=database)


def _copy(table: str, columns: Sequence[str]) -> str:
    own = _TABLES[table]
    values = ", ".join(own.get(column, f"model.{column}") for column in columns)
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} "
        f"FROM seeds, (SELECT * FROM {table} LIMIT 1) AS model"
    )

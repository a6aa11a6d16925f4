"""A posting costs the same however many there are already."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from orderguard.storage.sqlite import sqlite_path
from tests.support.databases import new_database_url, sqlite_only

pytestmark = sqlite_only

_ENTRY = (
    "INSERT INTO entries (merchant_id, posting_id, line, account, currency, amount) "
    "VALUES ('mer_1', ?, ?, ?, 'USD', ?)"
)
_POSTING = (
    "INSERT INTO postings (merchant_id, id, order_id, sequence, kind, posted_at, period) "
    "VALUES ('mer_1', ?, ?, 1, 'billing', 0, '2026-11')"
)


def _post(connection: sqlite3.Connection, number: int) -> None:
    name = f"{number}-1"
    connection.execute(_ENTRY, (name, 0, "fee_receivable", 4_98))
    connection.execute(_ENTRY, (name, 1, "fee_revenue", -4_98))
    connection.execute(_POSTING, (name, number))


def _steps(connection: sqlite3.Connection, number: int) -> int:
    """How many instructions SQLite's machine takes for one posting, in hundreds."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection.set_progress_handler(count, 100)
    _post(connection, number)
    connection.set_progress_handler(None, 100)
    return steps


def test_a_posting_takes_as_many_steps_after_two_thousand_as_after_ten(tmp_path: Path) -> None:
    path = sqlite_path(new_database_url(tmp_path))
    with closing(sqlite3.connect(path)) as connection:
        for number in range(10):
            _post(connection, number)
        few = _steps(connection, 10)
        for number in range(11, 2_000):
            _post(connection, number)
        many = _steps(connection, 2_000)

    assert many <= few + 2

"""Writers of one SQLite file get their turns one after another, in whatever process they are."""

from __future__ import annotations

import fcntl
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic

import pytest

from orderguard.storage.sqlite import open_sqlite
from orderguard.storage.sqlite_turn import begin_in_turn
from tests.support.databases import sqlite_only

pytestmark = sqlite_only

TURNS = 20
WRITERS = 3

_WRITE = """
import sys
from pathlib import Path
from time import sleep
from orderguard.storage.sqlite import open_sqlite
from orderguard.storage.sqlite_turn import begin_in_turn

path, me, turns, writers = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
connection = open_sqlite(path, busy_timeout_ms=1_000)
fewest = most = -1
while fewest < turns and most < 10 * turns:
    begin_in_turn(connection, path, within_ms=30_000)
    is_everybody_there, fewest, most = connection.execute(
        "SELECT count(*) = ?, min(count), max(count) FROM turns", (writers,)
    ).fetchone()
    if not is_everybody_there:
        fewest = most = -1
        connection.execute("INSERT INTO turns VALUES (?, 0) ON CONFLICT DO NOTHING", (me,))
    else:
        connection.execute("UPDATE turns SET count = count + 1 WHERE writer = ?", (me,))
        sleep(0.005)
    connection.execute("COMMIT")
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "queue.db"
    path.touch()
    with closing(open_sqlite(path, busy_timeout_ms=1_000)) as connection:
        connection.execute("CREATE TABLE turns (writer INTEGER PRIMARY KEY, count INTEGER)")
    return path


@pytest.fixture
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_sqlite(path, busy_timeout_ms=1_000)) as connection:
        yield connection


def test_no_process_gets_many_turns_while_another_waits_for_one(
    path: Path, connection: sqlite3.Connection
) -> None:
    arguments = [str(path)], [str(TURNS), str(WRITERS)]
    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITE, *arguments[0], str(each), *arguments[1]])
        for each in range(WRITERS)
    ]
    try:
        assert [0] * WRITERS == [each.wait(timeout=120) for each in writers]
    finally:
        for each in writers:
            each.kill()

    counts = [count for (count,) in connection.execute("SELECT count FROM turns")]
    # By SQLite's own waiting it is hundreds to one.
    assert max(counts) < TURNS * 5, counts


def test_a_writer_that_waits_too_long_is_told_so(
    path: Path, connection: sqlite3.Connection
) -> None:
    with closing(open_sqlite(path, busy_timeout_ms=1_000)) as other:
        begin_in_turn(other, path, within_ms=1_000)
        began = monotonic()
        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            begin_in_turn(connection, path, within_ms=100)
        assert monotonic() - began >= 0.1
        other.execute("ROLLBACK")

    begin_in_turn(connection, path, within_ms=1_000)


def test_a_place_that_is_never_given_up_only_delays(
    path: Path, connection: sqlite3.Connection
) -> None:
    with Path(f"{path}-turn").open("w") as place:
        fcntl.flock(place, fcntl.LOCK_EX)
        begin_in_turn(connection, path, within_ms=100)
    assert connection.in_transaction


def test_a_folder_without_room_for_a_place_is_written_without_one(
    path: Path, connection: sqlite3.Connection
) -> None:
    Path(f"{path}-turn").mkdir()
    begin_in_turn(connection, path, within_ms=100)
    assert connection.in_transaction

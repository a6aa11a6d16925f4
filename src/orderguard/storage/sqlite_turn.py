"""Queue the writers of one SQLite file, across threads and processes.

SQLite's own waiting is no queue: a writer that has just committed takes the lock again while the
others sleep, and one of several busy writers gets no turn for seconds (docs/decisions/0080).
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

LOOK_AGAIN_MS = 8
"""How long SQLite itself waits for the lock before the time is looked at. It looks after 1, 3 and 8
milliseconds, without Python's own lock, and after longer pauses from then on."""

ASK_AGAIN_SECONDS = 0.002

_BUSY_KIND = 0xFF


def begin_in_turn(connection: sqlite3.Connection, path: Path, *, within_ms: int) -> None:
    """Begin a transaction with the write lock, after the writers that are already waiting.

    The connection's busy timeout is short from then on. Raises `sqlite3.OperationalError`, also
    when the lock was not free within the time.
    """
    deadline = monotonic() + within_ms / 1_000
    connection.execute(f"PRAGMA busy_timeout = {LOOK_AGAIN_MS:d}")
    with _next_in_line(path, deadline):
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                is_busy = error.sqlite_errorcode & _BUSY_KIND == sqlite3.SQLITE_BUSY
                if not is_busy or monotonic() >= deadline:
                    raise
            else:
                return


@contextmanager
def _next_in_line(path: Path, deadline: float) -> Iterator[None]:
    """Be the only writer that asks for the lock, so that the last one to have it waits behind.

    The place belongs to an open file beside the database and ends with its process. The place is a
    courtesy: without it (held by a process that was stopped, no file can be made) the lock is asked
    for all the same.
    """
    try:
        place = os.open(f"{path}-turn", os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError:
        yield
        return
    try:
        while not _has(place) and monotonic() < deadline:
            sleep(ASK_AGAIN_SECONDS)
        yield
    finally:
        os.close(place)


def _has(place: int) -> bool:
    try:
        fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True

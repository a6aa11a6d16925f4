"""SQLite: raw connections for the checkout path, and an SQLAlchemy engine for the rest."""

from __future__ import annotations

import os
import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from orderguard.domain.errors import LockedTooLong, StorageUnavailable
from orderguard.storage.sqlite_turn import begin_in_turn
from orderguard.storage.trial_record import try_to_record

BUSY_TIMEOUT_MS = 5_000
"""How long a writer waits for another process's transaction, off the hot path."""

READ_TIMEOUT_MS = 1_000
"""How long a read may wait. Reads hardly ever wait, and checkouts wait for some reads."""

READING = "orderguard_reading"
"""The execution option of a read-only connection."""

WRITE_WITHIN = "orderguard_write_within_ms"
"""The execution option of a connection that waits otherwise than usual for the lock of writers."""

_IDENTITY = "orderguard_file"

ROOM_AT_LEAST = 1024 * 1024
"""Bytes of the disk without which nothing is recorded: the largest cart is as large."""


LOG_KEPT_BYTES = 64 * 1024 * 1024
"""How large the write-ahead log stays once it was written back; it may grow beyond meanwhile."""

PAGES_GIVEN_AT_ONCE = 256
PAGES_KEPT_FREE = 1_024
_CAN_SHRINK = 2
"""The value of `PRAGMA auto_vacuum` for a file that can shrink (incremental)."""


class SqliteFile:
    """A SQLite database file, with its SQLAlchemy engine."""

    def __init__(self, url: str, *, lock_timeout_ms: int = BUSY_TIMEOUT_MS) -> None:
        self.path = sqlite_path(url)
        self.engine = _engine(url, lock_timeout_ms)
        self._turn = threading.Lock()
        self._turn_seconds = lock_timeout_ms / 1_000

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait in a queue of this process's threads for the right to write.

        Writers that SQLite lets wait poll with growing pauses, so one of them can wait for seconds
        while others come and go. Raises `LockedTooLong`.
        """
        if not self._turn.acquire(timeout=self._turn_seconds):
            raise LockedTooLong("The change waited too long for the changes of other threads.")
        try:
            yield
        finally:
            self._turn.release()

    @property
    def place(self) -> str:
        return str(self.path.absolute())

    def dispose(self) -> None:
        self.engine.dispose()

    def exists(self) -> bool:
        return self.path.exists()

    def create(self) -> None:
        """Make an empty file unless there is one. Raises `StorageUnavailable`."""
        try:
            self.path.touch()
            if not self.path.stat().st_size:
                with closing(_connect(self.path)) as connection:
                    # Before anything is written, or it takes a VACUUM: the file can shrink.
                    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
                    connection.execute("PRAGMA journal_mode = WAL")
        except (OSError, sqlite3.Error) as error:
            raise StorageUnavailable(f"The database cannot be made: {error}") from error

    def prove_connections(self) -> None:
        """Check that the file can be opened and written. Raises `StorageUnavailable`."""
        self.check_writable()

    def give_back_room(self) -> bool:
        """Return some free pages to the disk, in a transaction as short as a checkout's.

        True when there are more to return; at the end the write-ahead log is truncated. A tenth of
        the file stays free for new rows. Raises `StorageUnavailable`.
        """
        try:
            with closing(open_sqlite(self.path, busy_timeout_ms=BUSY_TIMEOUT_MS)) as connection:
                is_more = _has_pages_to_give(connection)
                if is_more:
                    begin_in_turn(connection, self.path, within_ms=BUSY_TIMEOUT_MS)
                    # `execute` takes one step, which is one page.
                    pages = f"PRAGMA incremental_vacuum({PAGES_GIVEN_AT_ONCE})"
                    connection.execute(pages).fetchall()
                    connection.execute("COMMIT")
                else:
                    # Does nothing while a reader needs the log; the next sweep comes soon.
                    connection.execute("PRAGMA busy_timeout = 0")
                    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                return is_more
        except sqlite3.Error as error:
            raise StorageUnavailable(f"The database cannot be written: {error}") from error

    def check_writable(self) -> None:
        """Raises `StorageUnavailable` unless an analysis could be recorded now."""
        impatient = self.engine.execution_options(**{WRITE_WITHIN: READ_TIMEOUT_MS})
        try:
            with impatient.begin() as connection:
                try_to_record(connection)
        except DBAPIError as error:
            why = self.in_words(error.orig)
            raise StorageUnavailable(f"The database cannot be written: {why}") from error
        self._check_room()

    def _check_room(self) -> None:
        """A small row may fit into what the files already have; the next cart would not."""
        try:
            found = os.statvfs(self.path.absolute().parent)
        except (OSError, AttributeError):  # no such directory, or not available on Windows
            return
        free = found.f_bavail * found.f_frsize
        if free < ROOM_AT_LEAST:
            raise StorageUnavailable(
                f"The database cannot be written: the disk is full ({free // 1024} KiB are free)"
            )

    def in_words(self, error: BaseException | None) -> str:
        """The error message of SQLite, and why the file cannot be written, if that explains it."""
        text = str(error)
        hindrance = _hindrance_to_writing(self.path) if _MAY_BE_READ_ONLY.search(text) else None
        return f"{text} ({hindrance})" if hindrance else text

    def is_lock_timeout(self, error: BaseException | None) -> bool:
        """Whether a failure says that a change waited too long for the write lock of the file."""
        return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY


_MAY_BE_READ_ONLY = re.compile("unable to open database file|readonly database|disk I/O error")


def _hindrance_to_writing(path: Path) -> str | None:
    """Why the file cannot be written, None when no reason is found."""
    home = path.absolute().parent
    if not path.exists():
        return None
    if hasattr(os, "statvfs") and os.statvfs(home).f_flag & os.ST_RDONLY:
        return (
            f"{home} is on a file system that is mounted read-only; "
            "SQLite has to write beside the database even to read it"
        )
    for each in (path, home):
        if not os.access(each, os.W_OK):
            return f"this user may not write {each}"
    return None


def sqlite_path(url: str) -> Path:
    """The file of a SQLite URL."""
    return Path(url.removeprefix("sqlite:///"))


def open_sqlite(path: Path, *, busy_timeout_ms: int) -> sqlite3.Connection:
    """Open a raw connection in autocommit mode, with the durability settings that all others have.

    All connections of a process go through the one SQLite library of Python itself. A second
    library in the process would break POSIX file locks, and with them durability.
    """
    connection = _connect(path)
    connection.isolation_level = None
    _promise_durability(connection, busy_timeout_ms)
    return connection


class SteadySqlite:
    """A connection that is opened lazily, and reopened when its file was removed or replaced.

    Otherwise SQLite would go on writing to the removed file, and the data would be lost.
    """

    def __init__(self, path: Path, *, busy_timeout_ms: int) -> None:
        self._path = path
        self._busy_timeout_ms = busy_timeout_ms
        self._connection: sqlite3.Connection | None = None
        self._identity: FileIdentity | None = None

    def connection(self) -> sqlite3.Connection:
        """The open connection. Raises `sqlite3.Error` when there is no usable database file."""
        identity = _identity(self._path)
        if self._connection is not None and identity == self._identity:
            return self._connection
        self.close()
        self._connection = open_sqlite(self._path, busy_timeout_ms=self._busy_timeout_ms)
        self._identity = identity
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


FileIdentity = tuple[int, int]


def _identity(path: Path) -> FileIdentity | None:
    """Device and inode: they identify a file even after another one takes its name."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _connect(path: Path) -> sqlite3.Connection:
    # Never create: an empty file in the place of a lost database would hide the loss.
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, check_same_thread=False)


def _has_pages_to_give(connection: sqlite3.Connection) -> bool:
    def pragma(name: str) -> int:
        return int(connection.execute(f"PRAGMA {name}").fetchone()[0])

    if pragma("auto_vacuum") != _CAN_SHRINK:
        return False
    kept = max(PAGES_KEPT_FREE, pragma("page_count") // 10)
    return pragma("freelist_count") > kept + PAGES_GIVEN_AT_ONCE


def _promise_durability(connection: sqlite3.Connection, busy_timeout_ms: int) -> None:
    connection.execute(f"PRAGMA busy_timeout = {busy_timeout_ms}")
    connection.execute("PRAGMA journal_mode = WAL")
    # FULL syncs at every commit: an answer that was sent survives a power cut.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA journal_size_limit = {LOG_KEPT_BYTES}")
    # Keep statement journals and other temporary data in memory, not in files.
    connection.execute("PRAGMA temp_store = MEMORY")


def _engine(url: str, lock_timeout_ms: int) -> Engine:
    path = sqlite_path(url)
    engine = create_engine(url, creator=lambda: _connect(path))

    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
        # Transactions begin explicitly; the driver would never begin them with IMMEDIATE.
        connection.isolation_level = None
        _promise_durability(connection, lock_timeout_ms)
        record.info[_IDENTITY] = _identity(path)

    @event.listens_for(engine, "checkout")
    def _checked_out(_connection: object, record: ConnectionPoolEntry, _proxy: object) -> None:
        if record.info[_IDENTITY] != _identity(path):
            raise DisconnectionError("The database file was removed or replaced.")

    @event.listens_for(engine, "begin")
    def _began(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get(READING, False):
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {READ_TIMEOUT_MS}")
            connection.exec_driver_sql("BEGIN")
            return
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)  # noqa: S101
        # IMMEDIATE takes the write lock now: upgrading a read lock later can fail at once.
        try:
            begin_in_turn(raw, path, within_ms=options.get(WRITE_WITHIN, lock_timeout_ms))
        except sqlite3.OperationalError:
            # Once more by way of SQLAlchemy, which gives the error its name.
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine

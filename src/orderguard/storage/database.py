"""The database by its URL, and units of work in it, for everything but the checkout path."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import (
    DatabaseError,
    DBAPIError,
    InterfaceError,
    InternalError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from orderguard.domain.errors import LockedTooLong, StorageUnavailable
from orderguard.storage.postgresql_address import PostgresqlAddress, is_postgresql
from orderguard.storage.sqlite import BUSY_TIMEOUT_MS, READING, SqliteFile
from orderguard.storage.unit_of_work import SqlUnitOfWork

if TYPE_CHECKING:
    from orderguard.storage.postgresql import PostgresqlServer


class SqlDatabase:
    """A database by its URL. Constructing it does not connect; `create` makes a missing file.

    Raises `UnusableAddress` when the URL cannot be used.
    """

    def __init__(
        self, url: str, *, connections: int | None = None, lock_timeout_ms: int | None = None
    ) -> None:
        """`connections` is how many it holds at most, `lock_timeout_ms` how long its changes wait
        for locks of others; without them each kind of database has limits of its own."""
        self.url = url
        self.is_postgresql = is_postgresql(url)
        self.address = PostgresqlAddress.parse(url) if self.is_postgresql else None
        self._home: PostgresqlServer | SqliteFile
        if self.address:
            # Imported here, because its drivers are an extra that SQLite does without.
            from orderguard.storage.postgresql import CONNECTIONS, PostgresqlServer

            self._home = PostgresqlServer(
                self.address,
                connections=connections or CONNECTIONS,
                lock_timeout_ms=lock_timeout_ms,
            )
        else:
            self._home = SqliteFile(url, lock_timeout_ms=lock_timeout_ms or BUSY_TIMEOUT_MS)
        self.engine = self._home.engine
        self._looking: dict[str, Any] = {READING: True}
        if self.is_postgresql:  # one snapshot for all statements
            self._looking["isolation_level"] = "REPEATABLE READ"

    @contextmanager
    def begin(self) -> Iterator[SqlUnitOfWork]:
        """One transaction; commits unless the block raises."""
        with self._home.turn(), self._failures_named(), self.engine.begin() as connection:
            yield SqlUnitOfWork(connection)

    @contextmanager
    def read(self) -> Iterator[SqlUnitOfWork]:
        """A read-only transaction on one snapshot, which blocks no writer."""
        with self._failures_named(), self.engine.connect() as connection:
            yield SqlUnitOfWork(connection.execution_options(**self._looking))

    @property
    def place(self) -> str:
        """The location for messages: a whole path, or a URL without its password."""
        return self._home.place

    def exists(self) -> bool:
        return self._home.exists()

    def create(self) -> None:
        """Make an empty database file unless there is one. Raises `StorageUnavailable`."""
        self._home.create()

    def prove_connections(self) -> None:
        """Open every kind of connection that serving needs. Raises `StorageUnavailable`."""
        self._home.prove_connections()

    def check_writable(self) -> None:
        """Raises `StorageUnavailable` unless an analysis could be recorded now."""
        self._home.check_writable()

    def give_back_room(self) -> bool:
        """Return a few free pages of a SQLite file to the disk; True when there are more to return.

        PostgreSQL's autovacuum does that by itself.
        """
        return self._home.give_back_room()

    def dispose(self) -> None:
        self._home.dispose()

    @contextmanager
    def _failures_named(self) -> Iterator[None]:
        try:
            yield
        except PoolTimeoutError as error:
            raise StorageUnavailable("All connections to the database are busy.") from error
        except DBAPIError as error:
            # Other errors are mistakes of a caller, such as a duplicate name.
            if type(error) not in _MEANS_UNAVAILABLE:
                raise
            why = self._home.in_words(error.orig)
            if self._home.is_lock_timeout(error.orig):
                raise LockedTooLong(f"The change waited too long for a lock: {why}") from error
            raise StorageUnavailable(f"The database cannot be used: {why}") from error


# Exactly these: their subclasses are mistakes. A read-only server is an internal error to drivers.
_MEANS_UNAVAILABLE = (OperationalError, InternalError, InterfaceError, DatabaseError)

"""PostgreSQL for everything but the checkout path, through SQLAlchemy and psycopg."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from time import monotonic
from typing import Any, TypeVar

import psycopg
from psycopg import generators
from sqlalchemy import Engine, ExceptionContext, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import ConnectionPoolEntry

from orderguard.domain.errors import StorageUnavailable
from orderguard.storage.postgresql_address import PostgresqlAddress
from orderguard.storage.postgresql_session import prove_sessions
from orderguard.storage.trial_record import try_to_record

STATEMENT_TIMEOUT_MS = 10_000
"""How long one statement may take, off the hot path."""

PATIENCE_SECONDS = 12.0
"""How long the client waits for a statement. A reachable server times out before that."""

PING_SECONDS = 1.0
"""How long the ping of a pooled connection may take before it counts as dead."""

POOL_SIZE = 5
"""Connections that are kept open."""

CONNECTIONS = 10
"""Connections at most, unless told otherwise."""

IDLE_TIMEOUT_MS = 60_000
"""How long a frozen process keeps locks of a transaction: this, or two lock timeouts."""

POOL_TIMEOUT_SECONDS = 2
"""How long a call waits for a pooled connection before the response is 503."""


class PostgresqlServer:
    """A PostgreSQL database, with its SQLAlchemy engine."""

    def __init__(
        self,
        address: PostgresqlAddress,
        *,
        connections: int = CONNECTIONS,
        lock_timeout_ms: int | None = None,
    ) -> None:
        self.address = address
        self.engine = _engine(address, connections, lock_timeout_ms)
        self._is_over = False
        event.listen(self.engine, "checkin", self._close_when_over)

    def dispose(self) -> None:
        """Close all connections; a connection in use is closed when its thread returns it."""
        self._is_over = True
        self.engine.dispose()

    def _close_when_over(self, _connection: object, record: ConnectionPoolEntry) -> None:
        if self._is_over:
            record.invalidate()

    def turn(self) -> AbstractContextManager[None]:
        """A context that does nothing: PostgreSQL itself queues writers of the same rows."""
        return nullcontext()

    @property
    def place(self) -> str:
        found = self.address.parameters
        return (
            f"database {found.get('dbname', 'of this name')} on {found.get('host', 'this machine')}"
        )

    def in_words(self, error: BaseException | None) -> str:
        """The error message of the server or the driver."""
        return str(error)

    def is_lock_timeout(self, error: BaseException | None) -> bool:
        """Whether a failure says that a statement waited too long for a lock."""
        return isinstance(error, psycopg.errors.LockNotAvailable)

    def exists(self) -> bool:
        return True

    def create(self) -> None:
        """Do nothing: a PostgreSQL database is created by its administrator."""

    def prove_connections(self) -> None:
        """Open every kind of connection that serving needs. Raises `StorageUnavailable`."""
        self.check_writable()
        asyncio.run(prove_sessions(self.address))

    def give_back_room(self) -> bool:
        return False

    def check_writable(self) -> None:
        """Raises `StorageUnavailable` unless an analysis could be recorded now."""
        try:
            with self.engine.begin() as connection:
                if connection.execute(text("SHOW transaction_read_only")).scalar() == "on":
                    raise StorageUnavailable("The database is read-only; is it a replica?")
                try_to_record(connection)
        except PoolTimeoutError as error:
            raise StorageUnavailable("All connections to the database are busy.") from error
        except DBAPIError as error:
            raise StorageUnavailable(f"The database cannot be used: {error.orig}") from error


_Returned = TypeVar("_Returned")


class ImpatientConnection(psycopg.Connection[Any]):
    """A connection with a client-side timeout: `PATIENCE_SECONDS`, or `PING_SECONDS` in the pool.

    A server or network that does not respond would otherwise block a thread for a quarter of an
    hour.
    """

    patience_seconds = PING_SECONDS
    _round_trips = 0

    def outgrew_its_plans(self) -> bool:
        """Whether to plan anew, which is to be asked before each round trip with statements.

        PostgreSQL keeps the plans of statements, triggers and foreign keys. Plans made while a
        table was small may read all rows of a merchant through an index that begins like the right
        one, until the table is analysed. So plans are dropped at the 1st, 2nd, 4th, 8th round trip
        and so on.
        """
        self._round_trips += 1
        return self._round_trips & (self._round_trips - 1) == 0

    def wait(self, gen: Any, *arguments: Any, **options: Any) -> Any:
        return super().wait(self._while_patient(gen), *arguments, **options)

    def _while_patient(self, steps: Generator[Any, Any, _Returned]) -> Generator[
        Any, Any, _Returned
    ]:  # fmt: skip
        """Run the steps until the timeout. psycopg resumes them regularly even without input."""
        deadline = monotonic() + self.patience_seconds
        try:
            wanted = next(steps)
            while True:
                found = yield wanted
                if monotonic() > deadline:
                    self.pgconn.finish()  # else the next user of the connection would wait for it
                    raise psycopg.OperationalError("The server has fallen silent.")
                wanted = steps.send(found) or wanted
        except StopIteration as end:
            returned: _Returned = end.value
            return returned

    @contextmanager
    def pipeline(self) -> Iterator[psycopg.Pipeline]:
        with super().pipeline() as pipeline:
            _end_with_a_sync(pipeline)
            yield pipeline

    @contextmanager
    def _pipeline_nolock(self) -> Iterator[psycopg.Pipeline]:
        with super()._pipeline_nolock() as pipeline:
            _end_with_a_sync(pipeline)
            yield pipeline


def _end_with_a_sync(pipeline: Any) -> None:
    """Make the Sync the last message of the pipeline.

    psycopg sends a Flush after it. PostgreSQL measures how long a transaction is idle from the Sync
    to the next message, whichever it is: after a Flush a frozen process could stay idle forever.
    """
    pipeline._exit_gen = partial(_exit_with_a_sync, pipeline)  # noqa: SLF001


def _exit_with_a_sync(pipeline: Any) -> Generator[Any, Any, None]:
    try:
        pipeline._enqueue_sync()  # noqa: SLF001
        yield from pipeline._communicate_gen()  # noqa: SLF001
    finally:
        if pipeline.result_queue:
            yield from generators.send(pipeline.pgconn)
            yield from pipeline._fetch_gen(flush=False)  # noqa: SLF001


_LOST_ITS_SERVER = frozenset({"25006", "57P01", "57P02", "57P03"})
"""Read-only transaction, administrator's shutdown, crash, starting up: the primary is elsewhere."""


def _engine(address: PostgresqlAddress, connections: int, lock_timeout_ms: int | None) -> Engine:
    kept = min(POOL_SIZE, connections)
    engine = create_engine(
        "postgresql+psycopg://",
        pool_size=kept,
        max_overflow=connections - kept,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        # A connection that the server has dropped meanwhile is noticed before it is used.
        pool_pre_ping=True,
    )

    last = [address]
    """The address that begins with the host of the last connection: a silent one costs seconds."""

    @event.listens_for(engine, "do_connect")
    def _connect(*_: Any) -> ImpatientConnection:
        connection = ImpatientConnection.connect(last[0].for_psycopg(), autocommit=True)
        found = connection.info
        last[0] = address.beginning_with(found.host, str(found.port))
        # Not asked for while connecting, because a pooler may refuse or drop it there.
        connection.execute(f"SET statement_timeout = {STATEMENT_TIMEOUT_MS}")
        if lock_timeout_ms is not None:
            connection.execute(f"SET lock_timeout = {lock_timeout_ms:d}")
        idle_ms = IDLE_TIMEOUT_MS if lock_timeout_ms is None else 2 * lock_timeout_ms
        connection.execute(f"SET idle_in_transaction_session_timeout = {idle_ms:d}")
        connection.autocommit = False
        return connection

    @event.listens_for(engine, "handle_error")
    def _failed(context: ExceptionContext) -> None:
        """Empty the pool when an error says that its server is no longer the primary."""
        state = getattr(context.original_exception, "sqlstate", None)
        if state in _LOST_ITS_SERVER:
            context.is_disconnect = True
            context.invalidate_pool_on_disconnect = True

    @event.listens_for(engine, "checkout")
    def _checked_out(connection: ImpatientConnection, *_: Any) -> None:
        connection.patience_seconds = PATIENCE_SECONDS

    @event.listens_for(engine, "checkin")
    def _checked_in(connection: ImpatientConnection | None, *_: Any) -> None:
        if connection is not None:
            connection.patience_seconds = PING_SECONDS

    return engine

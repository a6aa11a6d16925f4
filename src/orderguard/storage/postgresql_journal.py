"""The hot path on PostgreSQL: analyses that arrive together share one durable commit.

One writer owns a connection. It takes all waiting analyses and records them by a single statement;
what that leaves out, such as a cart id whose session has an order, follows in a transaction of a
handful of statements. Only after the commit are the callers answered.
A second writer was slower: the cost of a batch hardly depends on its size, and there were more.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from time import perf_counter
from typing import Any

import asyncpg

from orderguard.domain.ids import MerchantId, SessionId
from orderguard.domain.offers.analysis import RecordedAnalysis
from orderguard.domain.offers.offer_session import OfferSession
from orderguard.storage.byte_quota import ByteQuota
from orderguard.storage.group_commit import (
    BATCH_LIMIT,
    QUEUE_LIMIT,
    Outcome,
    Waiting,
    settle,
    too_many_waiting,
    unavailable,
    waiting_for,
)
from orderguard.storage.postgresql_address import PostgresqlAddress
from orderguard.storage.postgresql_one_statement import record_at_once
from orderguard.storage.postgresql_recording import forget_quotes, record
from orderguard.storage.postgresql_session import (
    connect,
    leave_as_it_is,
    open_connection,
    prepare,
)
from orderguard.storage.rows import offer_from_row
from orderguard.storage.tables import from_microseconds

ANSWER_WITHIN_SECONDS = 2.0
"""How long a commit may take, connecting included. A later answer is of no use to a checkout."""

WAITS_FOR_CONNECTION_SECONDS = 0.25
"""How long callers wait for a lost connection to be made anew. Later they are answered at once."""

RECONNECT_AFTER_SECONDS = 0.1

READERS = 4
"""Connections for reading, at most."""

_SESSION = """
SELECT s.created_at, s.updated_at, s.analysis_count, a.offer FROM offer_sessions s
JOIN analyses a ON a.merchant_id = s.merchant_id AND a.session_id = s.id
  AND a.ordinal = s.analysis_count
WHERE s.merchant_id = $1 AND s.id = $2
"""
_SESSION_OF_CART = "SELECT session_id FROM cart_bindings WHERE merchant_id = $1 AND cart_id = $2"

_MEANS_UNAVAILABLE = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.UndefinedTableError,
)


class PostgresqlJournal:
    """The journal of analyses on PostgreSQL, for the checkout path."""

    def __init__(
        self,
        address: PostgresqlAddress,
        *,
        observe_commit: Callable[[float, int], None] = lambda _seconds, _count: None,
        bytes_per_day: int = 0,
    ) -> None:
        """`observe_commit` is told how long each commit took and how many analyses shared it.

        `bytes_per_day` is the storage quota of each merchant per day; 0 means no quota.
        """
        self._address = address
        self._quota = ByteQuota(bytes_per_day)
        self._observe_commit = observe_commit
        self._waiting: deque[Waiting] = deque()
        self._arrived = asyncio.Event()
        self._stopping = False
        self._away: Exception | None = None
        self._writing: asyncio.Task[None] | None = None
        self._readers: asyncpg.Pool[Any] | None = None
        self._pool_lock = asyncio.Lock()

    def start(self) -> None:
        """Start the writer, on the running event loop."""
        loop = asyncio.get_running_loop()
        writer = _Writer(self._address, self._quota, self._observe_commit)
        self._writing = loop.create_task(self._write(writer))

    async def stop(self) -> None:
        """Write the waiting analyses, then stop."""
        self._stopping = True
        self._arrived.set()
        if self._writing:
            await self._writing
        if self._readers:
            self._readers.terminate()

    async def record(self, analysis: Any) -> RecordedAnalysis:
        if self._stopping or len(self._waiting) >= QUEUE_LIMIT:
            raise too_many_waiting()
        if self._away:
            raise unavailable(self._away)
        waiting = waiting_for(analysis)
        self._waiting.append(waiting)
        self._arrived.set()
        return await waiting.answer

    async def find_session_of_cart(self, merchant: MerchantId, cart_id: str) -> SessionId | None:
        row = await self._read(_SESSION_OF_CART, merchant, cart_id)
        return SessionId(row[0]) if row else None

    async def find_offer_session(
        self, merchant: MerchantId, session: SessionId
    ) -> OfferSession | None:
        row = await self._read(_SESSION, merchant, str(session))
        if row is None:
            return None
        return OfferSession(
            merchant=merchant,
            id=session,
            created_at=from_microseconds(row["created_at"]),
            updated_at=from_microseconds(row["updated_at"]),
            analysis_count=row["analysis_count"],
            offer=offer_from_row(row["offer"]),
        )

    async def _read(self, query: str, *values: str) -> Any:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_SECONDS):
                return await self._read_with(await self._pool(), query, *values)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise unavailable(error) from error

    async def _pool(self) -> asyncpg.Pool[Any]:
        async with self._pool_lock:
            if self._readers is None:
                self._readers = await asyncpg.create_pool(
                    connect=partial(_connect_reader, self._address),
                    min_size=0,
                    max_size=READERS,
                    init=prepare,
                    reset=leave_as_it_is,
                )
            return self._readers

    async def _read_with(self, readers: asyncpg.Pool[Any], query: str, *values: str) -> Any:
        connection = await readers.acquire()
        try:
            return await connection.fetchrow(query, *values)
        except BaseException:
            # `close` would wait for a server that does not answer.
            connection.terminate()
            raise
        finally:
            await readers.release(connection)

    async def _write(self, writer: _Writer) -> None:
        while batch := await self._next_batch():
            try:
                await writer.commit(batch)
            except Exception as error:  # the waiting callers must learn of any failure
                # The connection may be in any state, so the next batch opens a new one.
                writer.drop_connection()
                if isinstance(error, TimeoutError):
                    # Callers that queued meanwhile fail as well, instead of waiting once more.
                    batch += self._take(len(self._waiting))
                settle(batch, [unavailable(error)] * len(batch))
                await self._reconnect(writer)
        writer.drop_connection()

    async def _reconnect(self, writer: _Writer) -> None:
        """Make a new connection, however often it fails; callers do not wait for that."""
        connecting = asyncio.ensure_future(writer.reconnect())
        try:
            while not self._stopping:
                try:
                    await asyncio.wait_for(asyncio.shield(connecting), WAITS_FOR_CONNECTION_SECONDS)
                    break
                except Exception as error:
                    self._away = error
                    unanswered = self._take(len(self._waiting))
                    settle(unanswered, [unavailable(error)] * len(unanswered))
                if connecting.done():
                    await asyncio.sleep(RECONNECT_AFTER_SECONDS)
                    connecting = asyncio.ensure_future(writer.reconnect())
        finally:
            self._away = None
            connecting.cancel()

    async def _next_batch(self) -> list[Waiting]:
        """Wait for analyses and take a batch; empty only after `stop`, when none are left."""
        while not self._waiting and not self._stopping:
            self._arrived.clear()
            await self._arrived.wait()
        return self._take(min(len(self._waiting), BATCH_LIMIT))

    def _take(self, count: int) -> list[Waiting]:
        return [self._waiting.popleft() for _ in range(count)]


class _Writer:
    """A connection that commits one batch after another."""

    def __init__(
        self,
        address: PostgresqlAddress,
        quota: ByteQuota,
        observe_commit: Callable[[float, int], None],
    ) -> None:
        self._address = address
        self._quota = quota
        self._observe_commit = observe_commit
        self._connection: asyncpg.Connection[Any] | None = None

    async def commit(self, batch: list[Waiting]) -> None:
        """Record the batch, and answer it. Raises the errors of an unavailable database."""
        started = perf_counter()
        async with asyncio.timeout(ANSWER_WITHIN_SECONDS):
            connection = await self._connected()
            left = await self._together(connection, batch)
        if left:
            settle(left, await self._one_by_one(connection, left))
        self._observe_commit(perf_counter() - started, len(batch))

    async def _together(
        self, connection: asyncpg.Connection[Any], batch: Sequence[Waiting]
    ) -> Sequence[Waiting]:
        """Record the batch, and answer it; returns the part that holds an invalid row.

        `_one_by_one` retries each row alone then, so that only the invalid row fails.
        """
        left = batch
        try:
            at_once = await record_at_once(connection, batch, self._quota)
            settle(batch, at_once.outcomes)
            left = at_once.left_out(batch)
            if at_once.surplus:
                await forget_quotes(connection, at_once.surplus)
            if left:
                settle(left, await _in_one_transaction(connection, left, self._quota))
        except Exception as error:
            if _means_unavailable(error):
                raise
            return left
        return ()

    async def _one_by_one(
        self, connection: asyncpg.Connection[Any], batch: Sequence[Waiting]
    ) -> list[Outcome]:
        """One outcome per analysis, each committed alone, as far as the time suffices."""
        outcomes: list[Outcome] = []
        try:
            async with asyncio.timeout(ANSWER_WITHIN_SECONDS):
                for waiting in batch:
                    outcomes += [await _alone(connection, waiting, self._quota)]
        except _MEANS_UNAVAILABLE as error:
            self.drop_connection()
            outcomes += [unavailable(error)] * (len(batch) - len(outcomes))
        return outcomes

    async def _connected(self) -> asyncpg.Connection[Any]:
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._address)
        return self._connection

    async def reconnect(self) -> None:
        """Raises the errors of an unavailable database."""
        async with asyncio.timeout(ANSWER_WITHIN_SECONDS):
            await self._connected()

    def drop_connection(self) -> None:
        if self._connection is not None:
            with suppress(Exception):  # the connection is discarded in any case
                self._connection.terminate()
            self._connection = None


async def _alone(
    connection: asyncpg.Connection[Any], waiting: Waiting, quota: ByteQuota
) -> Outcome:
    try:
        return (await _in_one_transaction(connection, [waiting], quota))[0]
    except Exception as error:
        if _means_unavailable(error):
            raise
        return unavailable(error)


async def _in_one_transaction(
    connection: asyncpg.Connection[Any], batch: Sequence[Waiting], quota: ByteQuota
) -> list[Outcome]:
    await connection.execute("BEGIN")
    try:
        outcomes = await record(connection, batch, quota)
        await connection.execute("COMMIT")
    except Exception as error:
        # When it means unavailable the connection is dropped, and the transaction with it.
        if not _means_unavailable(error):
            await connection.execute("ROLLBACK")
        raise
    return outcomes


async def _connect_reader(
    address: PostgresqlAddress, *_: Any, **options: Any
) -> asyncpg.Connection[Any]:
    """A connection for the pool, which passes its classes and its loop as options."""
    return await open_connection(address, **options)


def _means_unavailable(error: Exception) -> bool:
    # asyncpg has an interface error for values that it cannot encode, which is the row's own fault.
    return isinstance(error, _MEANS_UNAVAILABLE) and not isinstance(error, ValueError)

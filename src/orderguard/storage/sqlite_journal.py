"""The hot path on SQLite: analyses that arrive together share one durable commit.

One thread owns the writing connection. It takes all waiting analyses, records them in a single
transaction, and only after the commit are the callers answered. A caller whose answer was sent can
therefore rely on it, also after `kill -9`.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from pathlib import Path
from threading import Condition, Thread
from time import perf_counter
from typing import Any

from orderguard.domain.ids import MerchantId, SessionId
from orderguard.domain.offers.analysis import Analysis, RecordedAnalysis
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
from orderguard.storage.rows import offer_from_row
from orderguard.storage.sqlite import SteadySqlite
from orderguard.storage.sqlite_recording import record
from orderguard.storage.sqlite_turn import begin_in_turn
from orderguard.storage.tables import from_microseconds

BUSY_TIMEOUT_MS = 1_000

_BOUND = "SELECT session_id FROM cart_bindings WHERE merchant_id = ? AND cart_id = ?"
_SESSION = (
    "SELECT s.created_at, s.updated_at, s.analysis_count, a.offer FROM offer_sessions s "
    "JOIN analyses a ON a.merchant_id = s.merchant_id AND a.session_id = s.id "
    "AND a.ordinal = s.analysis_count WHERE s.merchant_id = ? AND s.id = ?"
)


class SqliteJournal:
    """The journal of analyses on SQLite, for the checkout path."""

    def __init__(
        self,
        path: Path,
        *,
        observe_commit: Callable[[float, int], None] = lambda _seconds, _count: None,
        bytes_per_day: int = 0,
    ) -> None:
        """`observe_commit` is told how long each commit took and how many analyses shared it.

        `bytes_per_day` is the storage quota of each merchant per day; 0 means no quota.
        """
        self._path = path
        self._quota = ByteQuota(bytes_per_day)
        self._writer = SteadySqlite(path, busy_timeout_ms=BUSY_TIMEOUT_MS)
        self._reader = SteadySqlite(path, busy_timeout_ms=BUSY_TIMEOUT_MS)
        self._observe_commit = observe_commit
        self._waiting: deque[Waiting] = deque()
        self._arrived = Condition()
        self._stopping = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None

    def start(self) -> None:
        """Start the writing thread; call it on the event loop that will wait for the answers."""
        self._loop = asyncio.get_running_loop()
        self._thread = Thread(target=self._write, name="offer-session-journal", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """Write the waiting analyses, then stop."""
        with self._arrived:
            self._stopping = True
            self._arrived.notify()
        if self._thread:
            await asyncio.to_thread(self._thread.join)
        self._reader.close()

    async def record(self, analysis: Analysis) -> RecordedAnalysis:
        if self._stopping or len(self._waiting) >= QUEUE_LIMIT:
            raise too_many_waiting()
        waiting = waiting_for(analysis)
        if not self._waiting and self._loop:
            # Deferred by one loop iteration, so that analyses of the same iteration share a commit.
            self._loop.call_soon(self._wake)
        self._waiting.append(waiting)
        return await waiting.answer

    def _wake(self) -> None:
        with self._arrived:
            self._arrived.notify()

    async def find_session_of_cart(self, merchant: MerchantId, cart_id: str) -> SessionId | None:
        row = self._read(_BOUND, (merchant, cart_id))
        return SessionId(row[0]) if row else None

    async def find_offer_session(
        self, merchant: MerchantId, session: SessionId
    ) -> OfferSession | None:
        row = self._read(_SESSION, (merchant, session))
        if row is None:
            return None
        created_at, updated_at, analysis_count, offer = row
        return OfferSession(
            merchant=merchant,
            id=session,
            created_at=from_microseconds(created_at),
            updated_at=from_microseconds(updated_at),
            analysis_count=analysis_count,
            offer=offer_from_row(offer),
        )

    def _read(self, query: str, values: tuple[str, ...]) -> tuple[Any, ...] | None:
        try:
            row: tuple[Any, ...] | None
            row = self._reader.connection().execute(query, values).fetchone()
        except sqlite3.Error as error:
            raise unavailable(error) from error
        return row

    def _write(self) -> None:
        while batch := self._next_batch():
            outcomes: list[Outcome]
            try:
                outcomes = self._commit(self._writer.connection(), batch)
            except Exception as error:  # the waiting callers must learn of any failure
                outcomes = [unavailable(error)] * len(batch)
                # The connection may be in any state, so the next batch opens a new one.
                self._writer.close()
            self._answer(batch, outcomes)
        self._writer.close()

    def _next_batch(self) -> list[Waiting]:
        """Wait for analyses and take a batch; empty only after `stop`, when none are left."""
        with self._arrived:
            while not self._waiting and not self._stopping:
                self._arrived.wait()
            count = min(len(self._waiting), BATCH_LIMIT)
            return [self._waiting.popleft() for _ in range(count)]

    def _commit(self, connection: sqlite3.Connection, batch: list[Waiting]) -> list[Outcome]:
        started = perf_counter()
        try:
            outcomes = self._in_one_transaction(connection, batch)
        except sqlite3.OperationalError:
            raise
        except Exception:
            # One row is invalid. Recorded one by one, only that row fails.
            outcomes = [self._alone(connection, waiting) for waiting in batch]
        self._observe_commit(perf_counter() - started, len(batch))
        return outcomes

    def _in_one_transaction(
        self, connection: sqlite3.Connection, batch: list[Waiting]
    ) -> list[Outcome]:
        begin_in_turn(connection, self._path, within_ms=BUSY_TIMEOUT_MS)
        try:
            outcomes = record(connection, batch, self._quota)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return outcomes

    def _alone(self, connection: sqlite3.Connection, waiting: Waiting) -> Outcome:
        try:
            return self._in_one_transaction(connection, [waiting])[0]
        except Exception as error:
            return unavailable(error)

    def _answer(self, batch: list[Waiting], outcomes: list[Outcome]) -> None:
        assert self._loop is not None, "the journal was not started"  # noqa: S101
        try:
            self._loop.call_soon_threadsafe(settle, batch, outcomes)
        except RuntimeError:  # the loop is closed: no caller is waiting any more
            return

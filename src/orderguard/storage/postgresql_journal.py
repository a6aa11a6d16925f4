"""The hot path on PostgreSQL: analyses that arrive together share one durable commit.

A task owns the writing connection. It takes everything that is waiting and records it in a single
transaction with a handful of multi-row statements; only after the commit are the callers answered.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import asyncpg

from orderguard.actions.ports import DecidedForAnotherSession
from orderguard.domain.analysis import RecordedAnalysis
from orderguard.domain.errors import SessionNotFound
from orderguard.domain.ids import MerchantId, SessionId
from orderguard.domain.offer_session import OfferSession
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
from orderguard.storage.tables import from_microseconds, to_microseconds

ANSWER_WITHIN_SECONDS = 1.0
"""How long connecting, or one statement, may take. Past it a checkout is better off without us."""

Session = tuple[str, str]
"""Merchant and session id."""

CartKey = tuple[str, str]
"""Merchant and cart id."""

_BOUND = """
SELECT merchant_id, cart_id, session_id FROM cart_bindings
JOIN unnest($1::text[], $2::text[]) AS wanted (merchant_id, cart_id) USING (merchant_id, cart_id)
"""
# Rows and locks are taken in the order of their keys, so that two transactions that want the same
# ones wait for each other instead of blocking each other.
_BIND = """
INSERT INTO cart_bindings (merchant_id, cart_id, session_id)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) AS new (merchant_id, cart_id, session_id)
ORDER BY merchant_id, cart_id
ON CONFLICT (merchant_id, cart_id) DO NOTHING
RETURNING merchant_id, cart_id
"""
_REBIND = """
UPDATE cart_bindings SET session_id = moved.new_id
FROM unnest($1::text[], $2::text[], $3::text[]) AS moved (merchant_id, cart_id, new_id)
WHERE cart_bindings.merchant_id = moved.merchant_id AND cart_bindings.cart_id = moved.cart_id
"""
_CONTINUE = """
WITH more AS (
  SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::int[], $5::bool[])
    AS more (merchant_id, id, at, analyses, eligible)
), locked AS (
  SELECT s.merchant_id, s.id FROM offer_sessions s
  JOIN more ON s.merchant_id = more.merchant_id AND s.id = more.id
  ORDER BY s.merchant_id, s.id FOR UPDATE OF s
)
UPDATE offer_sessions s SET
  updated_at = greatest(s.updated_at, more.at),
  analysis_count = s.analysis_count + more.analyses,
  ever_eligible = s.ever_eligible OR more.eligible
FROM more JOIN locked USING (merchant_id, id)
WHERE s.merchant_id = more.merchant_id AND s.id = more.id
RETURNING s.merchant_id, s.id, s.analysis_count
"""
_START = """
INSERT INTO offer_sessions
  (merchant_id, id, created_at, updated_at, analysis_count, ever_eligible, is_kept)
SELECT merchant_id, id, at, at, analyses, eligible, false
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::int[], $5::bool[])
  AS new (merchant_id, id, at, analyses, eligible)
"""
_ANALYSES = """
INSERT INTO analyses (merchant_id, session_id, ordinal, analysed_at, configuration_version,
  request_id, reason, cart, offer)
SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::int[],
  $6::text[], $7::text[], $8::bytea[], $9::bytea[])
"""
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
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.UndefinedTableError,
)


class PostgresqlJournal:
    """Offer sessions on PostgreSQL, as the hot path needs them."""

    def __init__(
        self,
        url: str,
        *,
        observe_commit: Callable[[float, int], None] = lambda _seconds, _count: None,
    ) -> None:
        """`observe_commit` is told how long each commit took and how many analyses shared it."""
        self._url = url
        self._observe_commit = observe_commit
        self._waiting: deque[Waiting] = deque()
        self._arrived = asyncio.Event()
        self._stopping = False
        self._writer: asyncio.Task[None] | None = None
        self._connection: asyncpg.Connection[Any] | None = None
        self._readers: asyncpg.Pool[Any] | None = None

    def start(self) -> None:
        """Begin to write, on the running loop."""
        self._writer = asyncio.get_running_loop().create_task(self._write())

    async def stop(self) -> None:
        """Write what is waiting, then stop."""
        self._stopping = True
        self._arrived.set()
        if self._writer:
            await self._writer
        if self._readers:
            self._readers.terminate()

    async def record(self, analysis: Any) -> RecordedAnalysis:
        if self._stopping or len(self._waiting) >= QUEUE_LIMIT:
            raise too_many_waiting()
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
            if self._readers is None:
                self._readers = await asyncpg.create_pool(
                    self._url,
                    min_size=0,
                    max_size=4,
                    timeout=ANSWER_WITHIN_SECONDS,
                    command_timeout=ANSWER_WITHIN_SECONDS,
                )
            async with self._readers.acquire(timeout=ANSWER_WITHIN_SECONDS) as connection:
                return await connection.fetchrow(query, *values)
        except _MEANS_UNAVAILABLE as error:
            raise unavailable(error) from error

    async def _write(self) -> None:
        while batch := await self._next_batch():
            outcomes: list[Outcome]
            try:
                outcomes = await self._commit(batch)
            except Exception as error:  # whoever waits must hear of any failure
                outcomes = [unavailable(error)] * len(batch)
                # Whatever state the connection is in, the next batch begins with a new one.
                self._drop_connection()
            settle(batch, outcomes)
        self._drop_connection()

    async def _next_batch(self) -> list[Waiting]:
        """What is waiting now, at least one; empty when there is nothing left to do for good."""
        while not self._waiting and not self._stopping:
            self._arrived.clear()
            await self._arrived.wait()
        count = min(len(self._waiting), BATCH_LIMIT)
        return [self._waiting.popleft() for _ in range(count)]

    async def _commit(self, batch: list[Waiting]) -> list[Outcome]:
        started = perf_counter()
        connection = await self._connected()
        try:
            outcomes = await _in_one_transaction(connection, batch)
        except _MEANS_UNAVAILABLE:
            raise
        except Exception:
            # One row has spoilt the batch. Alone, each of its neighbours lives.
            outcomes = [await _alone(connection, waiting) for waiting in batch]
        self._observe_commit(perf_counter() - started, len(batch))
        return outcomes

    async def _connected(self) -> asyncpg.Connection[Any]:
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(
                self._url,
                timeout=ANSWER_WITHIN_SECONDS,
                command_timeout=ANSWER_WITHIN_SECONDS,
            )
        return self._connection

    def _drop_connection(self) -> None:
        if self._connection is not None:
            with suppress(Exception):  # it is being thrown away; how it ends does not matter
                self._connection.terminate()
            self._connection = None


async def _in_one_transaction(
    connection: asyncpg.Connection[Any], batch: Sequence[Waiting]
) -> list[Outcome]:
    async with connection.transaction():
        return await _Recording(connection, batch).outcomes()


async def _alone(connection: asyncpg.Connection[Any], waiting: Waiting) -> Outcome:
    try:
        return (await _in_one_transaction(connection, [waiting]))[0]
    except _MEANS_UNAVAILABLE:
        raise
    except Exception as error:
        return unavailable(error)


@dataclass(slots=True)
class _Group:
    """The analyses of one session in this batch, in the order in which they came."""

    session: Session
    rows: list[int] = field(default_factory=list)


class _Recording:
    """One batch on its way into the tables."""

    def __init__(self, connection: asyncpg.Connection[Any], batch: Sequence[Waiting]) -> None:
        self._connection = connection
        self._batch = batch
        self._outcomes: dict[int, Outcome] = {}
        self._started: set[Session] = set()

    async def outcomes(self) -> list[Outcome]:
        """Record everything; one outcome per analysis, in order."""
        bound = await self._bound(self._cart_keys())
        claimed = await self._claim(bound)
        groups = self._grouped(bound | claimed)
        ordinals = await self._continue([g for g in groups if g.session not in self._started])
        ordinals |= await self._start([g for g in groups if g.session in self._started])
        await self._number(groups, ordinals, bound)
        await self._write_analyses()
        return [self._outcomes[row] for row in range(len(self._batch))]

    def _cart_keys(self) -> list[CartKey]:
        keys = (_cart_key(waiting) for waiting in self._batch)
        return list(dict.fromkeys(key for key in keys if key))

    async def _bound(self, keys: Sequence[CartKey]) -> dict[CartKey, str]:
        """The sessions that cart ids are bound to already."""
        if not keys:
            return {}
        rows = await self._connection.fetch(_BOUND, *_columns(keys, 2))
        return {(row[0], row[1]): row[2] for row in rows}

    async def _claim(self, bound: dict[CartKey, str]) -> dict[CartKey, str]:
        """Bind the cart ids that are new, each to a session that begins now.

        Another transaction may have been faster; then its session it is.
        """
        claims: dict[CartKey, str] = {}
        for waiting in self._batch:
            key = _cart_key(waiting)
            if key and key not in bound and waiting.analysis.session is None:
                claims.setdefault(key, str(waiting.analysis.new_session))
        if not claims:
            return {}
        values = [(*key, session) for key, session in claims.items()]
        won = {tuple(row) for row in await self._connection.fetch(_BIND, *_columns(values, 3))}
        lost = [key for key in claims if key not in won]
        self._started |= {(key[0], claims[key]) for key in claims if key in won}
        return claims | await self._bound(lost)

    def _grouped(self, bound: dict[CartKey, str]) -> list[_Group]:
        groups: dict[Session, _Group] = {}
        for row, waiting in enumerate(self._batch):
            analysis = waiting.analysis
            key = _cart_key(waiting)
            session = analysis.session or (bound[key] if key else None)
            if session is None:
                session = analysis.new_session
                self._started.add((analysis.merchant, str(session)))
            if analysis.decided_for and session != analysis.decided_for:
                self._outcomes[row] = DecidedForAnotherSession(SessionId(session))
                continue
            name = (analysis.merchant, str(session))
            groups.setdefault(name, _Group(name)).rows.append(row)
        return list(groups.values())

    async def _continue(self, groups: Sequence[_Group]) -> dict[Session, int]:
        """The number of the last analysis of each session that exists."""
        if not groups:
            return {}
        rows = await self._connection.fetch(_CONTINUE, *self._session_columns(groups))
        return {(row[0], row[1]): row[2] for row in rows}

    async def _start(self, groups: Sequence[_Group]) -> dict[Session, int]:
        if not groups:
            return {}
        await self._connection.execute(_START, *self._session_columns(groups))
        return {group.session: len(group.rows) for group in groups}

    def _session_columns(self, groups: Sequence[_Group]) -> list[list[Any]]:
        def analyses(group: _Group) -> list[Any]:
            return [self._batch[row].analysis for row in group.rows]

        values = [
            (
                *group.session,
                max(to_microseconds(analysis.at) for analysis in analyses(group)),
                len(group.rows),
                any(analysis.offer.eligible for analysis in analyses(group)),
            )
            for group in groups
        ]
        return _columns(values, 5)

    async def _number(
        self,
        groups: Sequence[_Group],
        ordinals: dict[Session, int],
        bound: dict[CartKey, str],
    ) -> None:
        """Give every analysis its number; those whose session is not there end here."""
        bindings: dict[CartKey, str] = {}
        for group in groups:
            last = ordinals.get(group.session)
            if last is None:
                await self._without_session(group)
                continue
            for number, row in enumerate(group.rows, start=last - len(group.rows) + 1):
                session = SessionId(group.session[1])
                self._outcomes[row] = RecordedAnalysis(session, number)
                key = _cart_key(self._batch[row])
                if key and self._batch[row].analysis.session and key not in bound:
                    bindings.setdefault(key, session)
        if bindings:
            values = [(*key, str(session)) for key, session in bindings.items()]
            await self._connection.execute(_BIND, *_columns(values, 3))

    async def _without_session(self, group: _Group) -> None:
        """Named sessions are not found. A cart id whose session has vanished begins anew."""
        fresh: list[int] = []
        for row in group.rows:
            if self._batch[row].analysis.session:
                self._outcomes[row] = SessionNotFound()
            else:
                fresh.append(row)
        if not fresh:
            return
        first = self._batch[fresh[0]].analysis
        begun = _Group((first.merchant, str(first.new_session)), fresh)
        await self._start([begun])
        values = [(first.merchant, first.cart_id, begun.session[1])]
        await self._connection.execute(_REBIND, *_columns(values, 3))
        for number, row in enumerate(fresh, start=1):
            self._outcomes[row] = RecordedAnalysis(first.new_session, number)

    async def _write_analyses(self) -> None:
        values = []
        for row, waiting in enumerate(self._batch):
            outcome = self._outcomes[row]
            if isinstance(outcome, RecordedAnalysis):
                analysis = waiting.analysis
                values.append(
                    (
                        analysis.merchant,
                        str(outcome.session),
                        outcome.ordinal,
                        to_microseconds(analysis.at),
                        analysis.configuration_version,
                        analysis.request_id,
                        str(analysis.offer.reason),
                        waiting.cart,
                        waiting.offer,
                    )
                )
        if values:
            await self._connection.execute(_ANALYSES, *_columns(values, 9))


def _cart_key(waiting: Waiting) -> CartKey | None:
    analysis = waiting.analysis
    return None if analysis.cart_id is None else (analysis.merchant, analysis.cart_id)


def _columns(rows: Iterable[tuple[Any, ...]], count: int) -> list[list[Any]]:
    """Rows as the arrays that `unnest` takes."""
    columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)]
    return columns or [[] for _ in range(count)]

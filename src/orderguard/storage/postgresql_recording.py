"""One batch of analyses on its way into PostgreSQL's tables: a handful of multi-row statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from orderguard.actions.ports import DecidedForAnotherSession
from orderguard.domain.analysis import RecordedAnalysis
from orderguard.domain.errors import SessionNotFound
from orderguard.domain.ids import SessionId
from orderguard.storage.group_commit import Outcome, Waiting
from orderguard.storage.tables import to_microseconds

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


@dataclass(slots=True)
class _Group:
    """The analyses of one session in this batch, in the order in which they came."""

    session: Session
    rows: list[int] = field(default_factory=list)


class Recording:
    """One batch on its way into the tables, inside the transaction of the connection."""

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

"""Records a batch of analyses in PostgreSQL by one look-up and one writing statement.

Optimistic concurrency control: nothing is locked between the two. The writing statement writes all
or nothing; it writes nothing when a cart id or a session is not as the look-up found it. Then
`Overtaken` is raised, and `postgresql_recording` records the batch in a transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg

from orderguard.storage.byte_quota import ByteQuota
from orderguard.storage.group_commit import Outcome, Waiting
from orderguard.storage.kept_analyses import Row
from orderguard.storage.postgresql_recording import (
    IS_OVER,
    OF_BOUND_CARTS,
    STATEMENTS,
    WRITTEN_LAST,
    columns,
    insert_rows,
    run_plan,
)
from orderguard.storage.recording import Request, Step

_FIND = f"""
WITH wanted AS (
  SELECT * FROM unnest($1::text[], $2::text[]) AS w (merchant_id, cart_id)
)
SELECT wanted.merchant_id, wanted.cart_id, found.session_id, session.analysis_count,
  {IS_OVER}
{OF_BOUND_CARTS}"""  # noqa: S608
_COUNTS = """
SELECT wanted.merchant_id, wanted.id, found.analysis_count
FROM unnest($1::text[], $2::text[]) AS wanted (merchant_id, id), LATERAL (
  SELECT analysis_count FROM offer_sessions s
  WHERE s.merchant_id = wanted.merchant_id AND s.id = wanted.id LIMIT 1
) AS found
"""
# Cart ids are locked before sessions, and both in the order of their keys, as in a transaction of
# several statements. The last line divides by zero, which undoes the statement, unless every cart
# id was free and every session had the number of analyses that the look-up found.
_WRITE = f"""
WITH claimed AS (
  INSERT INTO cart_bindings (merchant_id, cart_id, session_id)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
    AS new (merchant_id, cart_id, session_id) ORDER BY merchant_id, cart_id
  ON CONFLICT (merchant_id, cart_id) DO NOTHING RETURNING 1
), bound AS (
  INSERT INTO cart_bindings (merchant_id, cart_id, session_id)
  SELECT * FROM unnest($4::text[], $5::text[], $6::text[])
    AS new (merchant_id, cart_id, session_id) ORDER BY merchant_id, cart_id
  ON CONFLICT (merchant_id, cart_id) DO NOTHING
), locked AS (
  SELECT s.merchant_id, s.id, more.at, more.analyses, more.eligible
  FROM unnest($7::text[], $8::text[], $9::bigint[], $10::int[], $11::bool[], $12::int[])
    AS more (merchant_id, id, at, analyses, eligible, found)
  JOIN offer_sessions s ON s.merchant_id = more.merchant_id AND s.id = more.id
    AND s.analysis_count = more.found
  WHERE (SELECT count(*) FROM claimed) >= 0
  ORDER BY s.merchant_id, s.id FOR UPDATE OF s
), continued AS (
  UPDATE offer_sessions s SET
    updated_at = greatest(s.updated_at, locked.at),
    analysis_count = s.analysis_count + locked.analyses,
    ever_eligible = s.ever_eligible OR locked.eligible
  FROM locked WHERE s.merchant_id = locked.merchant_id AND s.id = locked.id
  RETURNING 1
), {insert_rows(13)}
SELECT 1 / CASE WHEN (SELECT count(*) FROM claimed) = cardinality($1::text[])
  AND (SELECT count(*) FROM continued) = cardinality($7::text[]) THEN 1 ELSE 0 END
"""  # noqa: S608
_CLAIM_COLUMNS, _BIND_COLUMNS, _CONTINUE_COLUMNS = 3, 3, 6


class Overtaken(Exception):
    """A cart id or a session was changed since the look-up; nothing was recorded."""


async def record_at_once(
    connection: asyncpg.Connection[Any], batch: Sequence[Waiting], quota: ByteQuota
) -> list[Outcome]:
    """Record the batch outside of a transaction; one outcome per analysis, in order.

    Raises `Overtaken`.
    """
    return await run_plan(_Carrier(connection), batch, quota)


class _Carrier:
    """Carries out a plan: looks rows up as they are asked for, and writes all at its end."""

    def __init__(self, connection: asyncpg.Connection[Any]) -> None:
        self._connection = connection
        self._counts: dict[tuple[str, str], int] = {}
        """The number of analyses of the sessions that were looked up."""
        self._claimed: list[Row] = []
        self._bound: list[Row] = []
        self._continued: list[Row] = []
        self._last: dict[Step, list[Row]] = {step: [] for step in WRITTEN_LAST}

    async def carry_out(self, request: Request) -> Sequence[Row]:
        rows = request.rows
        match request.step:
            case Step.FIND_BOUND:
                return [found[:3] for found in await self._find(rows)]
            case Step.CLAIM:
                return await self._claim(rows)
            case Step.RENEW:
                raise Overtaken
            case Step.BIND:
                self._bound += rows
            case Step.CONTINUE:
                return await self._continue(rows)
            case step if step in WRITTEN_LAST:
                self._last[step] += rows
                if step is Step.WRITE_ANALYSES:
                    await self._write()
            case step:
                # Counted bytes and surplus rows: nothing else depends on them.
                found: Sequence[Row] = await self._connection.fetch(
                    STATEMENTS[step], *columns(rows, len(rows[0]))
                )
                return found
        return ()

    async def _find(self, keys: Sequence[Row]) -> list[Row]:
        bound: list[Row] = []
        for found in await self._connection.fetch(_FIND, *columns(keys, 2)):
            merchant, cart_id, session, count, is_over = found
            bound.append((merchant, cart_id, session, is_over))
            if count is not None:
                self._counts[merchant, session] = count
        return bound

    async def _claim(self, claims: Sequence[Row]) -> list[Row]:
        bound = await self._find(claims)
        taken = {row[:2] for row in bound}
        free = [claim for claim in claims if claim[:2] not in taken]
        self._claimed += free
        found: list[Row] = [(*row[:3], False, row[3]) for row in bound]
        return found + [(*row, True, False) for row in free]

    async def _continue(self, rows: Sequence[Row]) -> list[Row]:
        unknown = [row[:2] for row in rows if row[:2] not in self._counts]
        if unknown:
            for found in await self._connection.fetch(_COUNTS, *columns(unknown, 2)):
                merchant, session, count = found
                self._counts[merchant, session] = count
        known = [row for row in rows if row[:2] in self._counts]
        self._continued += [(*row, self._counts[row[:2]]) for row in known]
        return [(*row[:2], self._counts[row[:2]] + row[3]) for row in known]

    async def _write(self) -> None:
        values = [
            *columns(self._claimed, _CLAIM_COLUMNS),
            *columns(self._bound, _BIND_COLUMNS),
            *columns(self._continued, _CONTINUE_COLUMNS),
        ]
        for step, width in WRITTEN_LAST.items():
            values += columns(self._last[step], width)
        try:
            await self._connection.fetch(_WRITE, *values)
        except asyncpg.DivisionByZeroError as error:
            raise Overtaken from error

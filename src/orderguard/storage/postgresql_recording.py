"""Records a batch of analyses in PostgreSQL: each step of the plan is one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import asyncpg

from orderguard.storage.byte_quota import ByteQuota
from orderguard.storage.group_commit import Outcome, Waiting
from orderguard.storage.kept_analyses import ANALYSES_KEPT, QUOTES_KEPT, Row
from orderguard.storage.recording import Request, Step, plan_recording

# Rows and locks are taken in the order of their keys, so that two transactions that want the same
# ones wait for each other instead of blocking each other. LATERAL with LIMIT is a look-up by key
# for each row, which does not depend on the planner's estimates of table sizes.
STATEMENTS = {
    Step.FIND_BOUND: """
SELECT wanted.merchant_id, wanted.cart_id, found.session_id
FROM unnest($1::text[], $2::text[]) AS wanted (merchant_id, cart_id), LATERAL (
  SELECT session_id FROM cart_bindings b
  WHERE b.merchant_id = wanted.merchant_id AND b.cart_id = wanted.cart_id LIMIT 1
) AS found
""",
    Step.CLAIM: f"""
WITH wanted AS (
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) AS w (merchant_id, cart_id, session_id)
), claimed AS (
  INSERT INTO cart_bindings (merchant_id, cart_id, session_id)
  SELECT * FROM wanted ORDER BY merchant_id, cart_id
  ON CONFLICT (merchant_id, cart_id) DO NOTHING
  RETURNING merchant_id, cart_id, session_id
)
SELECT *, true, false FROM claimed UNION ALL
SELECT wanted.merchant_id, wanted.cart_id, found.session_id, false,
  session.id IS NULL OR session.has_order OR session.analysis_count >= {ANALYSES_KEPT}
FROM wanted, LATERAL (
  SELECT session_id FROM cart_bindings b
  WHERE b.merchant_id = wanted.merchant_id AND b.cart_id = wanted.cart_id LIMIT 1
) AS found LEFT JOIN LATERAL (
  SELECT s.id, coalesce(s.has_order, s.is_kept) AS has_order, s.analysis_count
  FROM offer_sessions s WHERE s.merchant_id = wanted.merchant_id AND s.id = found.session_id LIMIT 1
) AS session ON true
""",  # noqa: S608
    Step.BIND: """
INSERT INTO cart_bindings (merchant_id, cart_id, session_id)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) AS new (merchant_id, cart_id, session_id)
ORDER BY merchant_id, cart_id
ON CONFLICT (merchant_id, cart_id) DO NOTHING
""",
    # A transaction that waited for the lock sees the binding that the other one committed.
    Step.RENEW: """
WITH renewed AS (
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
    AS r (merchant_id, cart_id, old_id, new_id)
), locked AS (
  SELECT b.merchant_id, b.cart_id, renewed.new_id FROM cart_bindings b
  JOIN renewed ON b.merchant_id = renewed.merchant_id AND b.cart_id = renewed.cart_id
    AND b.session_id = renewed.old_id
  ORDER BY b.merchant_id, b.cart_id FOR UPDATE OF b
)
UPDATE cart_bindings b SET session_id = locked.new_id FROM locked
WHERE b.merchant_id = locked.merchant_id AND b.cart_id = locked.cart_id
RETURNING b.merchant_id, b.cart_id
""",
    Step.CONTINUE: """
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
""",
    Step.COUNT_BYTES: """
INSERT INTO stored_bytes AS counted (merchant_id, day, bytes)
SELECT * FROM unnest($1::text[], $2::date[], $3::bigint[]) AS new (merchant_id, day, bytes)
ORDER BY merchant_id, day
ON CONFLICT (merchant_id, day) DO UPDATE SET bytes = counted.bytes + excluded.bytes
RETURNING counted.merchant_id, counted.day, counted.bytes
""",
    Step.FORGET_QUOTES: f"""
DELETE FROM session_quotes q
USING unnest($1::text[], $2::text[]) AS full_ (merchant_id, session_id), LATERAL (
  SELECT ordinal FROM session_quotes k
  WHERE k.merchant_id = full_.merchant_id AND k.session_id = full_.session_id
  ORDER BY ordinal DESC LIMIT 1 OFFSET {QUOTES_KEPT - 1}
) AS oldest
WHERE q.merchant_id = full_.merchant_id AND q.session_id = full_.session_id
  AND q.ordinal < oldest.ordinal
""",  # noqa: S608
    Step.FORGET_ANALYSES: f"""
DELETE FROM analyses a
USING unnest($1::text[], $2::text[], $3::int[]) AS latest (merchant_id, session_id, ordinal)
WHERE a.merchant_id = latest.merchant_id AND a.session_id = latest.session_id
  AND a.ordinal > {ANALYSES_KEPT} AND a.ordinal < latest.ordinal
""",  # noqa: S608
}


_WRITE = """
WITH started AS (
  INSERT INTO offer_sessions
    (merchant_id, id, created_at, updated_at, analysis_count, ever_eligible, is_kept, has_order,
     has_quotes)
  SELECT merchant_id, id, at, at, analyses, eligible, false, false, true
  FROM unnest($1::text[], $2::text[], $3::bigint[], $4::int[], $5::bool[])
    AS new (merchant_id, id, at, analyses, eligible)
), carts AS (
  INSERT INTO session_carts (merchant_id, session_id, digest, cart)
  SELECT * FROM unnest($6::text[], $7::text[], $8::bytea[], $9::bytea[])
  ON CONFLICT (merchant_id, session_id, digest) DO NOTHING
), quotes AS (
  INSERT INTO session_quotes (merchant_id, session_id, digest, ordinal, quote)
  SELECT * FROM unnest($10::text[], $11::text[], $12::bytea[], $13::int[], $14::bytea[])
  ON CONFLICT (merchant_id, session_id, digest) DO UPDATE SET ordinal = excluded.ordinal
)
INSERT INTO analyses (merchant_id, session_id, ordinal, analysed_at, configuration_version,
  request_id, reason, cart, offer, cart_digest)
SELECT * FROM unnest($15::text[], $16::text[], $17::int[], $18::bigint[], $19::int[], $20::text[],
  $21::text[], $22::bytea[], $23::bytea[], $24::bytea[])
"""
_WRITTEN_LAST = {
    Step.START: 5,
    Step.WRITE_CARTS: 4,
    Step.WRITE_QUOTES: 5,
    Step.WRITE_ANALYSES: 10,
}
"""The steps of these inserts in their order, and how many columns each has."""


class Carrier(Protocol):
    """Executes the steps of one plan on a connection."""

    async def carry_out(self, request: Request) -> Sequence[Row]: ...


async def run_plan(carrier: Carrier, batch: Sequence[Waiting], quota: ByteQuota) -> list[Outcome]:
    """Plan the recording of a batch, and execute it; one outcome per analysis, in order."""
    plan = plan_recording(batch, quota)
    try:
        request = next(plan)
        while True:
            request = plan.send(await carrier.carry_out(request))
    except StopIteration as end:
        outcomes: list[Outcome] = end.value
        return outcomes


async def record(
    connection: asyncpg.Connection[Any], batch: Sequence[Waiting], quota: ByteQuota
) -> list[Outcome]:
    """Record the batch in the caller's transaction; one outcome per analysis, in order."""
    return await run_plan(_Carrier(connection), batch, quota)


async def forget_quotes(connection: asyncpg.Connection[Any], sessions: Sequence[Row]) -> None:
    """Drop the surplus quotes of these sessions: `Step.FORGET_QUOTES` without a plan."""
    await connection.fetch(STATEMENTS[Step.FORGET_QUOTES], *columns(sessions, len(sessions[0])))


class _Carrier:
    """Carries out the steps of one plan.

    Each statement is a round trip to the server, so writes that return no rows are deferred, and
    sent together with the analyses at the end of the plan.
    """

    def __init__(self, connection: asyncpg.Connection[Any]) -> None:
        self._connection = connection
        self._to_write: dict[Step, list[Row]] = {step: [] for step in _WRITTEN_LAST}

    async def carry_out(self, request: Request) -> Sequence[Row]:
        if request.step in _WRITTEN_LAST:
            self._to_write[request.step] += request.rows
            if request.step is Step.WRITE_ANALYSES:
                await self._write()
            return ()
        values = columns(request.rows, len(request.rows[0]))
        found: Sequence[Row] = await self._connection.fetch(STATEMENTS[request.step], *values)
        return found

    async def _write(self) -> None:
        values = []
        for step, width in _WRITTEN_LAST.items():
            values += columns(self._to_write[step], width)
        await self._connection.fetch(_WRITE, *values)


def columns(rows: Sequence[Row], width: int) -> list[Row]:
    """Rows as parameters of `unnest`: one tuple per column."""
    return list(zip(*rows, strict=True)) if rows else [()] * width

"""Records a batch of analyses in PostgreSQL: each step of the plan is one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg

from orderguard.storage.group_commit import Outcome, Waiting
from orderguard.storage.recording import Request, Row, Step, plan_recording

# Rows and locks are taken in the order of their keys, so that two transactions that want the same
# ones wait for each other instead of blocking each other. LATERAL with LIMIT is a look-up by key
# for each row, whatever the planner thinks of the sizes of tables.
_STATEMENTS = {
    Step.FIND_BOUND: """
SELECT wanted.merchant_id, wanted.cart_id, found.session_id
FROM unnest($1::text[], $2::text[]) AS wanted (merchant_id, cart_id), LATERAL (
  SELECT session_id FROM cart_bindings b
  WHERE b.merchant_id = wanted.merchant_id AND b.cart_id = wanted.cart_id LIMIT 1
) AS found
""",
    Step.CLAIM: """
WITH wanted AS (
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) AS w (merchant_id, cart_id, session_id)
), claimed AS (
  INSERT INTO cart_bindings (merchant_id, cart_id, session_id)
  SELECT * FROM wanted ORDER BY merchant_id, cart_id
  ON CONFLICT (merchant_id, cart_id) DO NOTHING
  RETURNING merchant_id, cart_id, session_id
)
SELECT *, true FROM claimed UNION ALL
SELECT wanted.merchant_id, wanted.cart_id, found.session_id, false
FROM wanted, LATERAL (
  SELECT session_id FROM cart_bindings b
  WHERE b.merchant_id = wanted.merchant_id AND b.cart_id = wanted.cart_id LIMIT 1
) AS found
""",
    Step.BIND: """
INSERT INTO cart_bindings (merchant_id, cart_id, session_id)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) AS new (merchant_id, cart_id, session_id)
ORDER BY merchant_id, cart_id
ON CONFLICT (merchant_id, cart_id) DO NOTHING
""",
    Step.REBIND: """
UPDATE cart_bindings SET session_id = moved.new_id
FROM unnest($1::text[], $2::text[], $3::text[]) AS moved (merchant_id, cart_id, new_id)
WHERE cart_bindings.merchant_id = moved.merchant_id AND cart_bindings.cart_id = moved.cart_id
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
    Step.WRITE_ANALYSES: """
WITH started AS (
  INSERT INTO offer_sessions
    (merchant_id, id, created_at, updated_at, analysis_count, ever_eligible, is_kept)
  SELECT merchant_id, id, at, at, analyses, eligible, false
  FROM unnest($10::text[], $11::text[], $12::bigint[], $13::int[], $14::bool[])
    AS new (merchant_id, id, at, analyses, eligible)
)
INSERT INTO analyses (merchant_id, session_id, ordinal, analysed_at, configuration_version,
  request_id, reason, cart, offer)
SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::int[],
  $6::text[], $7::text[], $8::bytea[], $9::bytea[])
""",
}
_START_WIDTH = 5


async def record(connection: asyncpg.Connection[Any], batch: Sequence[Waiting]) -> list[Outcome]:
    """One outcome per analysis, in order. The caller's transaction is the batch's."""
    carrier = _Carrier(connection)
    plan = plan_recording(batch)
    try:
        request = next(plan)
        while True:
            request = plan.send(await carrier.carry_out(request))
    except StopIteration as end:
        outcomes: list[Outcome] = end.value
        return outcomes


class _Carrier:
    """Carries out the steps of one plan.

    Each statement is a trip to the server and back, so sessions that start wait for the analyses
    that are written at the end of every plan, and go along with them.
    """

    def __init__(self, connection: asyncpg.Connection[Any]) -> None:
        self._connection = connection
        self._starting: list[Row] = []

    async def carry_out(self, request: Request) -> Sequence[Row]:
        if request.step is Step.START:
            self._starting += request.rows
            return ()
        columns = _columns(request.rows, len(request.rows[0]))
        if request.step is Step.WRITE_ANALYSES:
            columns += _columns(self._starting, _START_WIDTH)
        found: Sequence[Row] = await self._connection.fetch(_STATEMENTS[request.step], *columns)
        return found


def _columns(rows: Sequence[Row], width: int) -> list[list[Any]]:
    return [[row[place] for row in rows] for place in range(width)]

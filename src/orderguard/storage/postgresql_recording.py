"""Records a batch of analyses in PostgreSQL: each step of the plan is one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg

from orderguard.storage.group_commit import Outcome, Waiting
from orderguard.storage.recording import Request, Row, Step, plan_recording

# Rows and locks are taken in the order of their keys, so that two transactions that want the same
# ones wait for each other instead of blocking each other.
_STATEMENTS = {
    Step.FIND_BOUND: """
SELECT merchant_id, cart_id, session_id FROM cart_bindings
JOIN unnest($1::text[], $2::text[]) AS wanted (merchant_id, cart_id) USING (merchant_id, cart_id)
""",
    Step.BIND: """
INSERT INTO cart_bindings (merchant_id, cart_id, session_id)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) AS new (merchant_id, cart_id, session_id)
ORDER BY merchant_id, cart_id
ON CONFLICT (merchant_id, cart_id) DO NOTHING
RETURNING merchant_id, cart_id
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
    Step.START: """
INSERT INTO offer_sessions
  (merchant_id, id, created_at, updated_at, analysis_count, ever_eligible, is_kept)
SELECT merchant_id, id, at, at, analyses, eligible, false
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::int[], $5::bool[])
  AS new (merchant_id, id, at, analyses, eligible)
""",
    Step.WRITE_ANALYSES: """
INSERT INTO analyses (merchant_id, session_id, ordinal, analysed_at, configuration_version,
  request_id, reason, cart, offer)
SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::int[],
  $6::text[], $7::text[], $8::bytea[], $9::bytea[])
""",
}


async def record(connection: asyncpg.Connection[Any], batch: Sequence[Waiting]) -> list[Outcome]:
    """One outcome per analysis, in order. The caller's transaction is the batch's."""
    plan = plan_recording(batch)
    try:
        request = next(plan)
        while True:
            request = plan.send(await _carry_out(connection, request))
    except StopIteration as end:
        outcomes: list[Outcome] = end.value
        return outcomes


async def _carry_out(connection: asyncpg.Connection[Any], request: Request) -> Sequence[Row]:
    columns = [list(column) for column in zip(*request.rows, strict=True)]
    found: Sequence[Row] = await connection.fetch(_STATEMENTS[request.step], *columns)
    return found

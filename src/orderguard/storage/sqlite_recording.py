"""Records a batch of analyses in SQLite, with few statements.

Python's `sqlite3` releases the GIL about three times per statement, and again for each row that it
fetches. Each time the event loop takes over, and the batch waits until the loop pauses. So there
are few statements: they take many rows at once, and return their result as one row of JSON.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

import msgspec

from orderguard.storage.byte_quota import ByteQuota
from orderguard.storage.group_commit import Outcome, Waiting
from orderguard.storage.kept_analyses import ANALYSES_KEPT, QUOTES_KEPT, Row
from orderguard.storage.recording import Request, Step, plan_recording

# `{rows}` stands for the rows of a statement; unused rows are NULL and ignored.
_BOUND = f"""
WITH wanted (merchant_id, cart_id) AS ({{rows}})
SELECT json_group_array(json_array(b.merchant_id, b.cart_id, b.session_id, s.analysis_count,
  s.id IS NULL OR coalesce(s.has_order, s.is_kept) OR s.analysis_count >= {ANALYSES_KEPT}))
FROM wanted CROSS JOIN cart_bindings b USING (merchant_id, cart_id)
LEFT JOIN offer_sessions s ON s.merchant_id = b.merchant_id AND s.id = b.session_id
"""  # noqa: S608
_BIND = """
INSERT INTO cart_bindings (merchant_id, cart_id, session_id)
SELECT * FROM ({rows}) WHERE column1 IS NOT NULL
ON CONFLICT (merchant_id, cart_id) DO NOTHING
"""
_RENEW = """
WITH renewed (merchant_id, cart_id, old_id, new_id) AS ({rows})
UPDATE cart_bindings SET session_id = renewed.new_id FROM renewed
WHERE cart_bindings.merchant_id = renewed.merchant_id
  AND cart_bindings.cart_id = renewed.cart_id AND cart_bindings.session_id = renewed.old_id
"""
_CONTINUE = """
WITH more (merchant_id, id, at, analyses, eligible) AS ({rows})
UPDATE offer_sessions SET
  updated_at = max(updated_at, more.at),
  analysis_count = analysis_count + more.analyses,
  ever_eligible = ever_eligible OR more.eligible
FROM more
WHERE offer_sessions.merchant_id = more.merchant_id AND offer_sessions.id = more.id
"""
_COUNTS = """
WITH wanted (merchant_id, id) AS ({rows})
SELECT json_group_array(json_array(s.merchant_id, s.id, s.analysis_count))
FROM wanted CROSS JOIN offer_sessions s USING (merchant_id, id)
"""
_START = """
WITH new (merchant_id, id, at, analyses, eligible) AS ({rows})
INSERT INTO offer_sessions
  (merchant_id, id, created_at, updated_at, analysis_count, ever_eligible, is_kept, has_order,
   has_quotes)
SELECT merchant_id, id, at, at, analyses, eligible, 0, 0, 1 FROM new WHERE merchant_id IS NOT NULL
"""
_ANALYSES = """
INSERT INTO analyses (merchant_id, session_id, ordinal, analysed_at, configuration_version,
  request_id, reason, cart, offer, cart_digest)
SELECT * FROM ({rows}) WHERE column1 IS NOT NULL
"""
_CARTS = """
INSERT INTO session_carts (merchant_id, session_id, digest, cart)
SELECT * FROM ({rows}) WHERE column1 IS NOT NULL
ON CONFLICT (merchant_id, session_id, digest) DO NOTHING
"""
_QUOTES = """
INSERT INTO session_quotes (merchant_id, session_id, digest, ordinal, quote)
SELECT * FROM ({rows}) WHERE column1 IS NOT NULL
ON CONFLICT (merchant_id, session_id, digest) DO UPDATE SET ordinal = excluded.ordinal
"""
# These are rare, and take one row at a time.
_COUNT_BYTES = """
INSERT INTO stored_bytes (merchant_id, day, bytes) VALUES (?, ?, ?)
ON CONFLICT (merchant_id, day) DO UPDATE SET bytes = bytes + excluded.bytes RETURNING bytes
"""
_FORGET_QUOTES = f"""
DELETE FROM session_quotes WHERE merchant_id = ?1 AND session_id = ?2 AND ordinal < (
  SELECT ordinal FROM session_quotes WHERE merchant_id = ?1 AND session_id = ?2
  ORDER BY ordinal DESC LIMIT 1 OFFSET {QUOTES_KEPT - 1}
)
"""  # noqa: S608
_FORGET_ANALYSES = f"""
DELETE FROM analyses
WHERE merchant_id = ? AND session_id = ? AND ordinal > {ANALYSES_KEPT} AND ordinal < ?
"""  # noqa: S608

_WRITES = {
    Step.BIND: _BIND,
    Step.START: _START,
    Step.WRITE_CARTS: _CARTS,
    Step.WRITE_QUOTES: _QUOTES,
    Step.WRITE_ANALYSES: _ANALYSES,
}

_decode = msgspec.json.Decoder().decode


def record(
    connection: sqlite3.Connection, batch: Sequence[Waiting], quota: ByteQuota
) -> list[Outcome]:
    """Record the batch in the caller's transaction; one outcome per analysis, in order.

    The transaction must have begun with the write lock (`BEGIN IMMEDIATE`): rows that were read
    stay unchanged until its end, because no other connection can write.
    """
    carrier = _Carrier(connection)
    plan = plan_recording(batch, quota)
    try:
        request = next(plan)
        while True:
            request = plan.send(carrier.carry_out(request))
    except StopIteration as end:
        outcomes: list[Outcome] = end.value
        return outcomes


class _Carrier:
    """Carries out the steps of one plan."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._counts: dict[tuple[str, str], int] = {}
        """The number of analyses of the sessions that were read so far."""

    def carry_out(self, request: Request) -> Sequence[Row]:
        rows = request.rows
        match request.step:
            case Step.FIND_BOUND:
                return [found[:3] for found in self._find_bound(rows)]
            case Step.CLAIM:
                return self._claim(rows)
            case Step.RENEW:
                self._write(_RENEW, rows)
                # No other transaction can have renewed the session: we hold the write lock.
                return [row[:2] for row in rows]
            case Step.CONTINUE:
                return self._continue(rows)
            case Step.COUNT_BYTES:
                return [self._count_bytes(*row) for row in rows]
            case Step.FORGET_QUOTES:
                self._connection.executemany(_FORGET_QUOTES, rows)
            case Step.FORGET_ANALYSES:
                self._connection.executemany(_FORGET_ANALYSES, rows)
            case _:
                self._write(_WRITES[request.step], rows)
        return ()

    def _count_bytes(self, merchant: str, day: date, size: int) -> Row:
        values = (merchant, day.isoformat(), size)
        (total,) = self._connection.execute(_COUNT_BYTES, values).fetchone()
        return (merchant, day, total)

    def _find_bound(self, keys: Sequence[Row]) -> list[Row]:
        bound = []
        for merchant, cart_id, session, count, is_over in self._find(_BOUND, keys):
            bound.append((merchant, cart_id, session, is_over))
            if count is not None:
                self._counts[merchant, session] = count
        return bound

    def _claim(self, claims: Sequence[Row]) -> list[Row]:
        bound = self._find_bound([claim[:2] for claim in claims])
        taken = {row[:2] for row in bound}
        free = [claim for claim in claims if claim[:2] not in taken]
        if free:
            self._write(_BIND, free)
        found: list[Row] = [(*row[:3], False, row[3]) for row in bound]
        return found + [(*row, True, False) for row in free]

    def _continue(self, rows: Sequence[Row]) -> list[Row]:
        unknown = [row[:2] for row in rows if row[:2] not in self._counts]
        if unknown:
            for merchant, session, count in self._find(_COUNTS, unknown):
                self._counts[merchant, session] = count
        found = [row for row in rows if row[:2] in self._counts]
        if found:
            self._write(_CONTINUE, found)
        return [(*row[:2], self._counts[row[:2]] + row[3]) for row in found]

    def _write(self, statement: str, rows: Sequence[Row]) -> None:
        text, values = _for_rows(statement, rows)
        # `execute` would release the GIL once more, to read the last row's id.
        self._connection.executemany(text, [values])

    def _find(self, query: str, rows: Sequence[Row]) -> list[list[Any]]:
        (found,) = self._connection.execute(*_for_rows(query, rows)).fetchone()
        rows_found: list[list[Any]] = _decode(found)
        return rows_found


def _for_rows(statement: str, rows: Sequence[Row]) -> tuple[str, list[object]]:
    """The statement for a power of two of rows, so that few are prepared, and its values."""
    width, count = len(rows[0]), 1 << (len(rows) - 1).bit_length()
    values = [value for row in rows for value in row]
    values += [None] * (width * (count - len(rows)))
    return _with_room_for(statement, count, width), values


@cache
def _with_room_for(statement: str, count: int, width: int) -> str:
    row = f"({', '.join('?' * width)})"
    return statement.format(rows=f"VALUES {', '.join([row] * count)}")

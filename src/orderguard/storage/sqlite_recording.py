"""Records a batch of analyses in SQLite, in few steps of the database.

Python's `sqlite3` lets go of the interpreter at every step: at each statement, and again at each
row that it fetches. The event loop takes over then, and does not give back for milliseconds. So
statements take many rows at once, and what they find comes back as one row of JSON.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import cache

import msgspec

from orderguard.storage.group_commit import Outcome, Waiting
from orderguard.storage.recording import Request, Row, Step, plan_recording

_BOUND = """
WITH wanted (merchant_id, cart_id) AS ({rows})
SELECT json_group_array(json_array(b.merchant_id, b.cart_id, b.session_id))
FROM wanted CROSS JOIN cart_bindings b USING (merchant_id, cart_id)
"""
_BIND = """
INSERT INTO cart_bindings (merchant_id, cart_id, session_id) {rows}
ON CONFLICT (merchant_id, cart_id) DO NOTHING
"""
_REBIND = """
REPLACE INTO cart_bindings (merchant_id, cart_id, session_id) {rows}
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
_CONTINUED = """
WITH wanted (merchant_id, id) AS ({rows})
SELECT json_group_array(json_array(s.merchant_id, s.id, s.analysis_count))
FROM wanted CROSS JOIN offer_sessions s USING (merchant_id, id)
"""
_START = """
WITH new (merchant_id, id, at, analyses, eligible) AS ({rows})
INSERT INTO offer_sessions
  (merchant_id, id, created_at, updated_at, analysis_count, ever_eligible, is_kept)
SELECT merchant_id, id, at, at, analyses, eligible, 0 FROM new
"""
_ANALYSES = """
INSERT INTO analyses (merchant_id, session_id, ordinal, analysed_at, configuration_version,
  request_id, reason, cart, offer) {rows}
"""

_TOGETHER_AT_MOST = 64
"""Rows per statement: a power of two. Each power has its statement, prepared once."""

_decode = msgspec.json.Decoder().decode


def record(connection: sqlite3.Connection, batch: Sequence[Waiting]) -> list[Outcome]:
    """One outcome per analysis, in order. The caller's transaction is the batch's.

    The transaction must have begun by taking the write lock: then nobody else can bind a cart id
    between looking for it and binding it.
    """
    plan = plan_recording(batch)
    try:
        request = next(plan)
        while True:
            request = plan.send(_carry_out(connection, request))
    except StopIteration as end:
        outcomes: list[Outcome] = end.value
        return outcomes


def _carry_out(connection: sqlite3.Connection, request: Request) -> Sequence[Row]:
    rows = request.rows
    match request.step:
        case Step.FIND_BOUND:
            return _find(connection, _BOUND, rows)
        case Step.BIND:
            _write(connection, _BIND, rows)
            return [row[:2] for row in rows]
        case Step.REBIND:
            _write(connection, _REBIND, rows)
        case Step.CONTINUE:
            _write(connection, _CONTINUE, rows)
            return _find(connection, _CONTINUED, [row[:2] for row in rows])
        case Step.START:
            _write(connection, _START, rows)
        case Step.WRITE_ANALYSES:
            _write(connection, _ANALYSES, rows)
    return ()


def _write(connection: sqlite3.Connection, statement: str, rows: Sequence[Row]) -> None:
    for text, values in _portions(statement, rows):
        connection.execute(text, values)


def _find(connection: sqlite3.Connection, query: str, rows: Sequence[Row]) -> list[Row]:
    found: list[Row] = []
    for text, values in _portions(query, rows):
        found += _decode(connection.execute(text, values).fetchone()[0])
    return found


def _portions(statement: str, rows: Sequence[Row]) -> list[tuple[str, list[object]]]:
    """The statement for portions of the rows, whose sizes are powers of two."""
    portions: list[tuple[str, list[object]]] = []
    begin = 0
    while left := len(rows) - begin:
        size = min(_TOGETHER_AT_MOST, 1 << (left.bit_length() - 1))
        values = [value for row in rows[begin : begin + size] for value in row]
        portions.append((_for_rows(statement, size, len(rows[0])), values))
        begin += size
    return portions


@cache
def _for_rows(statement: str, count: int, width: int) -> str:
    row = f"({', '.join('?' * width)})"
    return statement.format(rows=f"VALUES {', '.join([row] * count)}")

"""Delete sessions and their rows, up to the limits of a batch (ADR 0053).

A batch is bounded by sessions, rows and bytes, so that no checkout waits long for its transaction
and the write-ahead log stays small. A session row is deleted last, after its analyses and its
carts.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, or_, select, tuple_

from orderguard.storage.tables import (
    analyses,
    cart_bindings,
    offer_sessions,
    session_carts,
    session_quotes,
)

ROWS_AT_ONCE = 2_000
BYTES_AT_ONCE = 2_000_000

Key = tuple[str, str]
"""Merchant and session."""


def delete_sessions(connection: Connection, sessions: Collection[Key]) -> list[Key]:
    """Delete these sessions up to the limits of a batch; returns the deleted ones."""
    left = _Left(ROWS_AT_ONCE, BYTES_AT_ONCE)
    size = func.length(analyses.c.cart) + func.length(analyses.c.offer)
    done = _delete_parts(connection, analyses, analyses.c.ordinal, size, sessions, left)
    left.rows = ROWS_AT_ONCE
    size = func.length(session_carts.c.cart)
    done = _delete_parts(connection, session_carts, session_carts.c.digest, size, done, left)
    for table, column in (
        (session_quotes, session_quotes.c.session_id),
        (cart_bindings, cart_bindings.c.session_id),
        (offer_sessions, offer_sessions.c.id),
    ):
        key = tuple_(table.c.merchant_id, column)
        connection.execute(delete(table).where(key.in_(done)))
    return done


class _Left:
    """The rows and bytes that a batch may still delete; the first row may be of any size."""

    def __init__(self, rows: int, size: int) -> None:
        self.rows = rows
        self.bytes = size

    @property
    def is_nothing(self) -> bool:
        return self.rows <= 0 or self.bytes <= 0

    def take(self, size: int) -> None:
        self.rows -= 1
        self.bytes -= size


def _delete_parts(
    connection: Connection,
    table: Table,
    column: ColumnElement[Any],
    size: ColumnElement[int],
    sessions: Collection[Key],
    left: _Left,
) -> list[Key]:
    """Delete rows of these sessions up to the limits; returns the sessions without rows left."""
    if not sessions or left.is_nothing:
        return []
    session = tuple_(table.c.merchant_id, table.c.session_id)
    query = (
        select(table.c.merchant_id, table.c.session_id, column.label("part"), size.label("size"))
        .where(session.in_(sessions))
        .order_by(table.c.merchant_id, table.c.session_id, column)
        .limit(left.rows)
    )
    rows = connection.execute(query).all()
    is_all = len(rows) < left.rows
    taken = 0
    while taken < len(rows) and not left.is_nothing:
        left.take(rows[taken].size or 0)
        taken += 1
    if taken == len(rows) and is_all:
        connection.execute(delete(table).where(session.in_(sessions)))
        return list(sessions)
    return _delete_some(connection, table, column, rows[:taken])


def _delete_some(
    connection: Connection,
    table: Table,
    column: ColumnElement[Any],
    rows: Sequence[Any],
) -> list[Key]:
    """Delete these rows; only the session of the last row may have more rows left."""
    last = rows[-1]
    # In the order of the database, whose collation may differ from Python's.
    seen = dict.fromkeys((row.merchant_id, row.session_id) for row in rows)
    gone = [key for key in seen if key != (last.merchant_id, last.session_id)]
    session = tuple_(table.c.merchant_id, table.c.session_id)
    of_last = and_(
        table.c.merchant_id == last.merchant_id,
        table.c.session_id == last.session_id,
        column <= last.part,
    )
    connection.execute(delete(table).where(or_(session.in_(gone), of_last) if gone else of_last))
    return gone

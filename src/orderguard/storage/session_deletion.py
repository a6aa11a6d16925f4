"""Delete sessions and their rows, up to the limits of a batch (ADR 0053).

A batch is bounded by sessions, rows and bytes, so that no checkout waits long for its transaction
and the write-ahead log stays small. A session row is deleted last, after its analyses and its
carts.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, select, true

from orderguard.storage.tables import (
    analyses,
    cart_bindings,
    offer_sessions,
    session_carts,
    session_quotes,
)

ROWS_AT_ONCE = 2_000
BYTES_AT_ONCE = 2_000_000


def delete_sessions(
    connection: Connection, merchant: str, sessions: Collection[str]
) -> Collection[str]:
    """Delete these sessions of a merchant up to the limits of a batch; returns the deleted ones."""
    left = _Left(ROWS_AT_ONCE, BYTES_AT_ONCE)
    size = func.length(analyses.c.cart) + func.length(analyses.c.offer)
    analysed = _Parts(analyses, analyses.c.ordinal, size, merchant)
    done = analysed.delete(connection, sessions, left)
    left.rows = ROWS_AT_ONCE
    carts = _Parts(
        session_carts, session_carts.c.digest, func.length(session_carts.c.cart), merchant
    )
    done = carts.delete(connection, done, left)
    for table, column in (
        (session_quotes, session_quotes.c.session_id),
        (cart_bindings, cart_bindings.c.session_id),
        (offer_sessions, offer_sessions.c.id),
    ):
        is_one = column.in_(list(done))
        # Session ids are unique by themselves, and the bindings have an index of those alone.
        is_ours = true() if table is cart_bindings else table.c.merchant_id == merchant
        connection.execute(delete(table).where(is_ours, is_one))
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


@dataclass(frozen=True, slots=True)
class _Parts:
    """The rows of a table that belong to sessions of a merchant."""

    table: Table
    column: ColumnElement[Any]
    """It tells the rows of a session apart."""
    size: ColumnElement[int]
    merchant: str

    def delete(
        self, connection: Connection, sessions: Collection[str], left: _Left
    ) -> Collection[str]:
        """Delete rows of these sessions up to the limits; returns those without rows left."""
        if not sessions or left.is_nothing:
            return []
        rows = self._some(connection, sessions, left.rows)
        is_all = len(rows) < left.rows
        taken = 0
        while taken < len(rows) and not left.is_nothing:
            left.take(rows[taken].size or 0)
            taken += 1
        if taken == len(rows) and is_all:
            connection.execute(delete(self.table).where(self._of(sessions)))
            return sessions
        return self._delete_some(connection, rows[:taken])

    def _some(self, connection: Connection, sessions: Collection[str], limit: int) -> Sequence[Any]:
        """The first rows of these sessions, in the order of sessions and parts."""
        session = self.table.c.session_id
        query = (
            select(session, self.column.label("part"), self.size.label("size"))
            .where(self._of(sessions))
            .limit(limit)
        )
        rows = connection.execute(query).all()
        if len(rows) < limit:
            # Sorted here: asked for an order, PostgreSQL goes through the whole index for it.
            return sorted(rows, key=lambda row: (row.session_id, row.part))
        return connection.execute(query.order_by(session, self.column)).all()

    def _delete_some(self, connection: Connection, rows: Sequence[Any]) -> Collection[str]:
        """Delete these rows; only the session of the last row may have more rows left."""
        last = rows[-1]
        # In the order of the database, whose collation may differ from Python's.
        gone = list(dict.fromkeys(row.session_id for row in rows))[:-1]
        if gone:
            connection.execute(delete(self.table).where(self._of(gone)))
        of_last = and_(self._of([last.session_id]), self.column <= last.part)
        connection.execute(delete(self.table).where(of_last))
        return gone

    def _of(self, sessions: Collection[str]) -> ColumnElement[bool]:
        # One column compared with a list is a search in the index for each database; pairs of
        # merchant and session are not: PostgreSQL makes a plan with an arm for each of them.
        return and_(
            self.table.c.merchant_id == self.merchant, self.table.c.session_id.in_(list(sessions))
        )

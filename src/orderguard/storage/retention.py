"""Deletes sessions after their retention period, in batches (ADR 0053)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from time import sleep
from typing import NamedTuple

from sqlalchemy import Connection, delete, select

from orderguard.storage.database import SqlDatabase
from orderguard.storage.offer_sessions import MAY_GO, is_idle
from orderguard.storage.session_deletion import Key, delete_sessions
from orderguard.storage.tables import merchants, offer_sessions, stored_bytes

SESSIONS_AT_ONCE = 500

PAUSE_SECONDS = 0.05
"""The pause between two batches, in which waiting checkouts get the write lock."""


class Evicted(NamedTuple):
    """The result of a batch: how many sessions were deleted, and whether more are due."""

    sessions: int
    is_more: bool


def sweep_sessions(
    database: SqlDatabase, *, idle_since: datetime, pause: Callable[[float], None] = sleep
) -> Iterator[int]:
    """Delete sessions last analysed before `idle_since`, batch by batch, then shrink the file.

    Yields how many sessions each batch deleted.
    """
    is_more = True
    while is_more:
        with database.begin() as work:
            evicted, is_more = evict_idle(work.connection, idle_since=idle_since)
        yield evicted
        if is_more:
            pause(PAUSE_SECONDS)
    with database.begin() as work:
        old = stored_bytes.c.day < idle_since.date()
        work.connection.execute(delete(stored_bytes).where(old))
    while database.give_back_room():
        pause(PAUSE_SECONDS)


def evict_idle(connection: Connection, *, idle_since: datetime) -> Evicted:
    """Delete one batch; a session that is deleted only in part stays until the next batch."""
    idle = _idle(connection, idle_since)
    done = delete_sessions(connection, idle)
    return Evicted(len(done), len(done) < len(idle) or len(idle) == SESSIONS_AT_ONCE)


def _idle(connection: Connection, idle_since: datetime) -> list[Key]:
    query = (
        select(offer_sessions.c.merchant_id, offer_sessions.c.id)
        # By way of the merchants, because the index leads with one.
        .join(merchants, merchants.c.id == offer_sessions.c.merchant_id)
        .where(is_idle(idle_since), MAY_GO)
        .limit(SESSIONS_AT_ONCE)
        # SKIP LOCKED: a session locked by an analysis is not idle any more.
        .with_for_update(of=offer_sessions, skip_locked=True)
    )
    return [(row.merchant_id, row.id) for row in connection.execute(query)]

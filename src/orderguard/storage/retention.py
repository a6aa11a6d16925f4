"""Deletes sessions and logged requests after their retention period, in batches (ADR 0053)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from time import monotonic, sleep
from typing import NamedTuple

from sqlalchemy import BigInteger, Connection, delete, exists, select, tuple_, type_coerce

from orderguard.domain.integration.logged_request import place_at
from orderguard.storage.database import SqlDatabase
from orderguard.storage.offer_sessions import MAY_GO, is_idle
from orderguard.storage.session_deletion import ROWS_AT_ONCE, delete_sessions
from orderguard.storage.tables import merchants, offer_sessions, request_log, stored_bytes

SESSIONS_AT_ONCE = 500

PAUSE_SECONDS = 0.05
"""The pause between two batches, in which waiting checkouts get the write lock."""


Place = tuple[int, str]
"""A session's place in the order in which sessions are evicted: its last analysis, and its id."""

_START: Place = (0, "")


class Evicted(NamedTuple):
    """The result of a batch: how many sessions were deleted, and where the next batch begins."""

    sessions: int
    next: Place | None
    """None when no more are due."""


def sweep_sessions(
    database: SqlDatabase, *, idle_since: datetime, pause: Callable[[float], None] = sleep
) -> Iterator[int]:
    """Delete sessions last analysed before `idle_since`, batch by batch, then shrink the file.

    Yields how many sessions each batch deleted.
    """
    with database.read() as work:
        every = work.connection.execute(select(merchants.c.id)).scalars().all()
    for merchant in every:
        place: Place | None = _START
        while place:
            began = monotonic()
            with database.begin() as work:
                evicted, place = evict_idle(
                    work.connection, merchant, idle_since=idle_since, begin=place
                )
            yield evicted
            if place:
                pause(min(PAUSE_SECONDS, monotonic() - began))
    with database.begin() as work:
        old = stored_bytes.c.day < idle_since.date()
        work.connection.execute(delete(stored_bytes).where(old))
    while database.give_back_room():
        pause(PAUSE_SECONDS)


def evict_idle(
    connection: Connection, merchant: str, *, idle_since: datetime, begin: Place = _START
) -> Evicted:
    """Delete one batch of a merchant's sessions, from this place on.

    A session that is deleted only in part stays until the next batch, which begins with it. What
    stays for an order is passed once in a sweep, and not by each batch.
    """
    idle, is_all = _idle(connection, merchant, idle_since, begin)
    done = set(delete_sessions(connection, merchant, list(idle)))
    left = [place for session, place in idle.items() if session not in done]
    if left:
        return Evicted(len(done), min(left))
    return Evicted(len(done), None if is_all else max(idle.values()))


def _idle(
    connection: Connection, merchant: str, idle_since: datetime, begin: Place
) -> tuple[dict[str, Place], bool]:
    """Sessions that may go and their places, at most a batch of them; and whether these are all."""
    updated = type_coerce(offer_sessions.c.updated_at, BigInteger)
    query = (
        select(offer_sessions.c.id, updated.label("updated"), offer_sessions.c.analysis_count)
        .join(merchants, merchants.c.id == offer_sessions.c.merchant_id)
        .where(
            offer_sessions.c.merchant_id == merchant,
            is_idle(idle_since),
            tuple_(updated, offer_sessions.c.id) >= tuple_(*begin),
            MAY_GO,
        )
        .order_by(offer_sessions.c.updated_at, offer_sessions.c.id)
        .limit(SESSIONS_AT_ONCE)
        # SKIP LOCKED: a session locked by an analysis is not idle any more.
        .with_for_update(of=offer_sessions, skip_locked=True)
    )
    rows = connection.execute(query).all()
    some = 0
    analysed = 0
    while some < len(rows) and (not some or analysed < ROWS_AT_ONCE):
        analysed += rows[some].analysis_count
        some += 1
    is_all = some == len(rows) < SESSIONS_AT_ONCE
    return {row.id: (row.updated, row.id) for row in rows[:some]}, is_all


def forget_requests(
    database: SqlDatabase, *, before: datetime, pause: Callable[[float], None] = sleep
) -> None:
    """Delete the logged requests of before this real time, one merchant after the other."""
    old = request_log.c.place < place_at(before)
    has_old = exists().where(request_log.c.merchant_id == merchants.c.id, old)
    with database.read() as work:
        found = work.connection.execute(select(merchants.c.id).where(has_old)).scalars().all()
    for merchant in found:
        with database.begin() as work:
            mine = request_log.c.merchant_id == merchant
            work.connection.execute(delete(request_log).where(mine, old))
        pause(PAUSE_SECONDS)

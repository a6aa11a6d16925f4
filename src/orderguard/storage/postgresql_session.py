"""A PostgreSQL session for the checkout path: apply its settings, and detect a pooler.

Settings are set after connecting. A pooler refuses a parameter of the start-up packet that it does
not track, or drops it silently, and the time limits with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

import asyncpg
from asyncpg.exceptions import InternalClientError

from orderguard.domain.errors import StorageUnavailable
from orderguard.storage.postgresql_address import PostgresqlAddress

SETTINGS: Mapping[str, str] = {
    # The client closes the connection after its timeout; the server must not go on holding locks.
    "statement_timeout": "2000",
    # A session that another transaction keeps locked costs only the carts of that session.
    "lock_timeout": "250",
    # A process that is frozen within a transaction would keep its sessions locked until it goes on.
    "idle_in_transaction_session_timeout": "2000",
    # Every query finds its rows by a key. The planner would work that out again for every batch,
    # and, while its statistics call a table small, read the whole table instead.
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}

PROBE_WITHIN_SECONDS = 5.0


class SharedSession(StorageUnavailable):
    """A pooler in transaction mode gives one server session to several clients in turn."""


async def connect(address: PostgresqlAddress) -> asyncpg.Connection[Any]:
    """Open a connection with the settings of the checkout path."""
    connection = await open_connection(address)
    try:
        await prepare(connection)
    except BaseException:
        connection.terminate()
        raise
    return connection


async def open_connection(address: PostgresqlAddress, **options: Any) -> asyncpg.Connection[Any]:
    """A connection as the URL wants it, with these further options of `asyncpg.connect`.

    All hosts are asked at the same time: asyncpg would ask one after the other within one time
    limit, and a machine that has fallen silent would use it up. Raises OSError (TimeoutError too)
    and the errors of PostgreSQL.
    """
    attempts = [
        asyncio.ensure_future(asyncpg.connect(**each.for_asyncpg(), **options))
        for each in address.each_host()
    ]
    try:
        return await _first_of(attempts)
    except InternalClientError as error:  # every host that answered is a replica
        raise ConnectionError(str(error)) from error
    finally:
        for attempt in attempts:
            attempt.cancel()


async def _first_of(
    attempts: Collection[asyncio.Task[asyncpg.Connection[Any]]],
) -> asyncpg.Connection[Any]:
    """The first connection that is made; the others are closed. Raises the last failure."""
    waiting = set(attempts)
    while True:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        failures = [each.exception() for each in done if each.exception()]
        made = [each.result() for each in done if not each.exception()]
        if made:
            for attempt in waiting:
                attempt.add_done_callback(_close)
            for other in made[1:]:
                other.terminate()
            return made[0]
        if not waiting and failures[0]:
            raise failures[0]


def _close(attempt: asyncio.Task[asyncpg.Connection[Any]]) -> None:
    """Of an attempt that was overtaken: nobody needs its connection, or its failure."""
    if not attempt.cancelled() and attempt.exception() is None:
        attempt.result().terminate()


async def prepare(connection: asyncpg.Connection[Any]) -> None:
    """Set the settings of the checkout path, in one round trip."""
    await connection.execute("; ".join(f"SET {name} = {value}" for name, value in SETTINGS.items()))


async def leave_as_it_is(_connection: asyncpg.Connection[Any]) -> None:
    """A reset hook for asyncpg's pool that does nothing, so that session settings are kept."""


async def prove_sessions(address: PostgresqlAddress) -> None:
    """Open two connections as the checkout path does, and check that they have separate sessions.

    Raises `SharedSession` behind a pooler in transaction mode, where the second client is given the
    session of the first, and `StorageUnavailable` when the database cannot be used.
    """
    try:
        async with asyncio.timeout(PROBE_WITHIN_SECONDS):
            await _prove(address)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        why = str(error) or type(error).__name__
        raise StorageUnavailable(f"Checkouts cannot use the database: {why}") from error


async def _prove(address: PostgresqlAddress) -> None:
    connections = [await open_connection(address) for _ in range(2)]
    try:
        # A setting that no pooler keeps track of, in plain statements: prepared ones may collide.
        for number, connection in enumerate(connections):
            await connection.execute(f"SET orderguard.client = '{number}'")
        for number, connection in enumerate(connections):
            await connection.execute(_FAILS_UNLESS_SET.format(number=number))
    except (asyncpg.RaiseError, asyncpg.DuplicatePreparedStatementError) as error:
        raise SharedSession(
            "ORDERGUARD_DATABASE_URL leads to a pooler that shares sessions (transaction mode). "
            "Notifications, prepared statements and time limits belong to a session. "
            "Set pool_mode = session for this database, or connect to PostgreSQL directly."
        ) from error
    finally:
        for connection in connections:
            connection.terminate()
    await _prove_settings(address)


async def _prove_settings(address: PostgresqlAddress) -> None:
    connection = await connect(address)
    try:
        found = await connection.fetchval("SHOW statement_timeout")
        if found != "2s":
            raise StorageUnavailable(f"A session does not keep its settings: {found}, not 2s.")
    finally:
        connection.terminate()


_FAILS_UNLESS_SET = """
DO $$ BEGIN
  IF current_setting('orderguard.client', true) IS DISTINCT FROM '{number}' THEN
    RAISE EXCEPTION 'this session belongs to another client';
  END IF;
END $$
"""

"""Watches for changes of keys and configurations made by any process."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

import asyncpg
import structlog

from orderguard.storage.changes import CHANNEL
from orderguard.storage.postgresql_address import PostgresqlAddress
from orderguard.storage.sqlite import SteadySqlite

log = structlog.get_logger()

LOOK_EVERY_SECONDS = 0.005
RECONNECT_AFTER_SECONDS = 0.5
HEARTBEAT_SECONDS = 1.0
TIMEOUT_SECONDS = 2.0

_VALUE = "SELECT value FROM change_counter"


class ChangeWatch(Protocol):
    """Tells whether cached keys and configurations may be stale."""

    def start(self) -> None:
        """Begin to watch, on the running loop."""

    async def stop(self) -> None: ...

    def generation(self) -> int:
        """A number that changes with every change to keys or configurations.

        While the database is unavailable this is the last known number: a stale cache is better
        than a checkout without an answer.
        """


class SqliteChangeWatch:
    """Reads the change counter at each call of `generation`, but at most every five milliseconds.

    So a change takes effect in all processes before its author can try it.
    """

    def __init__(self, path: Path) -> None:
        self._file = SteadySqlite(path, busy_timeout_ms=50)
        self._looked_at = float("-inf")
        self._generation = -1

    def start(self) -> None:
        """Do nothing: `generation` reads the database itself."""

    async def stop(self) -> None:
        self._file.close()

    def generation(self) -> int:
        now = monotonic()
        if now - self._looked_at >= LOOK_EVERY_SECONDS:
            self._looked_at = now
            self._look()
        return self._generation

    def _look(self) -> None:
        try:
            (value,) = self._file.connection().execute(_VALUE).fetchone()
        except sqlite3.Error as error:
            log.warning("changes.unreadable", why=str(error))
            self._file.close()
            return
        self._generation = value


class PostgresqlChangeWatch:
    """Listens to the notifications that every change sends when it is committed."""

    def __init__(self, address: PostgresqlAddress) -> None:
        self._address = address
        self._generation = 0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._watch())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def generation(self) -> int:
        return self._generation

    def _changed(self, *_notification: Any) -> None:
        self._generation += 1

    async def _watch(self) -> None:
        while True:
            try:
                await self._listen()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("changes.unreadable", why=str(error))
            await asyncio.sleep(RECONNECT_AFTER_SECONDS)

    async def _listen(self) -> None:
        """Listen until the connection fails; a heartbeat notices when it fails silently."""
        connection: asyncpg.Connection[Any] = await asyncpg.connect(
            **self._address.for_asyncpg(), command_timeout=TIMEOUT_SECONDS
        )
        try:
            await connection.add_listener(CHANNEL, self._changed)
            # Changes committed while there was no listener sent no notification to us.
            self._changed()
            while True:
                await asyncio.sleep(HEARTBEAT_SECONDS)
                await connection.execute("SELECT 1")
        finally:
            connection.terminate()

"""Watches a PostgreSQL database for changes of keys and configurations made by any process."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import asyncpg
import structlog

from orderguard.storage.changes import CHANNEL
from orderguard.storage.postgresql_address import PostgresqlAddress
from orderguard.storage.postgresql_session import open_connection

log = structlog.get_logger()

RECONNECT_AFTER_SECONDS = 0.5
HEARTBEAT_SECONDS = 1.0
TIMEOUT_SECONDS = 2.0


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
        connection = await open_connection(self._address, command_timeout=TIMEOUT_SECONDS)
        try:
            await connection.add_listener(CHANNEL, self._changed)
            # Changes committed while there was no listener sent no notification to us.
            self._changed()
            while True:
                await asyncio.sleep(HEARTBEAT_SECONDS)
                await connection.execute("SELECT 1")
        finally:
            connection.terminate()

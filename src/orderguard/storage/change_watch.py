"""Detect changes of keys and configurations that any process has made."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from time import monotonic
from typing import Protocol

import structlog

from orderguard.storage.sqlite import SteadySqlite

log = structlog.get_logger()

LOOK_EVERY_SECONDS = 0.005

_VALUE = "SELECT value FROM change_counter"


class ChangeWatch(Protocol):
    """Detects whether cached keys and configurations may be stale."""

    def start(self) -> None:
        """Start watching, on the running event loop."""

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

"""The database's report on its own state: disk space and connections."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The size of a database file and of its write-ahead log, and the free disk space, in bytes."""

    database: int
    log: int
    free: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionCount:
    """How many connections a database server has, of how many it allows."""

    used: int
    allowed: int

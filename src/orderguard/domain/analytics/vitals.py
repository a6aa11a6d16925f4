"""What the database says of its own state: room and connections."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a database file takes, with its write-ahead log, and what is left; in bytes."""

    database: int
    log: int
    free: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Connections:
    """How many connections a database server has, of how many it allows."""

    used: int
    allowed: int

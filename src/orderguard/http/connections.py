"""The open connections of a port: how many, whose, and which of them wait for their client.

Everything that a client can hold has a number and a time. When a number is reached, the connection
that has waited longest for its client makes room: an attacker's unfinished requests replace each
other, and other clients are answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from orderguard.http.client_address import Network, counted_address, is_in
from orderguard.http.tally import Tally

SWEEP_EVERY_SECONDS = 0.25

CLOSING_SECONDS = 2
"""How long a client may take to read why it was refused."""

REFUSED_AT_MOST = 64
"""Connections over the limit that are told so at the same time; further ones are only closed."""


class Wait(IntEnum):
    """What a connection waits for its client to do."""

    HEAD = 0
    BODY = 1
    IDLE = 2
    READING = 3
    CLOSING = 4


EVICTABLE = (Wait.HEAD, Wait.BODY, Wait.IDLE)
"""Nothing has been done for the client yet, or everything has: closing loses nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """What one client may hold, and for how long; the settings of the same names."""

    request_head_bytes: int
    request_headers: int
    request_head_seconds: int
    request_body_seconds: int
    keep_alive_seconds: int
    connections: int
    connections_per_address: int
    trusted_proxies: tuple[Network, ...] = ()


class Connection(Protocol):
    """What a connection has to offer to be held to its limits."""

    wait: Wait | None

    def end_waiting(self, wait: Wait) -> None:
        """The client's time is over."""

    def make_room(self) -> None:
        """Another connection needs the place."""

    def drop(self) -> None:
        """Close at once, whatever has not been sent."""


class Connections:
    """All connections of one port, by address and by what they wait for."""

    def __init__(
        self,
        limits: ConnectionLimits,
        tally: Tally,
        new_request_id: Callable[[], str],
    ) -> None:
        self.limits = limits
        self.tally = tally
        self.new_request_id = new_request_id
        self._groups: dict[Connection, str] = {}
        self._by_group: dict[str, dict[Connection, None]] = {}
        self._refused: set[Connection] = set()
        # One queue per reason: all in it have the same time limit, so the first is the oldest.
        self._queues: tuple[dict[Connection, float], ...] = tuple({} for _ in Wait)
        self._seconds = {
            Wait.HEAD: limits.request_head_seconds,
            Wait.BODY: limits.request_body_seconds,
            Wait.IDLE: limits.keep_alive_seconds,
            Wait.READING: limits.request_body_seconds,
            Wait.CLOSING: CLOSING_SECONDS,
        }
        self._sweeping: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._groups)

    def admit(self, connection: Connection, address: str) -> bool:
        """Count a new connection; False when there is no place for it.

        A connection that waits for its client makes room for it: of the same address when the
        address has too many, else the one that has waited longest.
        """
        self._see_to_sweeping()
        group = self._group_of(address)
        neighbours = self._by_group.get(group, {}) if group else {}
        limit = self.limits.connections_per_address
        if limit and len(neighbours) >= limit:
            self.tally.note("connections_per_address", address)
            if not self._evict(next((each for each in neighbours if each.wait in EVICTABLE), None)):
                return False
        if len(self._groups) >= self.limits.connections:
            self.tally.note("connections", address)
            if not self._evict(self._waiting_longest()):
                return False
        self._groups[connection] = group
        if group:
            self._by_group.setdefault(group, {})[connection] = None
        return True

    def refuse(self, connection: Connection) -> bool:
        """Whether a connection that was not admitted may be told so, before it is closed."""
        if len(self._refused) >= REFUSED_AT_MOST:
            return False
        self._refused.add(connection)
        return True

    def forget(self, connection: Connection) -> None:
        """The connection is closed, or as good as."""
        self.wait_for(connection, None)
        self._refused.discard(connection)
        group = self._groups.pop(connection, "")
        if group:
            neighbours = self._by_group[group]
            neighbours.pop(connection, None)
            if not neighbours:
                del self._by_group[group]

    def wait_for(self, connection: Connection, wait: Wait | None) -> None:
        """From now on the connection waits for this; None while the client waits for us."""
        if connection.wait is not None:
            self._queues[connection.wait].pop(connection, None)
        connection.wait = wait
        if wait is not None:
            self._queues[wait][connection] = asyncio.get_running_loop().time()
            self._see_to_sweeping()

    def _group_of(self, address: str) -> str:
        """Whose connections are counted together; empty for a proxy that brings everybody's."""
        if not self.limits.connections_per_address or is_in(address, self.limits.trusted_proxies):
            return ""
        return counted_address(address)

    def _waiting_longest(self) -> Connection | None:
        heads = [next(iter(queue.items())) for wait in EVICTABLE if (queue := self._queues[wait])]
        return min(heads, key=lambda head: head[1])[0] if heads else None

    def _evict(self, connection: Connection | None) -> bool:
        if connection is None:
            return False
        self.forget(connection)
        connection.make_room()
        return True

    def _see_to_sweeping(self) -> None:
        if self._sweeping is None:
            loop = asyncio.get_running_loop()
            self._sweeping = loop.call_later(SWEEP_EVERY_SECONDS, self._sweep)

    def _sweep(self) -> None:
        """End what has waited for too long, and log what there is to say."""
        self._sweeping = None
        now = asyncio.get_running_loop().time()
        for wait, seconds in self._seconds.items():
            queue = self._queues[wait]
            while queue:
                connection, since = next(iter(queue.items()))
                if since > now - seconds:
                    break
                self.wait_for(connection, None)
                connection.end_waiting(wait)
        self.tally.tell()
        if any(self._queues) or self.tally.has_more:
            self._see_to_sweeping()

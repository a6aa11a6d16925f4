"""The open connections of a port: how many, per address, and which of them wait for their client.

Every resource that a client can hold has a limit and a timeout. When a limit is reached, the
connection that has waited longest for its client is closed: an attacker's unfinished requests
replace each other, and other clients are answered.
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
"""How long a client may take to read the response with the refusal."""

REFUSED_AT_MOST = 64
"""Connections over the limit that get a 503 at the same time; further ones are only closed."""


class Wait(IntEnum):
    """The action of the client that a connection waits for, such as sending a body."""

    HEAD = 0
    BODY = 1
    IDLE = 2
    READING = 3
    CLOSING = 4


EVICTABLE = (Wait.HEAD, Wait.BODY, Wait.IDLE)
"""States in which no request is being processed, so closing loses no work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """Limits and timeouts of connections; each is the setting of the same name."""

    request_head_bytes: int
    request_headers: int
    request_head_seconds: int
    request_body_seconds: int
    keep_alive_seconds: int
    connections: int
    connections_per_address: int
    trusted_proxies: tuple[Network, ...] = ()


class Connection(Protocol):
    """A connection as `Connections` needs it, to enforce its limits."""

    wait: Wait | None

    def end_waiting(self, wait: Wait) -> None:
        """Handle the timeout of this wait."""

    def make_room(self) -> None:
        """Close, because another connection needs the place."""

    def drop(self) -> None:
        """Close at once and discard unsent bytes."""


class Connections:
    """All connections of one port, by address and by `Wait`."""

    def __init__(
        self,
        limits: ConnectionLimits,
        tally: Tally,
        new_request_id: Callable[[], str],
    ) -> None:
        self.limits = limits
        self.tally = tally
        self.new_request_id = new_request_id
        self.are_ending = False
        """Whether the server stops: each request is then the last of its connection."""
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
        """Count a new connection; False when the limit is reached and none can be evicted.

        Connections that wait for their client can be evicted: one from the same address when the
        address has too many, otherwise the connection that has waited longest.
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
        """Whether a connection that was not admitted gets a 503 before it is closed."""
        if len(self._refused) >= REFUSED_AT_MOST:
            return False
        self._refused.add(connection)
        return True

    def forget(self, connection: Connection) -> None:
        """Stop counting a connection that is closed or about to close."""
        self.wait_for(connection, None)
        self._refused.discard(connection)
        group = self._groups.pop(connection, "")
        if group:
            neighbours = self._by_group[group]
            neighbours.pop(connection, None)
            if not neighbours:
                del self._by_group[group]

    def wait_for(self, connection: Connection, wait: Wait | None) -> None:
        """Record what the connection waits for its client to do; None while we are busy."""
        if connection.wait is not None:
            self._queues[connection.wait].pop(connection, None)
        connection.wait = wait
        if wait is not None:
            self._queues[wait][connection] = asyncio.get_running_loop().time()
            self._see_to_sweeping()

    def _group_of(self, address: str) -> str:
        """The group whose connections are counted together; empty for a trusted proxy: no limit."""
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
        """End the waits that exceeded their timeout, and write the due log lines."""
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
        self.tally.log_due()
        if any(self._queues) or self.tally.has_more:
            self._see_to_sweeping()

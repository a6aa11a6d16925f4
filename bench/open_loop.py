"""Open loop: requests leave by the clock, whether or not earlier ones were answered.

A wait is counted from the moment at which the request was due, so a server that stalls is charged
for all the requests that queued meanwhile. One thread and `select`, because its timeouts are exact
to some microseconds, where the loops of asyncio round to milliseconds.
"""

from __future__ import annotations

import gc
import select
import socket
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from time import perf_counter, sleep

from bench.figures import percentile
from bench.workload import Target, Workload

RATE = 500
"""Requests per second."""

CONNECTIONS = 128
SETTLE_SECONDS = 0.5
"""Time for the server to accept all connections, which no shop opens at once."""

DRAIN_SECONDS = 3.0
"""How long the last answers may take; what is missing then is counted as unanswered."""


@dataclass(frozen=True, slots=True)
class OpenLoop:
    """The waits at a fixed rate, in milliseconds; without an answer, the wait so far."""

    waits_ms: list[float] = field(repr=False)
    unanswered: int
    errors: int

    def wait_ms(self, share: float) -> float:
        return percentile(self.waits_ms, share)


class Schedule:
    """The queue of due requests, and the total wait of each."""

    def __init__(self, *, start: float, rate: float, count: int) -> None:
        self._start = start
        self._interval = 1 / rate
        self._count = count
        self._due = 0
        self.line: deque[float] = deque()
        """When each request that could not leave yet was due."""
        self.waits: list[float] = []

    def advance(self, now: float) -> None:
        """Queue the requests that have become due by `now`."""
        while self._due < self._count and self.next_due <= now:
            self.line.append(self.next_due)
            self._due += 1

    @property
    def next_due(self) -> float:
        return self._start + self._due * self._interval

    @property
    def everything_is_due(self) -> bool:
        return self._due == self._count

    def answered(self, *, due: float, now: float) -> None:
        self.waits.append(now - due)


class _Connection:
    """A kept-alive connection with at most one request under way."""

    def __init__(self, target: Target) -> None:
        self.socket = socket.create_connection(("127.0.0.1", target.port), timeout=5)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head = (
            f"POST {target.path} HTTP/1.1\r\nHost: 127.0.0.1:{target.port}\r\n"
            f"X-Authorization: {target.key}\r\nContent-Type: application/json\r\nContent-Length: "
        ).encode()
        self._received = b""
        self.due = 0.0

    def fileno(self) -> int:
        return self.socket.fileno()

    def send(self, body: bytes, *, due: float) -> None:
        self.due = due
        self.socket.sendall(b"%s%d\r\n\r\n%s" % (self._head, len(body), body))

    def receive(self) -> int | None:
        """The status, once the whole answer is there; None before. Raises `ConnectionError`."""
        chunk = self.socket.recv(65_536)
        if not chunk:
            raise ConnectionResetError("The server closed the connection.")
        self._received += chunk
        status = answer_status(self._received)
        if status is not None:
            self._received = b""
        return status


def answer_status(received: bytes) -> int | None:
    """The status of a complete response with a Content-Length; None while part of it is missing."""
    head, blank, body = received.partition(b"\r\n\r\n")
    if not blank:
        return None
    lowered = head.lower()
    at = lowered.find(b"\r\ncontent-length:")
    length = int(lowered[at + 17 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
    return int(head[9:12]) if len(body) >= length else None


def open_loop(target: Target, workload: Workload, *, seconds: float, rate: int = RATE) -> OpenLoop:
    """Send at a fixed rate for some seconds, then wait a limited time for the last answers."""
    connections = [_Connection(target) for _ in range(CONNECTIONS)]
    sleep(SETTLE_SECONDS)
    gc.collect()
    gc.disable()
    try:
        return _run(connections, workload.bodies(), seconds=seconds, rate=rate)
    finally:
        gc.enable()
        for connection in connections:
            connection.socket.close()


def _run(
    connections: list[_Connection], bodies: Iterator[bytes], *, seconds: float, rate: int
) -> OpenLoop:
    start = perf_counter() + 0.01
    schedule = Schedule(start=start, rate=rate, count=round(seconds * rate))
    deadline = start + seconds + DRAIN_SECONDS
    # The longest idle goes first, so that the server closes none of them for its idleness.
    idle, busy = deque(connections), set[_Connection]()
    errors = 0
    while (now := perf_counter()) < deadline:
        schedule.advance(now)
        while schedule.line and idle:
            connection = idle.popleft()
            connection.send(next(bodies), due=schedule.line.popleft())
            busy.add(connection)
        if schedule.everything_is_due and not busy:
            break
        wake = deadline if schedule.everything_is_due else schedule.next_due
        for connection in select.select(busy, [], [], max(0.0, wake - perf_counter()))[0]:
            status = connection.receive()
            if status is None:
                continue
            schedule.answered(due=connection.due, now=perf_counter())
            errors += status >= 300
            busy.remove(connection)
            idle.append(connection)
    under_way = [connection.due for connection in busy]
    return account(schedule, under_way, now=perf_counter(), errors=errors)


def account(schedule: Schedule, under_way: Iterable[float], *, now: float, errors: int) -> OpenLoop:
    """The waits of all requests; `under_way` are the due times of those without an answer.

    Such a request has waited at least until `now`.
    """
    missing = [now - due for due in (*under_way, *schedule.line)]
    waits = [wait * 1000 for wait in (*schedule.waits, *missing)]
    return OpenLoop(waits, unanswered=len(missing), errors=errors)

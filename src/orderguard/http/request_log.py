"""The request log of this process: notes requests as they end, and writes them a little later.

An answer never waits for the log. Noting a request takes a few references; a thread blanks personal
members and writes the rows, some at a time, so that analyses go on beside it (ADR 0092).
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

import structlog

from orderguard.domain.errors import StorageUnavailable
from orderguard.domain.integration.logged_request import LoggedRequest, outcome_of, place_at
from orderguard.domain.people.api_key import ApiKey
from orderguard.http.edge import Exchange
from orderguard.http.logged_body import (
    FORM_BYTES,
    READ_AT_MOST,
    logged_body,
    logged_path,
    logged_problems,
)
from orderguard.http.tally import Tally

log = structlog.get_logger()

LIMIT = "request_log"
"""The name under which requests are counted that could not be kept."""

_ADMIN = "/admin/"
_MERCHANTS_AT_MOST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLogLimits:
    """How much of a flood is kept, in each process; the rest is counted and forgotten."""

    burst: int = 200
    """Requests of one merchant that are kept at once."""
    per_second: float = 5.0
    """Requests of one merchant that are kept in the long run."""
    waiting: int = 400
    """Requests of all merchants that wait to be written; past it the oldest give way."""
    at_once: int = 25
    """Requests that are written in one transaction."""
    every_seconds: float = 0.5
    pause_seconds: float = 5.0
    """The pause after the database was out of reach."""


LIMITS = RequestLogLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Noted:
    """A request that ended, as it was; nothing has been blanked yet, so it is never shown."""

    key: ApiKey
    at: datetime
    place: int
    request_id: str
    method: str
    path: str
    status: int
    gave_up: bool
    breaks_off: bool
    seconds: float
    body: bytes
    body_bytes: int
    answer: bytes


Write = Callable[[Sequence[LoggedRequest]], None]
"""Stores requests. Raises `StorageUnavailable`."""


class RequestLog:
    """Notes the requests of merchants, and writes them to the request log."""

    def __init__(
        self,
        write: Write,
        clock: Callable[[], datetime],
        tally: Tally,
        limits: RequestLogLimits | None = None,
    ) -> None:
        self._write = write
        self._clock = clock
        self._tally = tally
        self._limits = limits or LIMITS
        self._waiting: deque[_Noted] = deque()
        self._allowed: dict[str, tuple[float, float]] = {}
        self._last_place = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="request-log")

    def note(self, exchange: Exchange, method: str, path: str, gave_up: bool) -> None:
        """Note a request that has just ended. Never raises, never waits.

        Of the admin API only refusals and failures are kept, without their bodies: reading the log
        must not fill it, and no integrator debugs with configurations and endpoints' addresses.
        """
        key = exchange.key
        is_admin = path.startswith(_ADMIN)
        if key is None or (is_admin and 0 < exchange.status < 400):
            return
        if not self._may_keep(key.merchant):
            self._tally.note(LIMIT, key.merchant)
            return
        at = self._clock()
        # The places of a process rise even when its clock does not.
        self._last_place = max(place_at(at) + os.getpid() % 1_000, self._last_place + 1_000)
        body = b"" if is_admin else exchange.body
        self._waiting.append(
            _Noted(
                key=key,
                at=at,
                place=self._last_place,
                request_id=exchange.request_id,
                method=method[:10],
                path=path,
                status=exchange.status,
                gave_up=gave_up,
                breaks_off=exchange.breaks_off,
                seconds=exchange.seconds,
                body=body if len(body) <= READ_AT_MOST else body[:FORM_BYTES],
                body_bytes=len(body),
                answer=exchange.answer,
            )
        )
        self._make_room()

    async def keep_writing(self) -> None:
        """Write the noted requests every half second, until cancelled."""
        while True:
            await asyncio.sleep(self._limits.every_seconds)
            if self._waiting and not await self._write_some():
                await asyncio.sleep(self._limits.pause_seconds)

    async def finish(self) -> None:
        """Write what still waits, once; what cannot be written now is lost and counted."""
        while self._waiting and await self._write_some():
            pass
        for noted in self._waiting:
            self._tally.note(LIMIT, noted.key.merchant)
        self._waiting.clear()
        await asyncio.to_thread(self._thread.shutdown)

    async def _write_some(self) -> bool:
        """Write one transaction; False when the database is out of reach and its rows wait."""
        some = [self._waiting.popleft() for _ in range(self._at_once())]
        try:
            loop = asyncio.get_running_loop()
            await asyncio.shield(loop.run_in_executor(self._thread, self._write_down, some))
        except StorageUnavailable:
            self._waiting.extendleft(reversed(some))
            self._make_room()
            return False
        except Exception:
            log.exception("request_log.failed")  # what these rows have cannot hold up the next ones
            for noted in some:
                self._tally.note(LIMIT, noted.key.merchant)
        return True

    def _at_once(self) -> int:
        return min(len(self._waiting), self._limits.at_once)

    def _write_down(self, some: Sequence[_Noted]) -> None:
        self._write([_logged(noted) for noted in some])

    def _make_room(self) -> None:
        while len(self._waiting) > self._limits.waiting:
            self._tally.note(LIMIT, self._waiting.popleft().key.merchant)

    def _may_keep(self, merchant: str) -> bool:
        """A token bucket for each merchant; a merchant that is not in it has a full one."""
        now = monotonic()
        if merchant not in self._allowed and len(self._allowed) >= _MERCHANTS_AT_MOST:
            self._allowed.clear()
        left, before = self._allowed.get(merchant, (float(self._limits.burst), now))
        left = min(self._limits.burst, left + (now - before) * self._limits.per_second)
        is_kept = left >= 1
        self._allowed[merchant] = (left - 1 if is_kept else left), now
        return is_kept


def _logged(noted: _Noted) -> LoggedRequest:
    code, problems = logged_problems(noted.answer)
    return LoggedRequest(
        place=noted.place,
        merchant=noted.key.merchant,
        at=noted.key.time(noted.at),
        request_id=noted.request_id,
        key=noted.key.id,
        method=noted.method,
        path=logged_path(noted.path),
        status=noted.status,
        outcome=outcome_of(noted.status, caller_gave_up=noted.gave_up, breaks_off=noted.breaks_off),
        microseconds=round(noted.seconds * 1_000_000),
        code=code,
        problems=problems,
        body=logged_body(noted.body, noted.body_bytes),
        body_bytes=noted.body_bytes,
    )

"""Many calls at a real server, and what was answered to each."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

PAUSE_SECONDS = 0.1
"""How long callers wait after a 503. The header says a second; that would hide a slow recovery."""


@dataclass(frozen=True)
class Answer:
    """An answer to one call."""

    status: int
    retry_after: str | None
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Backend:
    """A shop's backend. Each thread has a connection; httpx would take longer than the server."""

    def __init__(self, url: str, key: str) -> None:
        self._address = urlsplit(url).netloc
        self._headers = {"X-Authorization": key, "Content-Type": "application/json"}
        self._of_thread = threading.local()
        self._connections: list[HTTPConnection] = []

    def send(self, method: str, path: str, body: bytes | None = None) -> Answer:
        connection = self._connection()
        connection.request(method, path, body, self._headers)
        response = connection.getresponse()
        return Answer(response.status, response.getheader("Retry-After"), response.read())

    def _connection(self) -> HTTPConnection:
        if not hasattr(self._of_thread, "connection"):
            self._of_thread.connection = HTTPConnection(self._address, timeout=30)
            self._connections.append(self._of_thread.connection)
        connection: HTTPConnection = self._of_thread.connection
        return connection

    def close(self) -> None:
        for each in self._connections:
            each.close()


@dataclass
class Outcome:
    """What the callers were told."""

    answered: dict[int, Any] = field(default_factory=dict)
    """By the number of the call."""

    refused: set[int] = field(default_factory=set)
    slowest_refusal_seconds: float = 0.0
    answered_at: float = 0.0
    """When somebody last got another answer than 503."""


class Load:
    """Numbered calls, each made once, by some callers in parallel."""

    def __init__(self, callers: int, calls: int, call: Callable[[int], Answer]) -> None:
        self.outcome = Outcome()
        self._call = call
        self._numbers = iter(range(calls))
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(callers)
        self._callers = [self._pool.submit(self._work) for _ in range(callers)]

    def is_done(self) -> bool:
        return all(each.done() for each in self._callers)

    def is_answered_since(self, moment: float) -> bool:
        return self.outcome.answered_at > moment or self.is_done()

    def finish(self) -> Outcome:
        for each in self._callers:
            each.result()
        self._pool.shutdown()
        return self.outcome

    def _work(self) -> None:
        while (number := self._next()) is not None:
            asked_at = time.monotonic()
            answer = self._call(number)
            if answer.status == 503:
                self._note_refusal(number, answer, time.monotonic() - asked_at)
                time.sleep(PAUSE_SECONDS)
            else:
                self._note_answer(number, answer)

    def _next(self) -> int | None:
        with self._lock:
            return next(self._numbers, None)

    def _note_refusal(self, number: int, answer: Answer, seconds: float) -> None:
        assert int(answer.retry_after or 0) >= 1
        with self._lock:
            self.outcome.refused.add(number)
            slowest = self.outcome.slowest_refusal_seconds
            self.outcome.slowest_refusal_seconds = max(slowest, seconds)

    def _note_answer(self, number: int, answer: Answer) -> None:
        assert answer.status in (200, 201), answer.body
        with self._lock:
            self.outcome.answered[number] = answer.json()
            self.outcome.answered_at = time.monotonic()

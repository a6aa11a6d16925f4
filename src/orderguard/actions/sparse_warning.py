"""Log a warning that clients can cause at will, at most once a minute."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic

import structlog

log = structlog.get_logger()


class SparseWarning:
    """A warning that any caller can cause: logged at once, then at most once a minute.

    `count` in a log line is how often it happened since the line before.
    """

    def __init__(self, event: str, *, clock: Callable[[], float] = monotonic, **about: str) -> None:
        self._event, self._about, self._clock = event, about, clock
        self._lock = threading.Lock()
        self._count = 0
        self._next = float("-inf")

    def note(self) -> None:
        """Count one occurrence, and write a log line if one is due."""
        with self._lock:
            self._count += 1
            now = self._clock()
            if now < self._next:
                return
            count, self._count, self._next = self._count, 0, now + 60
        log.warning(self._event, **self._about, count=count)

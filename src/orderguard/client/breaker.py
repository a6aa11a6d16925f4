"""A circuit breaker, so that shoppers do not wait in turn for a server that never answers."""

from __future__ import annotations

import time
from collections.abc import Callable

FAILURES_IN_A_ROW = 3
REST_SECONDS = 2.0


class ServerRests(Exception):
    """The breaker is open after failures in a row: no request is sent for a short time."""


class Breaker:
    """A circuit breaker: after three unanswered analyses in a row it opens for two seconds.

    Then one analysis tries again, while the others are still refused. Any answer closes the
    breaker, including an error status: only missing answers count, because only they make shoppers
    wait. One late answer does not open it. Threads may share a breaker; two that count at the same
    moment may send one request too many, which is cheaper than a lock.
    """

    def __init__(
        self,
        *,
        failures_in_a_row: int = FAILURES_IN_A_ROW,
        rest_seconds: float = REST_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tolerated = failures_in_a_row
        self._rest_seconds = rest_seconds
        self._clock = clock
        self._failures = 0
        self._rests_until = 0.0

    def before_asking(self) -> None:
        """Raises `ServerRests` while the breaker is open."""
        if self._failures < self._tolerated:
            return
        if self._clock() < self._rests_until:
            raise ServerRests
        # The first analysis tries; extending the rest keeps the others from waiting with it.
        self._rest()

    def note_answer(self) -> None:
        self._failures = 0

    def note_silence(self) -> None:
        self._failures += 1
        self._rest()

    def _rest(self) -> None:
        self._rests_until = self._clock() + self._rest_seconds

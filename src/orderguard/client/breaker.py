"""When not to ask, so that shoppers do not wait in turn for a server that never answers."""

from __future__ import annotations

import time
from collections.abc import Callable

FAILURES_IN_A_ROW = 3
REST_SECONDS = 2.0


class ServerRests(Exception):
    """The server was silent lately, and is not asked for a moment."""


class Breaker:
    """Counts analyses that nobody answered; after three in a row there is a rest of two seconds.

    At the end of a rest one analysis tries again and the others go on resting. Any answer ends it
    all, also a refusal: what is counted is silence, because only silence is waited for. A single
    late answer costs no other shopper the offer. Threads may share it; two that count at the same
    moment may ask once too often, which is cheaper than a lock.
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
        """Raises `ServerRests` when nobody should ask now."""
        if self._failures < self._tolerated:
            return
        if self._clock() < self._rests_until:
            raise ServerRests
        # Whoever comes first tries; those behind must not wait along.
        self._rest()

    def note_answer(self) -> None:
        self._failures = 0

    def note_silence(self) -> None:
        self._failures += 1
        self._rest()

    def _rest(self) -> None:
        self._rests_until = self._clock() + self._rest_seconds

"""How guessing passwords is slowed down, without slowing down the owner (ADR 0062).

A browser that has signed in before is counted by itself. Everybody else is counted by account and
address, and all of them together by account, so that many addresses are no way around it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

FORGOTTEN_AFTER = timedelta(minutes=30)
"""Failures are forgotten when there was none for so long."""

LONGEST_WAIT = timedelta(minutes=5)
"""Not longer, because people who share an address with a guesser wait with them."""

FADES_EVERY = timedelta(minutes=1)
"""One failure of strangers less, as long as there is none: a single address, which is heard twelve
times an hour at most, never comes to the patience with all of them."""


class Patience(Enum):
    """How many failures in a row are forgiven before there is a wait."""

    OF_ACCOUNT = 5
    """At one account, from one address or from one browser that is known."""
    OF_STRANGERS = 60
    """At one account, from all browsers that are not known."""
    OF_ADDRESS = 50
    """Many people can share an address: an office, or everybody behind a proxy of ours."""


@dataclass(frozen=True, slots=True)
class Failures:
    """Failed sign-ins in a row, and when the last one was."""

    count: int
    last_at: datetime

    def wait(self, patience: Patience, *, at: datetime) -> timedelta:
        """How long until the next attempt is heard; zero is now.

        One second after the first failure too many, and twice as long after each further one.
        """
        over = self.count - patience.value
        if over < 0 or self._is_forgotten(at):
            return timedelta(0)
        pause = min(timedelta(seconds=2 ** min(over, 10)), LONGEST_WAIT)
        return max(self.last_at + pause - at, timedelta(0))

    def faded(self, *, at: datetime) -> Failures:
        """The failures, less one for every `FADES_EVERY` that has passed since the last."""
        faded = max((at - self.last_at) // FADES_EVERY, 0)
        return Failures(max(self.count - faded, 0), self.last_at)

    def _is_forgotten(self, at: datetime) -> bool:
        """Whether the failures no longer count: too old, or dated too far in the future.

        A future date means that the clock was ahead; the user must not have to wait until then.
        """
        return abs(at - self.last_at) >= FORGOTTEN_AFTER

    def one_more(self, *, at: datetime) -> Failures:
        """With a failure now; old ones are forgotten first."""
        count = 0 if self._is_forgotten(at) else self.count
        return Failures(count + 1, at)

    def without_one(self, before: Failures) -> Failures:
        """Without the attempt that was counted after `before`, and did not fail after all.

        When it was the last one, old failures are as old again as they were: people who sign in
        all day from one address do not keep them from being forgotten.
        """
        is_last = self.count == before.count + 1
        return Failures(max(self.count - 1, 0), before.last_at if is_last else self.last_at)

"""Slow down password guessing without slowing down the account's owner (ADR 0062).

A browser that has signed in before is counted separately. All others are counted by account and
address, and together by account, so that using many addresses does not bypass the throttle.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

FORGOTTEN_AFTER = timedelta(minutes=30)
"""Failures are forgotten when there was none for so long."""

LONGEST_WAIT = timedelta(minutes=5)
"""The longest back-off. Not longer, because everyone at the guesser's address has to wait, too."""

FADES_EVERY = timedelta(minutes=1)
"""Each such interval without a failure removes one failure of strangers.

A single address may try twelve times an hour at most, so alone it never reaches
`Patience.OF_STRANGERS`.
"""


class Patience(Enum):
    """How many failures in a row are allowed before the back-off starts."""

    OF_ACCOUNT = 5
    """For one account, from one address or from one known browser."""
    OF_STRANGERS = 60
    """For one account, from all unknown browsers together."""
    OF_ADDRESS = 50
    """For one address, which many people can share: an office, or all users of our proxy."""


@dataclass(frozen=True, slots=True)
class Failures:
    """Failed sign-ins in a row, and when the last one was."""

    count: int
    last_at: datetime

    def wait(self, patience: Patience, *, at: datetime) -> timedelta:
        """How long until the next attempt is allowed; zero means now.

        The back-off is one second after the first failure too many, and doubles after each further
        one.
        """
        over = self.count - patience.value
        if over < 0 or self._is_forgotten(at):
            return timedelta(0)
        pause = min(timedelta(seconds=2 ** min(over, 10)), LONGEST_WAIT)
        return max(self.last_at + pause - at, timedelta(0))

    def faded(self, *, at: datetime) -> Failures:
        """The failures at `at`, one fewer for every `FADES_EVERY` since the last failure."""
        faded = max((at - self.last_at) // FADES_EVERY, 0)
        return Failures(max(self.count - faded, 0), self.last_at)

    def _is_forgotten(self, at: datetime) -> bool:
        """Whether the failures no longer count: too old, or dated too far in the future.

        A future date means that the clock was ahead; the user must not have to wait until then.
        """
        return abs(at - self.last_at) >= FORGOTTEN_AFTER

    def one_more(self, *, at: datetime) -> Failures:
        """The failures after another one at `at`; forgotten ones are subtracted first."""
        count = 0 if self._is_forgotten(at) else self.count
        return Failures(count + 1, at)

    def without_one(self, before: Failures) -> Failures:
        """The failures less one attempt, which was counted after `before` and then succeeded.

        When it was the last one, the date of the last failure is restored as well: people who sign
        in all day from one address do not keep its failures from being forgotten.
        """
        is_last = self.count == before.count + 1
        return Failures(max(self.count - 1, 0), before.last_at if is_last else self.last_at)

"""How long one question may keep a serving process busy that asks for many decisions.

What a decision costs is bounded, but previews and the search for the nearest change make hundreds.
They ask after each whether to go on, and what is missing at the end is told as missing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

QUESTION_AT_MOST = timedelta(seconds=2)
"""A hundred times what honest rules need."""


def time_limit(clock: Callable[[], datetime]) -> Callable[[], bool]:
    """Whether to go on: for two seconds from now."""
    ends_at = clock() + QUESTION_AT_MOST
    return lambda: clock() < ends_at

"""Limit how long a request that makes many decisions may keep a serving process busy.

The cost of a decision is bounded, but previews and the search for the nearest change make hundreds.
They check the limit after each decision, and report the results that are missing at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

QUESTION_AT_MOST = timedelta(seconds=2)
"""A hundred times the time that ordinary rules take."""


def time_limit(clock: Callable[[], datetime]) -> Callable[[], bool]:
    """A callable that returns False two seconds from now."""
    ends_at = clock() + QUESTION_AT_MOST
    return lambda: clock() < ends_at

"""The clock. Everything further in is told the time."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)


def elapsed_seconds() -> float:
    """Since some instant, by a clock that nobody can set. Where it can be told, sleep counts."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()

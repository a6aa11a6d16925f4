"""The system clock. Actions and domain get the time as an argument."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)


def elapsed_seconds() -> float:
    """Monotonic seconds since an arbitrary instant; on Linux, including time in sleep mode."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()

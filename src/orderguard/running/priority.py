"""The priority of processes whose work can wait for checkouts."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

LOWEST = 19
CHORES = 10
"""Beside a busy process of the usual priority, one of this niceness gets a tenth of a core."""

_SESSION = Path("/proc/self/autogroup")


def lower_priority(niceness: int) -> None:
    """Raise the niceness of this process and of its session, which must be its own.

    Linux shares the cores among sessions first, and the niceness of a process counts only within
    its session. A system that knows no such groups, or forbids it, is left as it is.
    """
    os.nice(niceness)
    with suppress(OSError):
        _SESSION.write_text(f"{niceness}", encoding="ascii")

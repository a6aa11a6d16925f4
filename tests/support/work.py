"""How much work a call is, counted so that a busy machine changes nothing.

Lines of Python and the peak of its memory are counted exactly. What libraries written in C do in
one call shows in neither; for that there is the processor time of this thread alone, and as caches
are shared with other processes, it is compared generously, and measured again before it fails.
"""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

ATTEMPTS = 6
"""How often processor time is measured, at most; the least counts."""

GROWTH = 4
"""How much longer the longer text is: two doublings."""

ALLOWED = 1.5
"""How much more than `GROWTH` times the work may be. The square would be `GROWTH` times more."""

LINES_FREE = 500
BYTES_FREE = 500_000
SECONDS_FREE = 0.04
"""What a call may take whatever it is given."""

Work = Callable[[str], object]


def assert_linear(work: Work, text_of: Callable[[int], str], *, size: int = 8_192) -> None:
    """Fails unless a text four times as long is about four times the work.

    `text_of` makes a text of about so many characters; an exception is an outcome like any other.
    """
    _warm_up(work, text_of(64))
    short, long = text_of(size // GROWTH), text_of(size)
    few, many = lines_of(work, short), lines_of(work, long)
    assert many <= ALLOWED * GROWTH * few + LINES_FREE, f"{few} lines became {many}"
    little, much = peak_of(work, short), peak_of(work, long)
    assert much <= ALLOWED * GROWTH * little + BYTES_FREE, f"{little} bytes became {much}"
    quick, slow = seconds_of(work, short), seconds_of(work, long)
    for _ in range(ATTEMPTS):
        if slow <= ALLOWED * GROWTH * quick + SECONDS_FREE:
            return
        quick, slow = max(quick, seconds_of(work, short)), min(slow, seconds_of(work, long))
    raise AssertionError(f"{quick} s of processor time became {slow}")


def _warm_up(work: Work, text: str) -> None:
    """Runs it once, so that what is done only once is not counted."""
    with suppress(Exception):
        work(text)


def lines_of(work: Work, text: str) -> int:
    """Lines of Python that were executed."""
    count = 0

    def trace(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        if event == "line":
            count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        with suppress(Exception):
            work(text)
    finally:
        sys.settrace(before)
    return count


def peak_of(work: Work, text: str) -> int:
    """Bytes that Python's allocator had given out at most, above what it had before."""
    tracemalloc.start()
    try:
        with suppress(Exception):
            work(text)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def seconds_of(work: Work, text: str) -> float:
    """Processor time of this thread."""
    begun = time.thread_time()
    with suppress(Exception):
        work(text)
    return time.thread_time() - begun

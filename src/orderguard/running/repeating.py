"""Repeat background chores until the process stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

import structlog

from orderguard.domain.errors import StorageUnavailable

log = structlog.get_logger()


@asynccontextmanager
async def until_left(chores: Sequence[Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Run the chores until the block is left, then cancel them."""
    tasks = [asyncio.create_task(chore) for chore in chores]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()


async def in_thread(work: Callable[..., None], *arguments: Any) -> None:
    await asyncio.to_thread(work, *arguments)


async def every(
    seconds: float,
    work: Callable[[], Awaitable[None]],
    *,
    at_once: bool = False,
    rests: float = 0,
) -> None:
    """Repeat the work for ever, whatever it raises, with pauses of `seconds`.

    A pause is at least `rests` times as long as the work before it took.
    """
    if not at_once:
        await asyncio.sleep(seconds)
    while True:
        began = monotonic()
        try:
            await work()
        except StorageUnavailable as error:
            log.warning("chore.postponed", why=str(error))
        except Exception:
            log.exception("chore.failed")  # the next round may succeed
        await asyncio.sleep(max(seconds, rests * (monotonic() - began)))

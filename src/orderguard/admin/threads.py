"""The thread pool of the console and the admin API, for work that would block the event loop.

Checkouts and orders use other threads, so that slow pages cannot delay them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar
from weakref import WeakKeyDictionary

THREADS = 3

Answer = TypeVar("Answer")
Arguments = ParamSpec("Arguments")


async def in_thread(
    work: Callable[Arguments, Answer], *arguments: Arguments.args, **options: Arguments.kwargs
) -> Answer:
    """Run `work` in the admin thread pool, because it would block the event loop."""
    call = partial(copy_context().run, work, *arguments, **options)
    loop = asyncio.get_running_loop()
    threads = _threads.get(loop)
    if threads is None:
        threads = _threads[loop] = ThreadPoolExecutor(THREADS, thread_name_prefix="admin")
    return await loop.run_in_executor(threads, call)


async def finish_threads() -> None:
    """Shut down the thread pool of this event loop, once its running calls have ended."""
    threads = _threads.pop(asyncio.get_running_loop(), None)
    if threads:
        await asyncio.to_thread(threads.shutdown)


_threads: WeakKeyDictionary[asyncio.AbstractEventLoop, ThreadPoolExecutor] = WeakKeyDictionary()

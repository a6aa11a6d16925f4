"""Threads of the console and the admin API, apart from those that checkouts and orders wait for.

Whatever somebody asks of the console, and however long that takes, it takes these few threads only.
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


async def aside(
    work: Callable[Arguments, Answer], *arguments: Arguments.args, **options: Arguments.kwargs
) -> Answer:
    """The outcome of work that would hold up the event loop."""
    call = partial(copy_context().run, work, *arguments, **options)
    loop = asyncio.get_running_loop()
    threads = _threads.get(loop)
    if threads is None:
        threads = _threads[loop] = ThreadPoolExecutor(THREADS, thread_name_prefix="admin")
    return await loop.run_in_executor(threads, call)


async def finish_aside() -> None:
    """Wait for what the threads of this loop are doing; nothing begins any more."""
    threads = _threads.pop(asyncio.get_running_loop(), None)
    if threads:
        await asyncio.to_thread(threads.shutdown)


_threads: WeakKeyDictionary[asyncio.AbstractEventLoop, ThreadPoolExecutor] = WeakKeyDictionary()

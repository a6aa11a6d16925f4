"""Threads of the console and the admin API, apart from those that checkouts and orders wait for.

Whatever somebody asks of the console, and however long that takes, it takes these few threads only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cache, partial
from typing import ParamSpec, TypeVar

THREADS = 3

Answer = TypeVar("Answer")
Arguments = ParamSpec("Arguments")


async def aside(
    work: Callable[Arguments, Answer], *arguments: Arguments.args, **options: Arguments.kwargs
) -> Answer:
    """The outcome of work that would hold up the event loop."""
    call = partial(copy_context().run, work, *arguments, **options)
    return await asyncio.get_running_loop().run_in_executor(_threads(), call)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="admin")

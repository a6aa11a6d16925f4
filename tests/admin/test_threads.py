"""The console has a thread pool of its own, so its requests hold up no order and no checkout."""

from __future__ import annotations

import asyncio
import os
import threading

from orderguard.admin.threads import THREADS, in_thread

MORE_THAN_ALL_OTHERS = (os.cpu_count() or 1) + 4
"""As many as Python's own pool has, which orders use."""


def test_console_work_that_does_not_end_leaves_orders_their_threads() -> None:
    release = threading.Event()

    async def busy() -> str:
        stuck = [asyncio.create_task(in_thread(release.wait)) for _ in range(MORE_THAN_ALL_OTHERS)]
        await asyncio.sleep(0)
        order = await asyncio.wait_for(asyncio.to_thread(lambda: "pushed"), timeout=30)
        release.set()
        await asyncio.gather(*stuck)
        return order

    assert "pushed" == asyncio.run(busy())


def test_no_more_than_a_few_things_are_done_at_once() -> None:
    begun: list[int] = []
    release = threading.Event()

    def work() -> None:
        begun.append(1)
        release.wait(30)

    async def busy() -> int:
        tasks = [asyncio.create_task(in_thread(work)) for _ in range(THREADS + 5)]
        await asyncio.sleep(0.2)
        begun_at_once = len(begun)
        release.set()
        await asyncio.gather(*tasks)
        return begun_at_once

    assert THREADS == asyncio.run(busy())

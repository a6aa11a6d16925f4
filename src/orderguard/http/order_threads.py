"""Thread pools of the order routes: one for writes, one for reads, each limited per merchant.

A merchant whose orders wait for a lock uses up its own few places. Further calls wait in a queue of
that merchant, and are refused with 503 when it is full: pushing an order again is safe.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, TypeVar

from orderguard.domain.ids import MerchantId
from orderguard.http.errors import TooBusy
from orderguard.http.tally import Tally

CHANGING_THREADS = 8
LOOKING_THREADS = 4

AT_ONCE = 2
"""How many threads of each pool one merchant may use at the same time."""

WAITING_AT_MOST = 20
"""How many calls of one merchant may wait for a thread of each pool."""

WAIT_SECONDS = 5.0
"""How long a call waits for a thread."""

Answer = TypeVar("Answer")
Arguments = ParamSpec("Arguments")


class OrderThreads:
    """Runs the work of order routes in threads, off the event loop."""

    def __init__(self, tally: Tally | None = None) -> None:
        tally = tally or Tally()
        self._changes = _Pool("order_changes", CHANGING_THREADS, tally)
        self._looks = _Pool("order_looks", LOOKING_THREADS, tally)

    async def change(
        self,
        merchant: MerchantId,
        work: Callable[Arguments, Answer],
        *arguments: Arguments.args,
        **options: Arguments.kwargs,
    ) -> Answer:
        """Run a write, which may wait for locks, in a thread. Raises `TooBusy`."""
        return await self._changes.run(merchant, partial(work, *arguments, **options))

    async def look(
        self,
        merchant: MerchantId,
        work: Callable[Arguments, Answer],
        *arguments: Arguments.args,
        **options: Arguments.kwargs,
    ) -> Answer:
        """Run a read in a thread. Raises `TooBusy`."""
        return await self._looks.run(merchant, partial(work, *arguments, **options))

    async def finish(self) -> None:
        """Wait for the running work; no further work is accepted."""
        await self._changes.finish()
        await self._looks.finish()


class _Pool:
    """A thread pool of which one merchant uses `AT_ONCE` threads at most."""

    def __init__(self, name: str, threads: int, tally: Tally) -> None:
        self._name = name
        self._tally = tally
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._places: dict[MerchantId, _Places] = {}

    async def run(self, merchant: MerchantId, call: Callable[[], Answer]) -> Answer:
        places = self._places.setdefault(merchant, _Places())
        if places.waiting >= WAITING_AT_MOST:
            raise self._too_busy(merchant)
        places.calls += 1
        places.waiting += 1
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await places.free.acquire()
        except BaseException as error:
            self._leave(merchant, places)
            if isinstance(error, TimeoutError):
                raise self._too_busy(merchant) from error
            raise
        finally:
            places.waiting -= 1
        future = asyncio.get_running_loop().run_in_executor(self._threads, call)
        # Release the place when the thread ends, not when the caller stops waiting.
        future.add_done_callback(partial(self._is_done, merchant, places))
        return await asyncio.shield(future)

    async def finish(self) -> None:
        await asyncio.to_thread(self._threads.shutdown)

    def _is_done(self, merchant: MerchantId, places: _Places, done: asyncio.Future[Any]) -> None:
        if not done.cancelled():
            done.exception()  # mark as retrieved, or asyncio logs it when the caller is gone
        places.free.release()
        self._leave(merchant, places)

    def _leave(self, merchant: MerchantId, places: _Places) -> None:
        places.calls -= 1
        if not places.calls:
            del self._places[merchant]

    def _too_busy(self, merchant: MerchantId) -> TooBusy:
        self._tally.note(self._name, merchant)
        return TooBusy("Too many calls of this merchant are waiting already.")


class _Places:
    """The running and waiting calls of one merchant."""

    def __init__(self) -> None:
        self.free = asyncio.Semaphore(AT_ONCE)
        self.waiting = 0
        self.calls = 0

"""Thread pools of the order routes: one for writes, one for reads, each limited per merchant.

A merchant whose orders wait for a lock uses up its own few places. Further calls wait in a queue of
that merchant, and are refused with 503 when it is full: pushing an order again is safe. Waiting
upserts share the next thread, and with it one transaction; so do those that arrive together.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, ParamSpec, TypeVar

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
Item = TypeVar("Item")
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

    async def change_together(
        self, merchant: MerchantId, work: Callable[[], Answer], group: Group[Any, Answer]
    ) -> Answer:
        """Run a write in a thread, in one call with the waiting writes of its group.

        Raises `TooBusy`.
        """
        return await self._changes.run(merchant, work, group)

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


@dataclass(frozen=True, slots=True)
class Group(Generic[Item, Answer]):
    """Calls to be batched while they wait for a thread.

    `run` takes the items of all calls with the same `key`, and returns an answer or an error for
    each, in their order.
    """

    key: Hashable
    item: Item
    run: Callable[[Sequence[Item]], Sequence[Answer | Exception]]


class _Pool:
    """A thread pool of which one merchant uses `AT_ONCE` threads at most."""

    def __init__(self, name: str, threads: int, tally: Tally) -> None:
        self._name = name
        self._tally = tally
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._places: dict[MerchantId, _Places] = {}

    async def run(
        self,
        merchant: MerchantId,
        work: Callable[[], Answer],
        group: Group[Any, Answer] | None = None,
    ) -> Answer:
        """Run it in a thread, with others of its group if it has to wait. Raises `TooBusy`."""
        places = self._places.setdefault(merchant, _Places())
        if len(places.waiting) + places.running >= WAITING_AT_MOST + AT_ONCE:
            raise self._too_busy(merchant)
        loop = asyncio.get_running_loop()
        call = _Call(work, group, loop.create_future(), loop.create_future())
        places.waiting.append(call)
        # Deferred by one loop iteration, so that calls of the same iteration share a transaction.
        loop.call_soon(self._start, merchant, places)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await asyncio.shield(call.started)
        except TimeoutError as error:
            if _gives_up(places, call):
                raise self._too_busy(merchant) from error
        except BaseException:
            _gives_up(places, call)
            raise
        answer: Answer = await asyncio.shield(call.answer)
        return answer

    async def finish(self) -> None:
        await asyncio.to_thread(self._threads.shutdown)

    def _start(self, merchant: MerchantId, places: _Places) -> None:
        while places.waiting and places.running < AT_ONCE:
            calls = _next_calls(places.waiting)
            for each in calls:
                each.started.set_result(None)
            try:
                future = asyncio.get_running_loop().run_in_executor(self._threads, _do, calls)
            except RuntimeError as error:  # the server is stopping
                _answer(calls, [error] * len(calls))
                continue
            places.running += 1
            # The place is free when the thread ends, not when the caller stops waiting.
            future.add_done_callback(partial(self._is_done, merchant, places, calls))
        is_over = not places.waiting and not places.running
        if is_over and self._places.get(merchant) is places:
            del self._places[merchant]

    def _is_done(
        self,
        merchant: MerchantId,
        places: _Places,
        calls: Sequence[_Call],
        done: asyncio.Future[Sequence[Any]],
    ) -> None:
        error = done.exception()
        _answer(calls, [error] * len(calls) if error else done.result())
        places.running -= 1
        self._start(merchant, places)

    def _too_busy(self, merchant: MerchantId) -> TooBusy:
        self._tally.note(self._name, merchant)
        return TooBusy("Too many calls of this merchant are waiting already.")


@dataclass(frozen=True, slots=True, eq=False)
class _Call:
    """A call on its way: its work alone, or in its group."""

    work: Callable[[], Any]
    group: Group[Any, Any] | None
    started: asyncio.Future[None]
    answer: asyncio.Future[Any]


class _Places:
    """The running and waiting calls of one merchant."""

    def __init__(self) -> None:
        self.waiting: deque[_Call] = deque()
        self.running = 0


def _gives_up(places: _Places, call: _Call) -> bool:
    """Whether the call was still waiting, and waits no more."""
    if call not in places.waiting:
        return False
    places.waiting.remove(call)
    return True


def _next_calls(waiting: deque[_Call]) -> list[_Call]:
    """The call whose turn it is, with those right behind it that are of its group."""
    calls = [waiting.popleft()]
    first = calls[0].group
    while first and waiting and (other := waiting[0].group) and other.key == first.key:
        calls.append(waiting.popleft())
    return calls


def _do(calls: Sequence[_Call]) -> Sequence[Any]:
    """The answer of each call, or its error; in a thread."""
    group = calls[0].group
    if len(calls) == 1 or group is None:
        return [calls[0].work()]
    return group.run([each.group.item for each in calls if each.group])


def _answer(calls: Sequence[_Call], answers: Sequence[Any]) -> None:
    for call, answer in zip(calls, answers, strict=True):
        if isinstance(answer, BaseException):
            call.answer.set_exception(answer)
            call.answer.exception()  # mark as retrieved, or asyncio logs it when the caller is gone
        else:
            call.answer.set_result(answer)

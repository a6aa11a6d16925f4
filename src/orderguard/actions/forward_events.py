"""Forward the new events of a merchant to one address, as they happen (contract §12).

Beside the dispatcher of webhooks: nothing is registered, and nothing is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass

from orderguard.actions.ports.unit_of_work import Database
from orderguard.domain.ids import MerchantId
from orderguard.domain.webhooks.webhook import Attempt, CommittedEvent

LOOK_EVERY_SECONDS = 0.5
EVENTS_AT_ONCE = 50

WAITS_SECONDS = (1.0, 2.0, 4.0, 8.0)
"""The pauses between the attempts of an event. After the last attempt it is given up."""

Send = Callable[[CommittedEvent], Awaitable[Attempt]]
Pause = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ForwardedAttempt:
    """One attempt to deliver an event. `again_after` are seconds; None when it was the last one."""

    event: CommittedEvent
    number: int
    attempt: Attempt
    again_after: float | None


async def forward_events(
    database: Database,
    merchant: MerchantId,
    send: Send,
    pause: Pause = asyncio.sleep,
    *,
    after: int,
) -> AsyncGenerator[ForwardedAttempt, None]:
    """Send every event after this number, in order, and yield each attempt. Never ends by itself.

    An event that fails is tried five times within 15 seconds. Raises `StorageUnavailable`.
    """
    last = after
    while True:
        events = await asyncio.to_thread(_after, database, merchant, last)
        for number, event in events:
            async for attempt in _attempts(event, send, pause):
                yield attempt
            last = number
        if not events:
            await pause(LOOK_EVERY_SECONDS)
            # A reset of the sandbox numbers its events from 1 again.
            last = min(last, await asyncio.to_thread(_last, database, merchant))


async def _attempts(
    event: CommittedEvent, send: Send, pause: Pause
) -> AsyncGenerator[ForwardedAttempt, None]:
    for number, wait in enumerate((*WAITS_SECONDS, None), start=1):
        attempt = await send(event)
        again_after = None if attempt.is_success else wait
        yield ForwardedAttempt(event, number, attempt, again_after)
        if again_after is None:
            return
        await pause(again_after)


def _last(database: Database, merchant: MerchantId) -> int:
    with database.read() as work:
        return work.outbox.last(merchant)


def _after(
    database: Database, merchant: MerchantId, number: int
) -> list[tuple[int, CommittedEvent]]:
    with database.read() as work:
        return [*work.outbox.after(merchant, number, limit=EVENTS_AT_ONCE)]

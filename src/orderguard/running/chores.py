"""Background chores: webhooks, rollups, retention, due publications.

Composes them, as `wiring` composes the server, and apart from it, so that a process that only does
chores need not load a server. Importing it does nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

import structlog

from orderguard.actions.dispatch_webhooks import DispatchLimits, DispatchWebhooks
from orderguard.actions.keep_time import Heartbeat, idle_since, trusted_time
from orderguard.actions.roll_up_analytics import RollUpAnalytics
from orderguard.actions.schedule_publication import publish_due
from orderguard.clock import elapsed_seconds, now
from orderguard.domain.errors import StorageUnavailable
from orderguard.domain.ids import MerchantId
from orderguard.domain.integration.logged_request import KEPT_FOR
from orderguard.domain.people.merchant import Merchant
from orderguard.randomness import jitter, new_lease
from orderguard.rules.cel import CelCompiler
from orderguard.running.repeating import every, in_thread, until_left
from orderguard.running.roll_ups import wire_roll_up
from orderguard.settings import Settings
from orderguard.storage.database import SqlDatabase
from orderguard.storage.retention import forget_requests, sweep_sessions
from orderguard.webhooks.checked_transport import CheckedTransport
from orderguard.webhooks.resolver import resolve
from orderguard.webhooks.sender import WebhookSender

log = structlog.get_logger()

HEARTBEAT_EVERY_SECONDS = 30
SWEEP_EVERY_SECONDS = 600
DISPATCH_EVERY_SECONDS = 0.05
DISPATCH_RESTS = 1
"""As `ROLL_UP_RESTS`: a backlog of webhooks is claimed and recorded in half a core at most."""
PUBLISH_DUE_EVERY_SECONDS = 2
ROLL_UP_EVERY_SECONDS = 5
ROLL_UP_RESTS = 3
"""How many times as long as it worked the roll-up rests: it takes a quarter of a core at most."""


@asynccontextmanager
async def doing_chores(settings: Settings) -> AsyncIterator[None]:
    """Run all chores of the installation until the block is left.

    Several processes may do so, and share the work.
    """
    database = SqlDatabase(settings.database_url)
    heartbeat = Heartbeat(database, now, elapsed_seconds)
    chores = [
        every(HEARTBEAT_EVERY_SECONDS, partial(in_thread, heartbeat.beat), at_once=True),
        every(SWEEP_EVERY_SECONDS, partial(in_thread, _sweep, database)),
        every(
            PUBLISH_DUE_EVERY_SECONDS,
            partial(in_thread, partial(publish_due, database, CelCompiler(), clock=now)),
        ),
        every(ROLL_UP_EVERY_SECONDS, partial(_roll_up, database, wire_roll_up(database))),
    ]
    try:
        async with until_left(chores), _dispatching(settings, database):
            yield
    finally:
        database.dispose()


@asynccontextmanager
async def _dispatching(settings: Settings, database: SqlDatabase) -> AsyncIterator[None]:
    """Send webhooks until the block is left; attempts in progress get a moment to finish."""
    timeout = settings.webhooks_timeout_seconds
    sender = WebhookSender(
        CheckedTransport(resolve, allows_private=settings.webhooks_allow_private),
        clock=now,
        timeout_seconds=timeout,
    )
    # Time for an attempt, and as long again plus 5 s for a busy database to store its outcome.
    limits = DispatchLimits(lease=timedelta(seconds=2 * timeout + 5))
    dispatcher = DispatchWebhooks(database, sender, now, jitter, new_lease, limits=limits)
    chore = asyncio.create_task(
        every(DISPATCH_EVERY_SECONDS, dispatcher.dispatch, rests=DISPATCH_RESTS)
    )
    try:
        yield
    finally:
        chore.cancel()
        try:
            await dispatcher.stop()
        except StorageUnavailable as error:
            log.warning("webhooks.leases_kept", why=str(error))
        await sender.aclose()


async def _roll_up(database: SqlDatabase, roll_up: RollUpAnalytics) -> None:
    """Bring every merchant's rollups up to date, with a rest after each round for checkouts."""
    merchants, trusted = await asyncio.to_thread(_all_merchants, database)
    for merchant in merchants:
        try:
            await _catch_up(roll_up, merchant.id, at=merchant.time(trusted))
        except StorageUnavailable:
            raise
        except Exception:
            log.exception("chore.failed", merchant=merchant.id)  # the others' numbers go on


async def _catch_up(roll_up: RollUpAnalytics, merchant: MerchantId, *, at: datetime) -> None:
    rounds = roll_up.catch_up(merchant, at=at)
    began = monotonic()
    while await asyncio.to_thread(next, rounds, 0):
        await asyncio.sleep(ROLL_UP_RESTS * (monotonic() - began))
        began = monotonic()


def _all_merchants(database: SqlDatabase) -> tuple[Sequence[Merchant], datetime]:
    """With the real time by which open sessions become abandoned ones."""
    with database.read() as work:
        return work.merchants.all(), trusted_time(work, at=now()).at


def _sweep(database: SqlDatabase) -> None:
    """Delete sessions and logged requests whose retention period is over.

    In small batches; sessions only when it is over by all clocks.
    """
    with database.read() as work:
        trusted = trusted_time(work, at=now()).at
        before = idle_since(work, at=now())
    forget_requests(database, before=trusted - KEPT_FOR)
    if before is None:
        return
    for evicted in sweep_sessions(database, idle_since=before):
        if evicted:
            log.info("sessions.evicted", count=evicted)

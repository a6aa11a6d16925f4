"""The composition root: the only module that knows every class. Importing it does nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog

from orderguard.actions.analyze_cart import AnalyzeCart
from orderguard.actions.authenticate import Authenticate
from orderguard.actions.publish_configuration import read_configuration
from orderguard.actions.push_order import PushOrder
from orderguard.actions.show_offer_session import ShowOfferSession
from orderguard.domain.errors import StorageUnavailable
from orderguard.domain.offer_session import RETENTION
from orderguard.http.analyze import AnalyzeResource
from orderguard.http.app import checkout_application, operations_application
from orderguard.http.callers import Callers
from orderguard.http.documentation import DocumentationResource, OpenApiResource
from orderguard.http.edge import Application, Edge
from orderguard.http.metrics import Metrics
from orderguard.http.offer_sessions import OfferSessionResource
from orderguard.http.operations import HealthResource, MetricsResource, ReadinessResource
from orderguard.http.orders import OrderDesk
from orderguard.http.wire.order import order_from_wire
from orderguard.randomness import (
    new_coverage_id,
    new_event_id,
    new_order_id,
    new_request_id,
    new_session_id,
)
from orderguard.rules.cel import CelCompiler
from orderguard.settings import Settings
from orderguard.storage.database import SqlDatabase, sqlite_path
from orderguard.storage.offer_sessions import SWEEP_BATCH
from orderguard.storage.remembered import (
    PublishedVersions,
    RememberedConfigurations,
    RememberedKeys,
    SqliteChangeWatch,
)
from orderguard.storage.sqlite_journal import SqliteJournal

log = structlog.get_logger()

WRITE_DOWN_USES_EVERY_SECONDS = 5
SWEEP_EVERY_SECONDS = 600


def now() -> datetime:
    """The clock. Everything further in is told the time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Server:
    """A wired server: its applications, and what must run while they serve."""

    application: Application
    operations: Application
    running: Callable[[], Any]


def wire_push_order(
    database: SqlDatabase, compiler: CelCompiler, metrics: Metrics | None = None
) -> PushOrder:
    """The verb behind the order routes, for a server or for a command."""
    return PushOrder(
        database,
        order_from_wire,
        PublishedVersions(
            lambda source, version: read_configuration(source, compiler, version=version)
        ),
        new_order_id,
        new_coverage_id,
        new_event_id,
        observe_acceptance=metrics.observe_acceptance if metrics else lambda _acceptance: None,
    )


def wire_server(settings: Settings) -> Server:
    """Everything a serving process needs. The schema must be current."""
    database = SqlDatabase(settings.database_url)
    metrics = Metrics()
    watch = SqliteChangeWatch(database)
    keys = RememberedKeys(database, watch)
    compiler = CelCompiler()
    configurations = RememberedConfigurations(
        database,
        watch,
        lambda source, version: read_configuration(source, compiler, version=version),
    )
    journal = SqliteJournal(
        sqlite_path(settings.database_url), observe_commit=metrics.observe_commit
    )
    callers = Callers(
        Authenticate(keys),
        clock=now,
        requests_per_minute=settings.rate_limit_per_minute or None,
    )
    analyze_cart = AnalyzeCart(
        configurations, journal, new_session_id, observe_offer=metrics.observe_offer
    )
    orders = OrderDesk(callers, wire_push_order(database, compiler, metrics), database, now)
    health = {
        "/healthz": HealthResource(),
        "/readyz": ReadinessResource(database.check_writable),
    }
    application = checkout_application(
        AnalyzeResource(callers, analyze_cart, now),
        OfferSessionResource(callers, ShowOfferSession(journal)),
        orders,
        {
            **health,
            "/metrics": MetricsResource(metrics, is_public=False),
            "/openapi.json": OpenApiResource(),
            "/docs": DocumentationResource(),
        },
    )
    operations = operations_application(
        {**health, "/metrics": MetricsResource(metrics, is_public=True)}
    )
    return Server(
        Edge(application, metrics, new_request_id),
        Edge(operations, metrics, new_request_id),
        partial(_running, journal, database, keys, watch),
    )


@asynccontextmanager
async def _running(
    journal: SqliteJournal,
    database: SqlDatabase,
    keys: RememberedKeys,
    watch: SqliteChangeWatch,
) -> AsyncIterator[None]:
    """What runs beside the requests; on the way out, what was promised is written down first."""
    journal.start()
    chores = [
        asyncio.create_task(
            _every(WRITE_DOWN_USES_EVERY_SECONDS, partial(_in_thread, keys.write_down_uses))
        ),
        asyncio.create_task(_every(SWEEP_EVERY_SECONDS, partial(_in_thread, _sweep, database))),
    ]
    try:
        yield
    finally:
        for chore in chores:
            chore.cancel()
        journal.stop()
        try:
            keys.write_down_uses()
        except StorageUnavailable as error:
            log.warning("keys.uses_lost", why=str(error))
        watch.close()
        database.dispose()


async def _in_thread(work: Callable[..., None], *arguments: Any) -> None:
    await asyncio.to_thread(work, *arguments)


async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except StorageUnavailable as error:
            log.warning("chore.postponed", why=str(error))
        except Exception:
            log.exception("chore.failed")  # the next round may do better; giving up never does


def _sweep(database: SqlDatabase) -> None:
    """Evict the sessions whose retention has passed, in small bites."""
    evicted = SWEEP_BATCH
    while evicted == SWEEP_BATCH:
        with database.begin() as work:
            evicted = work.offer_sessions.evict_idle(idle_since=now() - RETENTION)
        if evicted:
            log.info("sessions.evicted", count=evicted)

"""The composition root: the only module that knows every class. Importing it does nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from time import sleep
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog

from orderguard.actions.analyze_cart import AnalyzeCart
from orderguard.actions.authenticate import Authenticate
from orderguard.actions.give_way import GiveWay
from orderguard.actions.import_orders import ImportOrders
from orderguard.actions.publish_configuration import reader
from orderguard.actions.push_order import PushOrder
from orderguard.actions.push_orders import PushOrders
from orderguard.actions.record_latency import RecordLatency
from orderguard.actions.record_requests import RecordRequests
from orderguard.actions.show_offer_session import ShowOfferSession
from orderguard.admin.threads import finish_threads
from orderguard.clock import elapsed_seconds
from orderguard.clock import now as now  # for commands, too
from orderguard.domain.errors import StorageUnavailable
from orderguard.http.analyze import AnalyzeResource
from orderguard.http.app import checkout_application, operations_application
from orderguard.http.callers import Callers
from orderguard.http.edge import Application, Edge
from orderguard.http.home import HomeResource
from orderguard.http.metrics import Metrics
from orderguard.http.offer_sessions import OfferSessionResource
from orderguard.http.operations import (
    HealthResource,
    MetricsResource,
    Readiness,
    ReadinessResource,
)
from orderguard.http.order_threads import CHANGING_THREADS, OrderThreads
from orderguard.http.orders import OrderDependencies
from orderguard.http.request_log import RequestLog
from orderguard.http.sandbox import SandboxAnalyses
from orderguard.http.tally import Tally
from orderguard.http.widget import read_widget_files
from orderguard.http.wire.order import order_from_wire
from orderguard.http.wire.order_document import order_document
from orderguard.randomness import (
    new_coverage_id,
    new_event_id,
    new_order_id,
    new_request_id,
    new_session_id,
)
from orderguard.rules.cel import CelCompiler
from orderguard.running.backstage import Backstage
from orderguard.running.repeating import every, in_thread, until_left
from orderguard.running.roll_ups import wire_roll_up as wire_roll_up  # for commands, too
from orderguard.settings import Settings
from orderguard.storage import schema
from orderguard.storage.change_watch import ChangeWatch, SqliteChangeWatch
from orderguard.storage.database import SqlDatabase
from orderguard.storage.remembered import (
    PublishedVersions,
    RememberedConfigurations,
    RememberedKeys,
)
from orderguard.storage.sqlite import sqlite_path
from orderguard.storage.sqlite_journal import SqliteJournal
from orderguard.webhooks.resolver import resolve as resolve  # for commands, too

if TYPE_CHECKING:
    from orderguard.actions.examine_installation import ExamineInstallation
    from orderguard.actions.trigger_event import TriggerEvent
    from orderguard.storage.postgresql_journal import PostgresqlJournal

log = structlog.get_logger()

WRITE_DOWN_USES_EVERY_SECONDS = 5
ADMIN_CONNECTIONS = 4

ORDER_LOCK_TIMEOUT_MS = 2_000
"""How long a change of an order waits for a lock before the answer is 503."""

WRITE_DOWN_LATENCY_EVERY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Server:
    """A wired server: its applications, and what must run while they serve."""

    application: Application
    operations: Application
    running: Callable[[], Any]
    tally: Tally
    backstage: Backstage


def wire_push_order(
    database: SqlDatabase, compiler: CelCompiler, metrics: Metrics | None = None
) -> PushOrder:
    """Compose the action behind the order routes, for a server or for a command."""
    return PushOrder(
        database,
        order_from_wire,
        wire_find_configuration(compiler),
        new_order_id,
        new_coverage_id,
        new_event_id,
        observe_acceptance=metrics.observe_acceptance if metrics else lambda _acceptance: None,
    )


def wire_import_orders(database: SqlDatabase, clock: Callable[[], datetime]) -> ImportOrders:
    """Compose the action of `orderguard orders import`; `clock` is that of the merchant."""
    push_order = replace(wire_push_order(database, CelCompiler()), is_quiet=True)
    give_way = GiveWay(database, elapsed_seconds, sleep)
    return ImportOrders(PushOrders(push_order), order_document, clock, sleep, give_way)


def wire_trigger_event(database: SqlDatabase, analyze_cart: AnalyzeCart) -> TriggerEvent:
    """The verb behind `orderguard trigger`."""
    # Imported here, because no server needs it.
    from orderguard.actions.trigger_event import TriggerEvent

    push_order = wire_push_order(database, CelCompiler())
    return TriggerEvent(database, analyze_cart, push_order, new_event_id)


def wire_find_configuration(compiler: CelCompiler | None = None) -> PublishedVersions:
    """Compose the cache of published configuration versions."""
    compiler = compiler or CelCompiler()
    return PublishedVersions(reader(compiler))


def wire_examination(database: SqlDatabase, *, bytes_per_day: int = 0) -> ExamineInstallation:
    """Compose the action of `orderguard doctor`. `bytes_per_day` is the storage quota."""
    # Imported here, because no server needs it.
    from orderguard.actions.examine_installation import ExamineInstallation

    return ExamineInstallation(
        database,
        CelCompiler(),
        partial(schema.is_current, database),
        database.check_writable,
        bytes_per_day,
    )


@asynccontextmanager
async def analyzing(settings: Settings) -> AsyncIterator[AnalyzeCart]:
    """The action behind `POST analyze`, for the demo, which passes the time of each analysis."""
    database = SqlDatabase(settings.database_url)
    watch = _change_watch(database)
    journal = _journal(database, Metrics(), settings.stored_bytes_per_day)
    journal.start()
    watch.start()
    try:
        configurations = RememberedConfigurations(database, watch, reader(CelCompiler()))
        yield AnalyzeCart(configurations, journal, new_session_id)
    finally:
        await journal.stop()
        await watch.stop()
        database.dispose()


class _Databases(NamedTuple):
    """The database once per kind of work, so that none can use up another one's connections."""

    checkout: SqlDatabase
    orders: SqlDatabase
    admin: SqlDatabase
    readiness: SqlDatabase

    @classmethod
    def at(cls, url: str) -> _Databases:
        """All of them; opening does not connect. Raises `UnusableAddress`."""
        return cls(
            checkout=SqlDatabase(url),
            orders=SqlDatabase(
                url, connections=CHANGING_THREADS, lock_timeout_ms=ORDER_LOCK_TIMEOUT_MS
            ),
            admin=SqlDatabase(url, connections=ADMIN_CONNECTIONS),
            readiness=SqlDatabase(url, connections=1),
        )


def wire_server(settings: Settings) -> Server:
    """Compose the objects of a serving process. The schema must be current."""
    databases = _Databases.at(settings.database_url)
    metrics = Metrics()
    tally = Tally(observe=metrics.observe_limit)
    watch = _change_watch(databases.checkout)
    keys = RememberedKeys(databases.checkout, watch)
    compiler = CelCompiler()
    configurations = RememberedConfigurations(databases.checkout, watch, reader(compiler))
    journal = _journal(databases.checkout, metrics, settings.stored_bytes_per_day)
    callers = _callers(settings, keys, tally)
    analyze_cart = AnalyzeCart(
        configurations, journal, new_session_id, observe_offer=metrics.observe_offer
    )
    uncounted = AnalyzeCart(configurations, journal, new_session_id)
    order_threads = OrderThreads(tally)
    push_order = wire_push_order(databases.orders, compiler, metrics)
    push_uncounted = replace(push_order, observe_acceptance=lambda _acceptance: None)
    readiness = Readiness(databases.readiness.check_writable)
    health = {"/healthz": HealthResource(), "/readyz": ReadinessResource(readiness)}
    application = checkout_application(
        AnalyzeResource(callers, analyze_cart, SandboxAnalyses(uncounted, now), now),
        OfferSessionResource(callers, ShowOfferSession(journal)),
        OrderDependencies(
            callers, push_order, push_uncounted, databases.checkout, now, order_threads
        ),
        read_widget_files(),
        {
            "/": HomeResource(),
            **health,
            "/metrics": MetricsResource(metrics, is_public=False),
        },
        tally,
    )
    backstage = Backstage(
        application, partial(_backstage, settings, databases.admin, callers, compiler, tally)
    )
    operations = operations_application(
        {**health, "/metrics": MetricsResource(metrics, is_public=True)}, tally
    )
    request_log = RequestLog(RecordRequests(databases.admin), now, tally)
    endings = (
        request_log.finish,
        keys.stop,
        configurations.stop,
        backstage.finish,
        finish_threads,
        order_threads.finish,
        readiness.finish,
    )
    return Server(
        Edge(backstage, metrics, new_request_id, request_log.note),
        Edge(operations, metrics, new_request_id),
        partial(_running, journal, databases, keys, watch, metrics, request_log, endings),
        tally,
        backstage,
    )


def _backstage(
    settings: Settings,
    database: SqlDatabase,
    callers: Callers,
    compiler: CelCompiler,
    tally: Tally,
) -> Application:
    # Imported here, because it is half of the product, and no checkout needs it.
    from orderguard.running.wiring_backstage import wire_backstage

    find_configuration = wire_find_configuration(compiler)
    return wire_backstage(settings, database, callers, compiler, find_configuration, tally)


def _callers(settings: Settings, keys: RememberedKeys, tally: Tally) -> Callers:
    return Callers(
        Authenticate(keys),
        clock=now,
        requests_per_minute=settings.rate_limit_per_minute or None,
        requests_per_minute_of_client=settings.client_rate_limit_per_minute or None,
        unknown_keys_per_minute=settings.unknown_keys_per_minute or None,
        trusted_proxies=settings.trusted_networks,
        tally=tally,
    )


def _journal(
    database: SqlDatabase, metrics: Metrics, bytes_per_day: int
) -> SqliteJournal | PostgresqlJournal:
    if database.address:
        from orderguard.storage.postgresql_journal import PostgresqlJournal

        return PostgresqlJournal(
            database.address, observe_commit=metrics.observe_commit, bytes_per_day=bytes_per_day
        )
    return SqliteJournal(
        sqlite_path(database.url),
        observe_commit=metrics.observe_commit,
        bytes_per_day=bytes_per_day,
    )


def _change_watch(database: SqlDatabase) -> ChangeWatch:
    if database.address:
        from orderguard.storage.postgresql_change_watch import PostgresqlChangeWatch

        return PostgresqlChangeWatch(database.address)
    return SqliteChangeWatch(sqlite_path(database.url))


@asynccontextmanager
async def _running(
    journal: SqliteJournal | PostgresqlJournal,
    databases: Sequence[SqlDatabase],
    keys: RememberedKeys,
    watch: ChangeWatch,
    metrics: Metrics,
    request_log: RequestLog,
    endings: Sequence[Callable[[], Awaitable[None]]],
) -> AsyncIterator[None]:
    """Start the background work of a serving process; on exit, flush the journal first."""
    journal.start()
    watch.start()
    latency = RecordLatency(databases[0], metrics.analyze_durations)
    memory = [
        request_log.keep_writing(),
        every(WRITE_DOWN_USES_EVERY_SECONDS, partial(in_thread, keys.write_down_uses)),
        every(
            WRITE_DOWN_LATENCY_EVERY_SECONDS,
            partial(in_thread, lambda: latency.write_down(at=now())),
        ),
    ]
    try:
        async with until_left(memory):
            yield
    finally:
        await journal.stop()
        try:
            keys.write_down_uses()
        except StorageUnavailable as error:
            log.warning("keys.uses_lost", why=str(error))
        await watch.stop()
        for finish in endings:
            await finish()
        for database in databases:
            database.dispose()

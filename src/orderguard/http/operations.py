"""The routes for operators: liveness, readiness and metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

import falcon
import msgspec
from falcon.asgi import Request, Response

from orderguard.domain.errors import StorageUnavailable
from orderguard.http.edge import Exchange
from orderguard.http.metrics import Metrics

_PROXY_HEADERS = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")


class HealthResource:
    """`/healthz`: 200 while the process is up."""

    async def on_get(self, request: Request, response: Response) -> None:
        exchange: Exchange = request.scope["orderguard"]
        exchange.route = "healthz"
        response.content_type = "application/json"
        response.data = b'{"status":"ok"}'

    on_head = on_get  # uptime monitors often send HEAD


ANSWER_WITHIN_SECONDS = 1.0
"""Orchestrators time probes out after a few seconds, and would restart a healthy process."""


class Readiness:
    """Checks the database in a thread of its own, so that no other work can delay the answer."""

    def __init__(self, check_database: Callable[[], None]) -> None:
        """`check_database` raises `StorageUnavailable` for a database out of reach."""
        self._check_database = check_database
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="readiness")
        self._under_way: asyncio.Future[None] | None = None

    async def check(self) -> None:
        """Check that the database answers within a second; else raises `StorageUnavailable`.

        Concurrent calls share one query.
        """
        under_way = self._under_way
        if under_way is None or under_way.done():
            loop = asyncio.get_running_loop()
            under_way = loop.run_in_executor(self._thread, self._check_database)
            under_way.add_done_callback(_mark_retrieved)
            self._under_way = under_way
        try:
            async with asyncio.timeout(ANSWER_WITHIN_SECONDS):
                await asyncio.shield(under_way)
        except TimeoutError as error:
            raise StorageUnavailable("The database has not answered for a second.") from error

    async def finish(self) -> None:
        """Wait for the check in progress, so that it holds no connection at shutdown."""
        await asyncio.to_thread(self._thread.shutdown)


def _mark_retrieved(done: asyncio.Future[None]) -> None:
    if not done.cancelled():
        done.exception()  # mark as retrieved, or asyncio logs it when all callers are gone


class ReadinessResource:
    """`/readyz`: 200 when the database can be reached, so that analyses can be recorded."""

    def __init__(self, readiness: Readiness) -> None:
        self._readiness = readiness

    async def on_get(self, request: Request, response: Response) -> None:
        exchange: Exchange = request.scope["orderguard"]
        exchange.route = "readyz"
        response.content_type = "application/json"
        try:
            await self._readiness.check()
        except StorageUnavailable as error:
            response.status = falcon.HTTP_503
            response.data = msgspec.json.encode({"status": "unready", "why": str(error)})
        else:
            response.data = b'{"status":"ready"}'

    on_head = on_get


class MetricsResource:
    """`/metrics` for Prometheus. On the public port only for direct callers on this machine."""

    def __init__(self, metrics: Metrics, *, is_public: bool) -> None:
        self._metrics = metrics
        self._is_public = is_public

    async def on_get(self, request: Request, response: Response) -> None:
        exchange: Exchange = request.scope["orderguard"]
        if not self._is_public and not _is_direct_from_this_machine(request):
            raise falcon.HTTPNotFound
        exchange.route = "metrics"
        response.content_type = "text/plain; version=0.0.4; charset=utf-8"
        response.data = self._metrics.exposition()


def _is_direct_from_this_machine(request: Request) -> bool:
    # Behind a local proxy every client has a local address; proxies add a forwarding header.
    if any(request.get_header(name) for name in _PROXY_HEADERS):
        return False
    client: tuple[str, int] | None = request.scope.get("client")
    return client is not None and ip_address(client[0]).is_loopback

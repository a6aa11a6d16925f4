"""What operators and their tools ask: is it up, is it ready, what are the numbers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from ipaddress import ip_address

import falcon
import msgspec
from falcon.asgi import Request, Response

from orderguard.domain.errors import StorageUnavailable
from orderguard.http.edge import Exchange
from orderguard.http.metrics import Metrics

_PROXY_HEADERS = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")


class HealthResource:
    """The process is up."""

    async def on_get(self, request: Request, response: Response) -> None:
        exchange: Exchange = request.scope["orderguard"]
        exchange.route = "healthz"
        response.content_type = "application/json"
        response.data = b'{"status":"ok"}'

    on_head = on_get  # uptime monitors like to ask without wanting the answer


class ReadinessResource:
    """The database can be reached, so analyses can be recorded."""

    def __init__(self, check_database: Callable[[], None]) -> None:
        """`check_database` raises `StorageUnavailable` when it cannot be reached."""
        self._check_database = check_database

    async def on_get(self, request: Request, response: Response) -> None:
        exchange: Exchange = request.scope["orderguard"]
        exchange.route = "readyz"
        response.content_type = "application/json"
        try:
            # It may have to wait for the disk; checkouts must not wait with it.
            await asyncio.to_thread(self._check_database)
        except StorageUnavailable as error:
            response.status = falcon.HTTP_503
            response.data = msgspec.json.encode({"status": "unready", "why": str(error)})
        else:
            response.data = b'{"status":"ready"}'

    on_head = on_get


class MetricsResource:
    """Prometheus' view. On the public port it exists for direct callers on this machine only."""

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
    # Behind a proxy on this machine everybody seems to be local; proxies say that they are there.
    if any(request.get_header(name) for name in _PROXY_HEADERS):
        return False
    client: tuple[str, int] | None = request.scope.get("client")
    return client is not None and ip_address(client[0]).is_loopback

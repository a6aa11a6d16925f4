"""An HTTP transport to Orderguard that logs every exchange, to be shown to the visitor.

A real shop does not need it: `orderguard.client` works with any transport.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

import httpx

from orderguard.demo.shop.cart import ServerMood
from orderguard.demo.shop.exchanges import LoggedExchange, masked
from orderguard.demo.shop.visitors import Visitor

SLOWNESS_SECONDS = 2.5


@dataclass(frozen=True, slots=True)
class Topic:
    """The purpose of a call to Orderguard, and the scope of the API key it needs."""

    about: str
    scope: str


class OverheardWire(httpx.AsyncBaseTransport):
    """Sends and logs one visitor's requests, and simulates a slow or dead server if asked to."""

    def __init__(
        self, wire: httpx.AsyncBaseTransport, visitor: Visitor, topic: Topic, *, dead_port: int
    ) -> None:
        self._wire = wire
        self._visitor = visitor
        self._topic = topic
        self._dead_port = dead_port
        self.last: LoggedExchange | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        with self._overhearing(request) as exchange:
            mood = self._visitor.switches.server
            if mood is ServerMood.SLOW:
                await asyncio.sleep(SLOWNESS_SECONDS)
            if mood is ServerMood.DEAD:
                request.url = request.url.copy_with(host="127.0.0.1", port=self._dead_port)
            response = await self._wire.handle_async_request(request)
            content = await response.aread()
            await response.aclose()
            _read(exchange, response.status_code, content)
        wait = response.headers.get("Retry-After")
        kept = {"Retry-After": wait} if wait else {}
        return httpx.Response(response.status_code, headers=kept, content=content)

    @contextmanager
    def _overhearing(self, request: httpx.Request) -> Iterator[LoggedExchange]:
        started = perf_counter()
        exchange = self.last = LoggedExchange(
            self._topic.about,
            request.method,
            request.url.path,
            masked(request.headers["X-Authorization"]),
            self._topic.scope,
            json.loads(request.content),
        )
        try:
            yield exchange
        except httpx.HTTPError as error:
            exchange.failure = f"unreachable ({type(error).__name__})"
            raise
        except asyncio.CancelledError:
            exchange.failure = f"no answer within {(perf_counter() - started) * 1000:.0f} ms"
            raise
        finally:
            exchange.milliseconds = round((perf_counter() - started) * 1000)
            self._visitor.exchanges.appendleft(exchange)


def _read(exchange: LoggedExchange, status: int, content: bytes) -> None:
    exchange.status = status
    try:
        answer = json.loads(content)
    except ValueError:
        answer = None
    if isinstance(answer, dict):
        exchange.debug = answer.pop("debug", {})
        exchange.response = answer
    else:
        exchange.failure = "the answer is not a JSON object"

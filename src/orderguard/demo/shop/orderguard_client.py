"""The shop's line to Orderguard: two keys that no browser sees, and a limit to its patience."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import httpx

from orderguard.demo.shop.cart import ServerMood
from orderguard.demo.shop.documents import analyze_request, order_document
from orderguard.demo.shop.exchanges import Exchange, masked
from orderguard.demo.shop.offer import Analysis
from orderguard.demo.shop.order import Order, Push
from orderguard.demo.shop.visitors import Visitor
from orderguard.domain.errors import OrderguardError

ANALYSIS_BUDGET_SECONDS = 0.8
PUSH_BUDGET_SECONDS = 10
SLOWNESS_SECONDS = 2.5
RETRY_AFTER_SECONDS = (1, 2, 4, 8, 15, 30, 60, 120, 300)


@dataclass(frozen=True, slots=True)
class Account:
    """Where Orderguard is, and the keys of this merchant: one to analyse, one to push orders."""

    url: str
    cart_key: str
    orders_key: str


class OrderguardClient:
    """Analyses and pushes. A failure is an answer like any other; nothing here raises."""

    def __init__(self, account: Account) -> None:
        self._account = account
        # Bound and never listened on: whoever connects is refused, as by a server that is down.
        self._nobody = socket.socket()
        self._nobody.bind(("127.0.0.1", 0))
        self._dead_url = f"http://127.0.0.1:{self._nobody.getsockname()[1]}"
        # A proxy for the world has no business between us and loopback.
        self._http = httpx.AsyncClient(trust_env=False, timeout=PUSH_BUDGET_SECONDS)
        self._pushing: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        for task in self._pushing:
            task.cancel()
        await asyncio.gather(*self._pushing, return_exceptions=True)
        await self._http.aclose()
        self._nobody.close()

    async def analyze(self, visitor: Visitor) -> Exchange:
        """Ask for an offer for what is in the cart now, and remember the answer with the cart.

        An answer that a later question has overtaken is not remembered, whichever came first.
        """
        visitor.analyses_begun += 1
        number = visitor.analyses_begun
        request = analyze_request(visitor.cart, visitor.switches)
        exchange = Exchange(
            "May this cart be offered protection, and for how much?",
            "POST",
            "/v1/analyze",
            self._account.cart_key,
            "cart",
            request,
        )
        await self._exchange(visitor, exchange, budget_seconds=ANALYSIS_BUDGET_SECONDS)
        analysis = _analysis(exchange)
        if number == visitor.analyses_begun:
            visitor.analysis = analysis
            if analysis and analysis.terms is None:
                visitor.agreed = None  # an offer that ends takes the shopper's yes with it
        return exchange

    def push(self, visitor: Visitor, order: Order) -> None:
        """Begin to push the order. Who placed it waits for nothing, and it is repeated until known.

        The order's number is its external id, so repeating it can never make two of it.
        """
        task = asyncio.create_task(self._push_until_known(visitor, order))
        self._pushing.add(task)
        task.add_done_callback(self._pushing.discard)

    async def _push_until_known(self, visitor: Visitor, order: Order) -> None:
        for pause_seconds in RETRY_AFTER_SECONDS:
            order.try_again.clear()
            await self._push_once(visitor, order)
            order.attempted.set()
            if order.push is not Push.UNDER_WAY:
                return
            try:
                await asyncio.wait_for(order.try_again.wait(), pause_seconds)
            except TimeoutError:
                continue
        order.push = Push.GIVEN_UP

    async def _push_once(self, visitor: Visitor, order: Order) -> None:
        exchange = Exchange(
            "This order was placed. The fee and the session id say that protection was bought."
            if order.protection
            else "This order was placed. It has no protection fee, so protection was not bought.",
            "PUT",
            "/api/v1/orders",
            self._account.orders_key,
            "orders",
            order_document(order),
        )
        await self._exchange(visitor, exchange, budget_seconds=PUSH_BUDGET_SECONDS)
        if exchange.went_well:
            order.push, order.answer = Push.KNOWN, exchange.response
        elif exchange.status and exchange.status < 500 and exchange.status != 429:
            order.push = Push.REFUSED

    async def _exchange(
        self, visitor: Visitor, exchange: Exchange, *, budget_seconds: float
    ) -> None:
        started = perf_counter()
        mood = visitor.switches.server
        try:
            async with asyncio.timeout(budget_seconds):
                if mood is ServerMood.SLOW:
                    await asyncio.sleep(SLOWNESS_SECONDS)
                response = await self._http.request(
                    exchange.method,
                    (self._dead_url if mood is ServerMood.DEAD else self._account.url)
                    + exchange.path,
                    json=exchange.request,
                    headers={"X-Authorization": exchange.key},
                )
            exchange.status = response.status_code
            _read(exchange, response.json())
        except TimeoutError:
            exchange.failure = f"no answer within {budget_seconds * 1000:.0f} ms"
        except httpx.HTTPError as error:
            exchange.failure = f"unreachable ({type(error).__name__})"
        except ValueError:
            exchange.failure = "the answer is not JSON"
        exchange.milliseconds = round((perf_counter() - started) * 1000)
        exchange.key = masked(exchange.key)
        visitor.exchanges.appendleft(exchange)


def _read(exchange: Exchange, answer: Any) -> None:
    if not isinstance(answer, dict):
        raise ValueError(answer)
    exchange.debug = answer.pop("debug", {})
    exchange.response = answer


def _analysis(exchange: Exchange) -> Analysis | None:
    """The offer in an answer, None when there was no answer or it cannot be understood."""
    if not exchange.went_well or exchange.failure:
        return None
    try:
        return Analysis.of(exchange.request, exchange.response)
    except (KeyError, TypeError, ValueError, OrderguardError):
        exchange.failure = "the answer cannot be understood"
        return None

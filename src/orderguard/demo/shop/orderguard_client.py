"""The shop's use of `orderguard.client`: analyses and order pushes, with keys on the server."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import httpx

from orderguard.client import AsyncClient, Breaker, Hidden, OrderNotPushed, OrderRefused
from orderguard.demo.shop.cart import ServerMood
from orderguard.demo.shop.documents import analyze_request, order_document
from orderguard.demo.shop.exchanges import LoggedExchange
from orderguard.demo.shop.offer import Analysis
from orderguard.demo.shop.order import Order, Push
from orderguard.demo.shop.overhearing import OverheardWire, Topic
from orderguard.demo.shop.visitors import Visitor

PUSH_AGAIN_AFTER_SECONDS = (4, 8, 15, 30, 60, 120, 300)
"""Pauses of the shop's queue, which goes on after the client gives up on a push."""

CONFIRMATION_FIRST_SECONDS = 1
"""How long at most the push of an unprotected order waits for its confirmation page."""

PAGE_FIRST_SECONDS = 0.15
"""A further pause, in which the browser loads the files of the confirmation page."""

ANALYSIS = Topic("May this cart be offered protection, and for how much?", "cart")
PROTECTED = Topic(
    "This order was placed. The fee and the session id say that protection was bought.", "orders"
)
UNPROTECTED = Topic(
    "This order was placed. It has no protection fee, so protection was not bought.", "orders"
)


@dataclass(frozen=True, slots=True)
class ShopAccess:
    """The URL of Orderguard, and the merchant's two keys: for analyses and for orders."""

    url: str
    cart_key: str
    orders_key: str


class OrderguardClient:
    """Analyses carts and pushes orders. Failures are returned as answers; no method raises."""

    def __init__(self, account: ShopAccess) -> None:
        self._account = account
        # Bound but not listening: connections are refused, as by a server that is down.
        self._nobody = socket.socket()
        self._nobody.bind(("127.0.0.1", 0))
        # A configured proxy must not be used for loopback.
        self._wire = httpx.AsyncHTTPTransport(trust_env=False)
        self._breaker = Breaker()
        self._pushing: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        for task in self._pushing:
            task.cancel()
        await asyncio.gather(*self._pushing, return_exceptions=True)
        await self._wire.aclose()
        self._nobody.close()

    async def analyze(self, visitor: Visitor) -> LoggedExchange | None:
        """Request an offer for the current cart, and store the answer with the cart.

        Only the answer to the latest request is stored, in whichever order answers arrive. Returns
        None when no request was sent, as for an empty cart.
        """
        visitor.analyses_begun += 1
        number = visitor.analyses_begun
        request = analyze_request(visitor.cart, visitor.switches)
        wire = self._overheard(visitor, ANALYSIS)
        answer = await self._client(visitor, wire).analyze_request(request)
        if number == visitor.analyses_begun:
            failed = isinstance(answer, Hidden) and not answer.decided
            visitor.analysis = None if failed else Analysis(request, answer)
            if isinstance(answer, Hidden):
                visitor.agreed = None  # without an offer the acceptance ends
        return wire.last

    def push(self, visitor: Visitor, order: Order) -> None:
        """Start pushing the order in the background; the push is repeated until confirmed.

        The order's number is its external id, so a repeated push never creates a second order.
        """
        task = asyncio.create_task(self._push_until_known(visitor, order))
        self._pushing.add(task)
        task.add_done_callback(self._pushing.discard)

    async def _push_until_known(self, visitor: Visitor, order: Order) -> None:
        async def pause(seconds: float) -> None:
            order.attempted.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(order.try_again.wait(), seconds)
            order.try_again.clear()

        if not order.protection:
            # The confirmation does not show this answer, so the page gets the processor first.
            with suppress(TimeoutError):
                await asyncio.wait_for(order.confirmed.wait(), CONFIRMATION_FIRST_SECONDS)
            await asyncio.sleep(PAGE_FIRST_SECONDS)
        wire = self._overheard(visitor, PROTECTED if order.protection else UNPROTECTED)
        order.push = await _outcome(order, self._client(visitor, wire, sleep=pause), pause)
        order.attempted.set()

    def _overheard(self, visitor: Visitor, topic: Topic) -> OverheardWire:
        return OverheardWire(self._wire, visitor, topic, dead_port=self._nobody.getsockname()[1])

    def _client(
        self,
        visitor: Visitor,
        wire: OverheardWire,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> AsyncClient:
        """A client whose exchanges the drawer shows. Real shops have one for all shoppers."""
        return AsyncClient(
            self._account.url,
            self._account.cart_key,
            orders_key=self._account.orders_key,
            # Shared by all shoppers, except in the simulations of a slow or dead server.
            breaker=self._breaker if visitor.switches.server is ServerMood.WELL else None,
            http=httpx.AsyncClient(transport=wire, trust_env=False),
            sleep=sleep,
        )


async def _outcome(
    order: Order, client: AsyncClient, pause: Callable[[float], Awaitable[None]]
) -> Push:
    """Push until confirmed, refused or given up. Stores Orderguard's answer on the order."""
    for seconds in PUSH_AGAIN_AFTER_SECONDS:
        try:
            pushed = await client.push_order(order_document(order))
        except OrderRefused:
            return Push.REFUSED
        except OrderNotPushed:
            await pause(seconds)
        else:
            order.known = pushed.order
            return Push.KNOWN
    return Push.GIVEN_UP

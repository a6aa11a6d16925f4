"""The shop's use of `orderguard.client`: two keys that no browser sees, and two things to say."""

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
from orderguard.demo.shop.exchanges import Exchange
from orderguard.demo.shop.offer import Analysis
from orderguard.demo.shop.order import Order, Push
from orderguard.demo.shop.overhearing import OverheardWire, Topic
from orderguard.demo.shop.visitors import Visitor

PUSH_AGAIN_AFTER_SECONDS = (4, 8, 15, 30, 60, 120, 300)
"""The client gives up on a push after seconds; a shop's queue does not."""

CONFIRMATION_FIRST_SECONDS = 1
"""So long at most the push of an order that is not protected lets the confirmation go first."""

PAGE_FIRST_SECONDS = 0.15
"""Then the browser fetches what belongs to the confirmation."""

ANALYSIS = Topic("May this cart be offered protection, and for how much?", "cart")
PROTECTED = Topic(
    "This order was placed. The fee and the session id say that protection was bought.", "orders"
)
UNPROTECTED = Topic(
    "This order was placed. It has no protection fee, so protection was not bought.", "orders"
)


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
        # A proxy for the world has no business between us and loopback.
        self._wire = httpx.AsyncHTTPTransport(trust_env=False)
        self._breaker = Breaker()
        self._pushing: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        for task in self._pushing:
            task.cancel()
        await asyncio.gather(*self._pushing, return_exceptions=True)
        await self._wire.aclose()
        self._nobody.close()

    async def analyze(self, visitor: Visitor) -> Exchange | None:
        """Ask for an offer for what is in the cart now, and remember the answer with the cart.

        An answer that a later question has overtaken is not remembered, whichever came first.
        None when there was nothing to ask about.
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
                visitor.agreed = None  # an offer that ends takes the shopper's yes with it
        return wire.last

    def push(self, visitor: Visitor, order: Order) -> None:
        """Begin to push the order. Who placed it waits for nothing, and it is repeated until known.

        The order's number is its external id, so repeating it can never make two of it.
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
            # Nobody looks for the answer, so the shopper's page need not share the processor.
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
        """A client that is overheard. A shop without a drawer has one for all its shoppers."""
        return AsyncClient(
            self._account.url,
            self._account.cart_key,
            orders_key=self._account.orders_key,
            # One for all shoppers; but a death that one of them pretends is not Orderguard's.
            breaker=self._breaker if visitor.switches.server is ServerMood.WELL else None,
            http=httpx.AsyncClient(transport=wire, trust_env=False),
            sleep=sleep,
        )


async def _outcome(
    order: Order, client: AsyncClient, pause: Callable[[float], Awaitable[None]]
) -> Push:
    """How the push ended. What Orderguard answered is noted on the order."""
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

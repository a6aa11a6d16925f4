"""`AsyncClient`, the client for shops that run on asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Self

import httpx

from orderguard.client import analysis, order_push
from orderguard.client.breaker import Breaker
from orderguard.client.cart import Cart, Customer, Region
from orderguard.client.offer import Answer, Hidden, known_session
from orderguard.client.order_push import Heard, Pause, PushedOrder
from orderguard.client.shop_account import ShopAccount


class AsyncClient(ShopAccount):
    """`Client` for asyncio. Keep one per event loop, for the life of the application."""

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        orders_key: str | None = None,
        budget_ms: int = analysis.BUDGET_MS,
        breaker: Breaker | None = None,
        http: httpx.AsyncClient | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        super().__init__(base_url, key, orders_key=orders_key, budget_ms=budget_ms, breaker=breaker)
        self._given = http
        self._http = http or httpx.AsyncClient()
        self._sleep = sleep

    async def analyze(
        self,
        cart: Cart,
        *,
        region: Region,
        platform: str = "custom",
        cart_id: str | None = None,
        session_id: str | None = None,
        delivery_methods: Sequence[str] = (),
        customer: Customer | None = None,
        locale: str | None = None,
        further: Mapping[str, object] | None = None,
    ) -> Answer:
        """Like `Client.analyze`. Never raises, unless the task is cancelled."""
        return await self.analyze_request(
            lambda: analysis.analysis_body(
                cart,
                region=region,
                platform=platform,
                cart_id=cart_id,
                session_id=known_session(session_id),
                delivery_methods=delivery_methods,
                customer=customer,
                locale=locale,
                further=further,
            )
        )

    async def analyze_request(
        self, body: Mapping[str, Any] | Callable[[], Mapping[str, Any]]
    ) -> Answer:
        """Like `analyze`, for a complete body of `POST analyze`, such as one from a browser."""

        async def ask() -> Answer:
            return await self._converse(analysis.analysing(body() if callable(body) else body))

        return await self._within_budget(ask)

    async def last_answer(self, session_id: str) -> Answer:
        """Like `Client.last_answer`: the last answer of this session. Never raises."""

        async def ask() -> Answer:
            if known_session(session_id) is None:
                return Hidden("malformed")
            return analysis.read_answer(*await self._exchange("GET", f"/v1/session/{session_id}"))

        return await self._within_budget(ask)

    async def push_order(self, order: Mapping[str, Any]) -> PushedOrder:
        """Like `Client.push_order`: create or update an order.

        Raises `OrderRefused` or `OrderNotPushed`.
        """
        conversation = order_push.pushing(order)
        step = next(conversation)
        while True:
            try:
                if isinstance(step, Pause):
                    await self._sleep(step.seconds)
                    step = conversation.send(None)
                else:
                    step = conversation.send(await self._push(step))
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]

    async def aclose(self) -> None:
        """Close the connections."""
        if self._given is None:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _within_budget(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        try:
            async with asyncio.timeout(self._budget_seconds):
                return await ask()
        except Exception as error:
            return self._give_up(error)

    async def _converse(self, conversation: analysis.Conversation) -> Answer:
        try:
            content = next(conversation)
            while True:
                content = conversation.send(await self._analyze(content))
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    async def _analyze(self, content: bytes) -> analysis.Reply:
        try:
            return await self._exchange("POST", analysis.PATH, content)
        except analysis.STALE:
            return await self._exchange("POST", analysis.PATH, content)

    async def _exchange(
        self, method: str, path: str, content: bytes | None = None
    ) -> analysis.Reply:
        self._breaker.before_asking()
        async with self._http.stream(
            method,
            self._base_url + path,
            content=content,
            headers=analysis.headers(self._key),
            timeout=self._budget_seconds,
            follow_redirects=False,
        ) as response:
            body = b""
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > analysis.ANSWER_BYTES_AT_MOST:
                    raise httpx.ReadTimeout("The answer does not end.")
            self._breaker.note_answer()
            return response.status_code, body

    async def _push(self, content: bytes) -> Heard:
        try:
            response = await self._http.put(
                self._base_url + order_push.PATH,
                content=content,
                headers=analysis.headers(self._orders_key),
                timeout=order_push.ATTEMPT_SECONDS,
                follow_redirects=False,
            )
        except httpx.RequestError as error:
            return Heard(None, why=type(error).__name__)
        return Heard(response.status_code, response.content, response.headers.get("Retry-After"))

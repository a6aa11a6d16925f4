"""`Client`, for shops that answer requests in threads or processes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

import httpx

from orderguard.client import analysis, order_push
from orderguard.client.breaker import Breaker
from orderguard.client.cart import Cart, Customer, Region
from orderguard.client.offer import Answer, Hidden, known_session
from orderguard.client.order_push import Heard, Pause, PushedOrder
from orderguard.client.shop_account import ShopAccount

ANALYSES_AT_ONCE = 32
"""Threads for analyses. If all wait for a silent server, further offers are hidden in time."""


class Client(ShopAccount):
    """A client of an Orderguard server, for shops that run in threads. It is thread-safe.

    Keep one for the life of the process. `key` has the scope `cart`; `orders_key`, when it is
    another one, the scope `orders`. An `http` client of your own (proxies, certificates) is used as
    it is, and is yours to close.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        orders_key: str | None = None,
        budget_ms: int = analysis.BUDGET_MS,
        breaker: Breaker | None = None,
        http: httpx.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(base_url, key, orders_key=orders_key, budget_ms=budget_ms, breaker=breaker)
        self._given = http
        self._sleep = sleep
        self._open()

    def analyze(
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
        """The offer for this cart, within the time budget. Never raises.

        Send `cart_id`, or the `session_id` of the last answer, so that the session goes on; a
        session unknown to the server is replaced. `further` holds members by their wire names.
        """
        return self.analyze_request(
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

    def analyze_request(self, body: Mapping[str, Any] | Callable[[], Mapping[str, Any]]) -> Answer:
        """Like `analyze`, for a complete body of `POST analyze`, such as one from a browser."""

        def ask() -> Answer:
            return self._converse(analysis.analysing(body() if callable(body) else body))

        return self._within_budget(ask)

    def last_answer(self, session_id: str) -> Answer:
        """The last answer of this session. Never raises.

        Use it when the order is placed: charge this amount, not the one a browser sends.
        """

        def ask() -> Answer:
            if known_session(session_id) is None:
                return Hidden("malformed")
            return analysis.read_answer(*self._exchange("GET", f"/v1/session/{session_id}"))

        return self._within_budget(ask)

    def push_order(self, order: Mapping[str, Any]) -> PushedOrder:
        """Create or update the order by its `external_id`, with retries.

        Raises `OrderRefused` when the order is wrong, and `OrderNotPushed` when the server did not
        confirm it: then keep it and push it again, the push is idempotent. May take a while, so
        push from a background job.
        """
        conversation = order_push.pushing(order)
        step = next(conversation)
        while True:
            try:
                if isinstance(step, Pause):
                    self._sleep(step.seconds)
                    step = conversation.send(None)
                else:
                    step = conversation.send(self._push(step))
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]

    def close(self) -> None:
        """Close connections and threads; analyses in progress are abandoned."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._given is None:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self) -> None:
        # Threads and connections do not survive the fork of a pre-forking server.
        self._process = os.getpid()
        self._http = self._given or httpx.Client()
        self._threads = ThreadPoolExecutor(ANALYSES_AT_ONCE, thread_name_prefix="orderguard")

    def _within_budget(self, ask: Callable[[], Answer]) -> Answer:
        """The answer of `ask`, or `Hidden` after the time budget. Waits for a thread, not for the
        socket: socket time-outs restart with every packet, and DNS look-ups have none."""
        future = None
        try:
            if self._process != os.getpid():
                self._open()
            future = self._threads.submit(ask)
            return future.result(self._budget_seconds)
        except Exception as error:
            if future:
                future.cancel()
            return self._give_up(error)

    def _converse(self, conversation: analysis.Conversation) -> Answer:
        try:
            content = next(conversation)
            while True:
                content = conversation.send(self._analyze(content))
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    def _analyze(self, content: bytes) -> analysis.Reply:
        try:
            return self._exchange("POST", analysis.PATH, content)
        except analysis.STALE:
            return self._exchange("POST", analysis.PATH, content)

    def _exchange(self, method: str, path: str, content: bytes | None = None) -> analysis.Reply:
        self._breaker.before_asking()
        deadline = time.monotonic() + self._budget_seconds
        with self._http.stream(
            method,
            self._base_url + path,
            content=content,
            headers=analysis.headers(self._key),
            timeout=self._budget_seconds,
            follow_redirects=False,
        ) as response:
            body = b""
            for piece in response.iter_bytes():
                body += piece
                if len(body) > analysis.ANSWER_BYTES_AT_MOST or time.monotonic() > deadline:
                    raise httpx.ReadTimeout("The answer does not end.")
            if time.monotonic() <= deadline:  # later, the caller has given up and counted a failure
                self._breaker.note_answer()
            return response.status_code, body

    def _push(self, content: bytes) -> Heard:
        try:
            response = self._http.put(
                self._base_url + order_push.PATH,
                content=content,
                headers=analysis.headers(self._orders_key),
                timeout=order_push.ATTEMPT_SECONDS,
                follow_redirects=False,
            )
        except httpx.RequestError as error:
            return Heard(None, why=type(error).__name__)
        return Heard(response.status_code, response.content, response.headers.get("Retry-After"))

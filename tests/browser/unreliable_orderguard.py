"""A demo shop whose Orderguard is real, but reached through somebody who can spoil its answers."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event

import httpx

from orderguard.demo.shop.orderguard_client import ShopAccess
from orderguard.demo.shop.serving import ShopServing
from tests.browser.running_demo import RunningDemo
from tests.client.pretend_server import PretendServer, Received, Reply

PASSED_ON = ("x-authorization", "content-type", "origin")
PASSED_BACK = ("content-type", "cache-control", "access-control-allow-origin", "vary")
PATIENCE_SECONDS = 20


@dataclass(frozen=True)
class Held:
    """An analysis that Orderguard has decided, and whose answer waits until the test says so."""

    arrived: Event = field(default_factory=Event)
    released: Event = field(default_factory=Event)

    def waits_for_arrival(self) -> None:
        assert self.arrived.wait(PATIENCE_SECONDS), "nobody asked"


class UnreliableOrderguard:
    """Passes everything on, but analyses only as the test wants it."""

    def __init__(self, demo: RunningDemo) -> None:
        self._demo = demo
        self._held: list[Held] = []
        self.spoiled: Reply | None = None
        """What every analysis is answered with instead, if anything."""
        self.front = PretendServer(self._reply_to)

    def holds_next(self) -> Held:
        """Keep the answer to the next analysis back."""
        self._held.append(held := Held())
        return held

    def lets_go(self) -> None:
        """Hold nothing, spoil nothing."""
        self.spoiled = None
        for held in self._held:
            held.released.set()
        self._held.clear()

    def _reply_to(self, received: Received, _number: int) -> Reply:
        is_analysis = received.path.endswith("/analyze")
        if is_analysis and self.spoiled:
            return self.spoiled
        answer = httpx.request(
            received.method,
            self._demo.url + received.path,
            headers={
                name: received.headers[name] for name in PASSED_ON if name in received.headers
            },
            json=received.body,
            trust_env=False,
        )
        if is_analysis and self._held:
            held = self._held.pop(0)
            held.arrived.set()
            held.released.wait(PATIENCE_SECONDS)
        headers = {name: answer.headers[name] for name in PASSED_BACK if name in answer.headers}
        return Reply(answer.status_code, text=answer.content, headers=headers)


@contextmanager
def a_shop_with_unreliable_orderguard(
    demo: RunningDemo,
) -> Iterator[tuple[str, UnreliableOrderguard]]:
    """The address of the shop, and its Orderguard."""
    orderguard = UnreliableOrderguard(demo)
    account = ShopAccess(orderguard.front.url, demo.key, demo.orders_key)
    with orderguard.front, a_shop_of(account) as url:
        try:
            yield url, orderguard
        finally:
            orderguard.lets_go()


@contextmanager
def a_shop_of(account: ShopAccess) -> Iterator[str]:
    """The address of a demo shop with this Orderguard."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        shop = ShopServing(account, listener)
        try:
            yield url_of(listener)
        finally:
            shop.stop()


def url_of(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"

"""The demo shop twice, for comparison: with an Orderguard that does not answer, and without one.

`uvicorn bench.baselines.shops:before_dead_orderguard` and `…:without_protection`, as factories.
"""

from __future__ import annotations

import re
import socket
from typing import Any

from falcon.asgi import Request, Response

from orderguard.demo.shop.application import shop_application
from orderguard.demo.shop.exchanges import LoggedExchange
from orderguard.demo.shop.order import Order, Push
from orderguard.demo.shop.orderguard_client import OrderguardClient, ShopAccess
from orderguard.demo.shop.visitors import Visitor

# Bound and never listened on, as long as the process lives: whoever connects is refused.
_NOBODY = socket.socket()
_ELEMENT = re.compile(
    r'<script type="module"[^>]*(?:/widget/v1/|/static/checkout\.js)[^>]*></script>'
    r"|<order-protection.*?</order-protection>",
    re.DOTALL,
)


def before_dead_orderguard() -> Any:
    """The demo shop as an ASGI application whose Orderguard does not answer at all."""
    _NOBODY.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{_NOBODY.getsockname()[1]}"
    return shop_application(OrderguardClient(ShopAccess(url, "cart", "orders")), widget_origin=url)


def without_protection() -> Any:
    """The demo shop as an ASGI application without any order protection."""
    account = ShopAccess("http://127.0.0.1:9", "cart", "orders")
    app = shop_application(_NoOrderguard(account), widget_origin="http://127.0.0.1:9")
    app.add_middleware(_WithoutElement())
    return app


class _NoOrderguard(OrderguardClient):
    async def analyze(self, _visitor: Visitor) -> LoggedExchange | None:
        return None

    def push(self, _visitor: Visitor, order: Order) -> None:
        order.push = Push.KNOWN
        order.attempted.set()


class _WithoutElement:
    async def process_response(
        self, request: Request, response: Response, _resource: Any, _succeeded: bool
    ) -> None:
        if request.path == "/checkout" and response.text:
            response.text = _ELEMENT.sub("", response.text)

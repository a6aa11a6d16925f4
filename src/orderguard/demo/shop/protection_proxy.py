"""The routes that the element's script calls, so that the browser needs no key."""

from __future__ import annotations

from typing import Any

import falcon
from falcon.asgi import Request, Response

from orderguard.demo.shop.checkout import agreed_offer, note_choice
from orderguard.demo.shop.documents import wire_cart
from orderguard.demo.shop.forms import form_of, require_small_body
from orderguard.demo.shop.orderguard_client import OrderguardClient
from orderguard.demo.shop.pages import price
from orderguard.demo.shop.visitors import Visitor


class AnalyzeProxyResource:
    """Analyses the cart stored in the shop, with the shop's key.

    The cart that the browser sends serves only to detect an outdated page. If it were passed on, a
    shopper could get the fee of a cheaper cart.
    """

    def __init__(self, client: OrderguardClient) -> None:
        self._client = client

    async def on_post(self, request: Request, response: Response) -> None:
        require_small_body(request)
        visitor: Visitor = request.context.visitor
        asked = await request.get_media()
        if not _is_about(asked, visitor):
            raise falcon.HTTPConflict(description="The cart has changed. Load the page again.")
        exchange = await self._client.analyze(visitor)
        response.content_type = falcon.MEDIA_JSON
        response.status = (exchange and exchange.status) or falcon.HTTP_GATEWAY_TIMEOUT
        response.media = (exchange and exchange.response) or {"error": {"code": "no_answer"}}


class ProtectionResource:
    """Stores the shopper's choice from the element's script; answers the new order total."""

    async def on_post(self, request: Request, response: Response) -> None:
        visitor: Visitor = request.context.visitor
        note_choice(visitor, await form_of(request))
        offer = agreed_offer(visitor)
        subtotal = visitor.cart.subtotal(visitor.switches.currency)
        response.content_type = falcon.MEDIA_JSON
        response.media = {
            "fee": price(offer.charge.amount) if offer else None,
            "total": price(subtotal + offer.charge.amount if offer else subtotal),
        }


def _is_about(asked: Any, visitor: Visitor) -> bool:
    try:
        cart_id, revision = asked["cartId"], asked["cart"]["id"]
    except (KeyError, TypeError):
        return False
    now = wire_cart(visitor.cart, visitor.switches.currency)
    return bool((cart_id, revision) == (visitor.cart.id, now["id"]))

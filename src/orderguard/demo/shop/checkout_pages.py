"""The checkout and confirmation pages; a slow offer never delays them."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import falcon
from falcon.asgi import Request, Response

from orderguard.client import keep_offer
from orderguard.demo.shop.checkout import (
    AskAgain,
    agreed_offer,
    current_offer,
    note_choice,
    place_order,
)
from orderguard.demo.shop.documents import wire_cart
from orderguard.demo.shop.forms import form_of, see_other
from orderguard.demo.shop.offer import token_of
from orderguard.demo.shop.order import Push
from orderguard.demo.shop.orderguard_client import OrderguardClient
from orderguard.demo.shop.pages import render
from orderguard.demo.shop.visitors import Visitor

CONFIRMATION_WAITS_SECONDS = 0.1
CONFIRMATION_WITHOUT_SCRIPT_WAITS_SECONDS = 0.8
"""How long the confirmation waits for the coverage. With JavaScript the page polls instead."""


class CheckoutResource:
    """The checkout page with the offer.

    With JavaScript, the element asks for the offer and the page does not wait. Without it, the page
    asks within its time budget, and shows a plain checkbox.
    """

    def __init__(self, client: OrderguardClient, widget_origin: str) -> None:
        self._client = client
        self._widget_origin = widget_origin

    async def on_get(self, request: Request, response: Response) -> None:
        visitor: Visitor = request.context.visitor
        if not visitor.cart.lines:
            see_other(response, "/cart")
            return
        if not request.context.has_script:
            await self._client.analyze(visitor)
        agreed = agreed_offer(visitor)
        response.text = render(
            "checkout.html",
            visitor,
            back="/checkout",
            offer=None if request.context.has_script else current_offer(visitor),
            agreed=None if request.context.has_script else agreed,
            kept=keep_offer(visitor.agreed) if visitor.agreed else None,
            kept_token=token_of(visitor.agreed) if visitor.agreed else "",
            wire_cart=wire_cart(visitor.cart, visitor.switches.currency),
            widget_origin=self._widget_origin,
            notice=request.get_param("again") or "",
            has_script=request.context.has_script,
        )


def _patience_seconds(request: Request) -> float:
    if request.context.has_script:
        return CONFIRMATION_WAITS_SECONDS
    return CONFIRMATION_WITHOUT_SCRIPT_WAITS_SECONDS


class ChoiceResource:
    """Stores the choice of a shopper without JavaScript, so that the total includes it."""

    async def on_post(self, request: Request, response: Response) -> None:
        note_choice(request.context.visitor, await form_of(request))
        see_other(response, "/checkout")


class OrderResource:
    """Places the order."""

    def __init__(self, client: OrderguardClient) -> None:
        self._client = client

    async def on_post(self, request: Request, response: Response) -> None:
        visitor: Visitor = request.context.visitor
        form = await form_of(request)
        if not visitor.cart.lines:
            # A second click on the button; the first click has placed the order.
            see_other(response, f"/orders/{visitor.orders[-1].number}" if visitor.orders else "/")
            return
        placed = await place_order(self._client, visitor, form)
        if isinstance(placed, AskAgain):
            see_other(response, f"/checkout?again={placed}")
        else:
            see_other(response, f"/orders/{placed.number}")


class ConfirmationResource:
    """The confirmation page, with the coverage and its end date."""

    async def on_get(self, request: Request, response: Response, number: str) -> None:
        visitor: Visitor = request.context.visitor
        order = visitor.order(number)
        if order is None:
            raise falcon.HTTPNotFound
        if order.protection:  # other orders have no answer to wait for
            with suppress(TimeoutError):
                await asyncio.wait_for(order.attempted.wait(), _patience_seconds(request))
        response.text = render(
            "confirmation.html",
            visitor,
            back=f"/orders/{number}",
            order=order,
            is_under_way=order.push is Push.UNDER_WAY,
            is_known=order.push is Push.KNOWN,
        )

        async def confirm() -> None:
            order.confirmed.set()

        response.schedule(confirm)

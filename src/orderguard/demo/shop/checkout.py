"""The rules of the checkout: which offer the shopper accepted, and the fee of the order.

The browser accepts terms by sending back their token. The fee is always that of the offer stored on
the server.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from enum import StrEnum

from orderguard.client import Offer
from orderguard.client.offer_state import material_change
from orderguard.demo.shop.documents import analyze_request
from orderguard.demo.shop.offer import token_of
from orderguard.demo.shop.order import Order, Unprotected
from orderguard.demo.shop.orderguard_client import OrderguardClient
from orderguard.demo.shop.visitors import Visitor
from orderguard.running.wiring import now


class AskAgain(StrEnum):
    """The reason why the checkout is shown again instead of a confirmation."""

    CART_CHANGED = "cart"
    OFFER_CHANGED = "offer"


def current_offer(visitor: Visitor) -> Offer | None:
    """The offer for exactly this cart, shopper and region; None when there is none to show."""
    return visitor.offer_for(analyze_request(visitor.cart, visitor.switches))


def agreed_offer(visitor: Visitor) -> Offer | None:
    """The current offer, if the shopper's acceptance is still valid for it."""
    offer, agreed = current_offer(visitor), visitor.agreed
    return offer if offer and agreed and not material_change(agreed, offer) else None


def note_choice(visitor: Visitor, form: Mapping[str, str]) -> Offer | None:
    """Store the shopper's choice: the accepted offer, or None.

    A token of an unknown offer is ignored: the shopper has to be asked again.
    """
    known = (current_offer(visitor), visitor.agreed)
    token = form.get("agreed") if form.get("protection") == "yes" else None
    visitor.agreed = next((each for each in known if each and token_of(each) == token), None)
    return visitor.agreed


async def place_order(
    client: OrderguardClient, visitor: Visitor, form: Mapping[str, str]
) -> Order | AskAgain:
    """Place the order of the cart; without an offer from Orderguard it has no fee.

    Returns the reason instead when the shopper must see the checkout again.
    """
    cart = visitor.cart
    if form.get("revision") != _revision(visitor):
        return AskAgain.CART_CHANGED
    offer = None
    wants_protection = form.get("protection") == "yes"
    if wants_protection:
        offer = await _offer_at_the_till(client, visitor)
        # During the wait, another tab may have changed the cart or placed the order.
        if visitor.cart is not cart or form.get("revision") != _revision(visitor):
            return AskAgain.CART_CHANGED
        if offer and token_of(offer) != form.get("agreed"):
            visitor.agreed = None
            return AskAgain.OFFER_CHANGED
    order = _order(visitor, offer)
    if wants_protection and offer is None:
        order.unprotected = Unprotected.UNAVAILABLE
    visitor.orders.append(order)
    visitor.start_anew()
    client.push(visitor, order)
    return order


async def _offer_at_the_till(client: OrderguardClient, visitor: Visitor) -> Offer | None:
    request = analyze_request(visitor.cart, visitor.switches)
    if visitor.analysis is None or visitor.analysis.request != request:
        await client.analyze(visitor)
    return current_offer(visitor)


def _order(visitor: Visitor, protection: Offer | None) -> Order:
    return Order(
        number=f"FF-{secrets.token_hex(4).upper()}",
        placed_at=now(),
        lines=visitor.cart.lines,
        currency=visitor.switches.currency,
        region=visitor.switches.region,
        session_id=visitor.analysis.session_id if visitor.analysis else None,
        protection=protection,
    )


def _revision(visitor: Visitor) -> str:
    return f"{visitor.cart.id} {visitor.cart.revision}"

"""`{% orderguard_box %}`: the box of the offer, for the page on which the shopper orders."""

from __future__ import annotations

import logging
from typing import Any

from django import template
from django.db import transaction
from django.templatetags.static import static
from django.urls import reverse

from orderguard_oscar import words
from orderguard_oscar.checkout_state import offer_in, token
from orderguard_oscar.core.client.offer_state import Agreed, OfferState, Reconfirm
from orderguard_oscar.offering import checkout_of, fee_of, place_of

log = logging.getLogger("orderguard.oscar")
register = template.Library()

SCRIPT = "orderguard_oscar/box.js"


@register.inclusion_tag("orderguard_oscar/box.html", takes_context=True)
def orderguard_box(context: Any, form: str = "") -> dict[str, Any]:
    """The context of the offer box; empty when there is no offer.

    `form` is the id of the form that places the order, so that the tick arrives with the order,
    too; without it the box is a form of its own.
    """
    request = context.get("request")
    try:
        with transaction.atomic():
            drawn = _drawn(request, context)
    except Exception:  # a page of the shop is worth more than a box
        log.exception("No box in this page.")
        drawn = {}
    return {**drawn, "form": form, "csrf_token": context.get("csrf_token")}


def _drawn(request: Any, context: Any) -> dict[str, Any]:
    checkout = checkout_of(request)
    if checkout is None:
        return {}
    place = place_of(request, context.get("basket") or request.basket, context.flatten())
    if not checkout.open(place.basket) or place.basket.status == place.basket.FROZEN:
        return {}
    state = checkout.look(place)
    offer = offer_in(state)
    drawn = {"notice": _notice(state, checkout.notice), "url": reverse("orderguard:choose")}
    if offer is None:
        return drawn
    return {
        **drawn,
        "offer": offer,
        "title": words.TITLE,
        "about": words.about(offer.mode),
        "price": words.price(offer),
        "shown": token(offer),
        "checked": fee_of(state) is not None,
        "script": _script(),
    }


def _notice(state: OfferState, kept: str) -> str:
    if isinstance(state.view, Reconfirm):
        return words.why_asked_again(state.view.because)
    if offer_in(state) is None:
        lapsed = isinstance(state.choice, Agreed)
        return words.removed() if lapsed or kept == words.REMOVED else ""
    return words.price_changed() if kept == words.STALE else ""


def _script() -> str:
    """The address of the optional script; empty where static files are not collected yet."""
    try:
        return static(SCRIPT)
    except ValueError:
        return ""

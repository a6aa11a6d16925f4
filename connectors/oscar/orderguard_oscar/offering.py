"""The offer in the shop's pages: when Orderguard is asked, and what its answer does to a choice."""

from __future__ import annotations

import hashlib
import json
import logging
from datetime import timedelta
from typing import Any

from django.utils import timezone

from orderguard_oscar import baskets, conf, server, words
from orderguard_oscar.cart import Place, request_body, shows_tax
from orderguard_oscar.checkout_state import (
    after_answer,
    after_click,
    keep_answer,
    keep_choice,
    offer_in,
    restore_answer,
    restore_choice,
    token,
)
from orderguard_oscar.core.client import Answer, Hidden, Offer, keep_offer, restore_offer
from orderguard_oscar.core.client.offer_state import (
    Agreed,
    OfferState,
    Undecided,
    accepted_offer,
)
from orderguard_oscar.core.domain.errors import Malformed
from orderguard_oscar.surcharge import is_payable

log = logging.getLogger("orderguard.oscar")

FRESH = timedelta(minutes=3)
"""A change of prices or rules in Orderguard is seen within this time."""

USABLE = timedelta(minutes=30)
"""While Orderguard is silent, an answer for this very basket stays usable this long."""

NOT_PAYABLE = Hidden("amount_has_more_decimals_than_the_shop", decided=True)
NO_COUNTRY = Hidden("no_country")


def checkout_of(request: Any) -> Checkout | None:
    """The checkout of this request; None while the shop is not connected."""
    settings = conf.current()
    if settings is None or request is None or not hasattr(request, "session"):
        return None
    known: Checkout | None = getattr(request, "_orderguard", None)
    if known is None:
        known = request._orderguard = Checkout(request, settings)  # noqa: SLF001
    return known


class Checkout:
    """One shopper's basket in one request. Orderguard is asked once per state of the basket."""

    def __init__(self, request: Any, settings: conf.Settings) -> None:
        self.settings = settings
        self._request = request
        self._row: Any = None
        self._state: OfferState | None = None
        self._asked: set[str] = set()
        self._is_silent = False
        self._shown_before: Offer | None = None
        self.with_tax = True

    def open(self, basket: Any, *, make: bool = True) -> bool:
        """Load the stored offer; False when the basket is empty, or has none without `make`."""
        if basket is None or not basket.pk or basket.is_empty:
            return False
        if self._row is None or self._row.basket_id != basket.pk:
            self._row = baskets.row_of(self._request, basket, make=make)
            self._state = None
            if self._row is None:
                return False
            self._shown_before = restore_offer(self._row.shown)
        return True

    @property
    def has_choice(self) -> bool:
        """Whether the shopper accepted an offer, which is to be compared with the current one."""
        return baskets.has_choice(self._row)

    @property
    def shown_before(self) -> Offer | None:
        """The offer in the total of the page that the shopper came from; None when it had none."""
        return self._shown_before

    @property
    def is_silent(self) -> bool:
        """Whether Orderguard was asked in this request and did not answer."""
        return self._is_silent

    def look(self, place: Place, *, anew: bool = False) -> OfferState:
        """The state of the offer for the current basket; `anew=True` always asks Orderguard."""
        self.with_tax = shows_tax(place.basket, self.settings)
        if place.basket.status == place.basket.FROZEN:
            return self._as_submitted()
        answer = self._answer(place, anew=anew)
        before = restore_choice(self._row.choice)
        state = after_answer(before, answer)
        if isinstance(before, Agreed) and isinstance(state.choice, Undecided):
            self._row.notice = words.REMOVED
        elif isinstance(answer, Offer) and self._row.notice == words.REMOVED:
            self._row.notice = ""
        self._keep(state)
        return state

    def click(self, *, accepted: bool, shown: str) -> OfferState:
        """Apply the shopper's click. `shown` is the `token` of the offer on the page."""
        answer = restore_answer(self._row.answer) or Hidden("not_analyzed")
        state = self._state or after_answer(restore_choice(self._row.choice), answer)
        offer = offer_in(state)
        if accepted and (offer is None or token(offer) != shown):
            self._row.notice = words.STALE
            state = OfferState(state.view, Undecided(), state.request)
            if offer is not None:
                state = after_answer(Undecided(), offer)
        else:
            self._row.notice = ""
            state = after_click(state, accepted=accepted)
        self._keep(state)
        return state

    def note_shown(self, offer: Offer | None) -> None:
        """Store the offer in the total of the page that is being rendered; None for no fee."""
        kept = keep_offer(offer) if offer else None
        if self._row.shown != kept:
            self._row.shown = kept
            self._row.save(update_fields=["shown"])

    @property
    def notice(self) -> str:
        """The notice beside the offer: `removed`, `stale`, or empty."""
        return str(self._row.notice)

    def _as_submitted(self) -> OfferState:
        """A frozen basket waits for its payment, whose amount is fixed."""
        terms = restore_offer(self._row.shown)
        if terms is None:
            return OfferState(Hidden("frozen"), Undecided())
        return after_answer(Agreed(terms), terms)

    def _keep(self, state: OfferState) -> None:
        self._state = state
        self._row.choice = keep_choice(state.choice)
        self._row.save(update_fields=["choice", "notice"])

    def _answer(self, place: Place, *, anew: bool) -> Answer:
        try:
            body = request_body(place, self._row.cart, self.settings, self._request.user)
        except Malformed as error:
            return Hidden(str(error), decided=True)
        if body is None:
            return NO_COUNTRY
        asked = _hash(self.settings.url, body)
        known = restore_answer(self._row.answer) if self._row.asked == asked else None
        age = timezone.now() - self._row.asked_at if self._row.asked_at else USABLE
        was_asked = asked in self._asked and not self._is_silent
        if known and (was_asked or (age < FRESH and not anew)):
            return known
        answer = Hidden("silent") if self._is_silent else server.analyze(self.settings, body)
        self._asked.add(asked)
        if isinstance(answer, Hidden) and not answer.decided:
            self._is_silent = True
            return known if known and age < USABLE else answer
        if isinstance(answer, Offer) and not is_payable(answer):
            log.warning("The shop's orders have too few decimals for an offer in %s.",
                        answer.charge.amount.currency)  # fmt: skip
            answer = Hidden(NOT_PAYABLE.reason, decided=True, session_id=answer.session_id)
        self._remember(asked, answer)
        return answer

    def _remember(self, asked: str, answer: Answer) -> None:
        self._row.asked = asked
        self._row.asked_at = timezone.now()
        self._row.answer = keep_answer(answer)
        self._row.tax_included = self.with_tax
        self._row.save(update_fields=["asked", "asked_at", "answer", "tax_included"])


def place_of(request: Any, basket: Any, context: Any = None) -> Place:
    """Basket, address and method: from the view that builds an order, else from the session."""
    if isinstance(context, dict) and "shipping_address" in context:
        method = context.get("shipping_method")
        return Place(context.get("basket") or basket, context["shipping_address"], method)
    from oscar.core.loading import get_class

    view = get_class("checkout.session", "CheckoutSessionMixin")()
    view.request = request
    view.checkout_session = get_class("checkout.utils", "CheckoutSessionData")(request)
    address = view.get_shipping_address(basket)
    return Place(basket, address, view.get_shipping_method(basket, address))


def fee_of(state: OfferState) -> Offer | None:
    """The offer whose fee is charged; None when none is accepted."""
    return accepted_offer(state)


def _hash(url: str, body: dict[str, Any]) -> str:
    text = json.dumps([url, body], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()

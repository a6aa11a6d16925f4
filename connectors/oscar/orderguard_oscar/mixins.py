"""Mixins for a shop's own `checkout` app, to be put before Oscar's classes."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction

from orderguard_oscar import words
from orderguard_oscar.checkout_state import offer_in, token
from orderguard_oscar.core.client import Hidden, Offer
from orderguard_oscar.core.client.offer_state import OfferState, Reconfirm
from orderguard_oscar.offering import checkout_of, fee_of, place_of
from orderguard_oscar.surcharge import ProtectionCharge

log = logging.getLogger("orderguard.oscar")

BOX = "orderguard"
SHOWN = "orderguard_shown"


class OrderguardSurcharges:
    """Mixin for `checkout.applicator.SurchargeApplicator`: adds the fee of an accepted offer."""

    request: Any
    context: Any

    def get_surcharges(self, basket: Any, **kwargs: Any) -> tuple[Any, ...]:
        """The shop's own surcharges, and the fee of an accepted offer."""
        others = super().get_surcharges(basket=basket, **kwargs)  # type: ignore[misc]
        try:
            with transaction.atomic():
                ours = self._orderguard_charge(basket)
        except Exception:  # the shop sells on without protection
            log.exception("No protection in this total.")
            ours = None
        return (*others, ours) if ours else tuple(others)

    def _orderguard_charge(self, basket: Any) -> ProtectionCharge | None:
        checkout = checkout_of(self.request)
        if checkout is None:
            return None
        place = place_of(self.request, basket, self.context)
        if not checkout.open(place.basket, make=False):
            return None
        offer = fee_of(checkout.look(place)) if checkout.has_choice else None
        checkout.note_shown(offer)
        if offer is None:
            return None
        return ProtectionCharge(offer, with_tax=checkout.with_tax, settings=checkout.settings)


class OrderguardPlacing:
    """Mixin for `checkout.views.PaymentDetailsView`: checks the offer when the order is placed."""

    def submit(self, **submission: Any) -> Any:
        """Place the order; if protection costs more or is gone, show the order page once more."""
        try:
            with transaction.atomic():
                objection, submission = self._orderguard_decide(submission)
        except Exception:
            log.exception("Protection was not asked for once more.")
            objection = ""
        if objection:
            more = submission.get("payment_kwargs") or {}
            return self.render_preview(self.request, error=objection, **more)  # type: ignore[attr-defined]
        return super().submit(**submission)  # type: ignore[misc]

    def _orderguard_decide(self, submission: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        request = self.request  # type: ignore[attr-defined]
        checkout = checkout_of(request)
        place = place_of(request, submission.get("basket"), submission)
        if checkout is None or not checkout.open(place.basket):
            return "", submission
        before = checkout.shown_before
        state = checkout.look(place, anew=True)
        clicked = self._orderguard_click(before)
        offer = offer_in(state)
        if clicked is False or (clicked and offer):
            # A tick that came with the order is to the offer of this moment, which is shown next.
            state = checkout.click(accepted=clicked, shown=token(offer) if offer else "")
        terms = fee_of(state)
        checkout.note_shown(terms)
        is_silence = isinstance(state.view, Hidden) and not state.view.decided
        if is_silence or clicked is False:
            objection = ""
        else:
            objection = _objection(before, state, is_wanted=bool(before or clicked))
        return objection, self._orderguard_totals(submission)

    def _orderguard_click(self, before: Offer | None) -> bool | None:
        """What changed in the box since the page was drawn; None when nothing did.

        The box is part of the form that places the order: without JavaScript a tick may arrive
        together with the order.
        """
        post = self.request.POST  # type: ignore[attr-defined]
        is_ticked = BOX in post
        return is_ticked if SHOWN in post and is_ticked != (before is not None) else None

    def _orderguard_totals(self, submission: dict[str, Any]) -> dict[str, Any]:
        """The submission with the total of this moment."""
        from oscar.core.loading import get_class

        applicator = get_class("checkout.applicator", "SurchargeApplicator")
        charge = submission.get("shipping_charge")
        surcharges = applicator(self.request, submission).get_applicable_surcharges(  # type: ignore[attr-defined]
            submission["basket"], shipping_charge=charge
        )
        total = self.get_order_totals(  # type: ignore[attr-defined]
            submission["basket"], shipping_charge=charge, surcharges=surcharges
        )
        return {**submission, "surcharges": surcharges, "order_total": total}


def _objection(before: Offer | None, state: OfferState, *, is_wanted: bool) -> str:
    """Charging less needs no word; charging more or nothing does."""
    terms = fee_of(state)
    if terms is None:
        if not is_wanted:
            return ""
        if isinstance(state.view, Reconfirm):
            return words.asked_again_while_placing(state.view.because)
        return words.removed_while_placing()
    if before is None or set(before.mode) != set(terms.mode):
        return words.costs_more(terms)
    is_more = terms.charge.amount.amount > before.charge.amount.amount
    return words.costs_more(terms) if is_more else ""

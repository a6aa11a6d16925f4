"""The offer for one basket and the shopper's choice, as stored between two pages."""

from __future__ import annotations

from typing import Any

from orderguard_oscar.core.client import Answer, Hidden, Offer, keep_offer, restore_offer
from orderguard_oscar.core.client.offer import known_session
from orderguard_oscar.core.client.offer_state import (
    Agreed,
    Answered,
    CartChanged,
    Choice,
    Clicked,
    Declined,
    OfferState,
    Reconfirm,
    Shown,
    Undecided,
    next_state,
)


def after_answer(choice: Choice, answer: Answer) -> OfferState:
    """What the page shows, and what became of the choice, after an answer for the basket."""
    asked = next_state(OfferState(Hidden("not_analyzed"), choice), CartChanged())
    return next_state(asked, Answered(asked.request, answer))


def after_click(state: OfferState, *, accepted: bool) -> OfferState:
    """The state after the shopper's click. Declining counts also while there is no offer."""
    if not accepted and not isinstance(state.view, Shown | Reconfirm):
        return OfferState(state.view, Declined(), state.request)
    return next_state(state, Clicked(accepted))


def offer_in(state: OfferState) -> Offer | None:
    """The offer that the box shows, accepted or not; None when it shows none."""
    return state.view.offer if isinstance(state.view, Shown | Reconfirm) else None


def token(offer: Offer) -> str:
    """A text that names the terms shown on a page, to compare with the stored offer."""
    amount = offer.charge.amount
    modes = sorted(map(str, offer.mode))
    return " ".join([str(offer.session_id), str(amount.amount), str(amount.currency), *modes])


def keep_answer(answer: Answer) -> dict[str, Any]:
    """An answer as JSON; offers and hidden answers have `sessionId` at the same place."""
    if isinstance(answer, Offer):
        return keep_offer(answer)
    return {
        "hidden": answer.reason,
        "decided": answer.decided,
        "sessionId": str(answer.session_id) if answer.session_id else None,
    }


def restore_answer(kept: Any) -> Answer | None:
    """The answer from the JSON of `keep_answer`; None for any other value."""
    if not isinstance(kept, dict):
        return None
    if isinstance(kept.get("hidden"), str):
        session = known_session(kept.get("sessionId"))
        return Hidden(kept["hidden"], decided=kept.get("decided") is True, session_id=session)
    return restore_offer(kept)


def keep_choice(choice: Choice) -> dict[str, Any] | None:
    """A choice as JSON; None for a shopper who made none."""
    match choice:
        case Agreed(terms, lapsed):
            return {"agreed": keep_offer(terms), "lapsed": lapsed}
        case Declined():
            return {"declined": True}
    return None


def restore_choice(kept: Any) -> Choice:
    """The choice from the JSON of `keep_choice`; `Undecided` for any other value."""
    if not isinstance(kept, dict):
        return Undecided()
    if kept.get("declined") is True:
        return Declined()
    terms = restore_offer(kept.get("agreed"))
    return Agreed(terms, lapsed=kept.get("lapsed") is True) if terms else Undecided()

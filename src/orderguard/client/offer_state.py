"""The state of an offer: visible or not, accepted or not, and its charge. Pure.

For shops that draw their checkout on the server. The rules equal
`widget/src/offer_state.ts`, and the stories in `contract/offer_state` test both:

- A change of the cart makes every price stale at once: `Loading` carries no offer at all.
- Only the answer to the latest cart change counts; all other answers are dropped by request number.
- Failure, timeout and ineligibility end in `Hidden`. There is no disabled offer.
- The shopper's choice survives re-analysis, unless the accepted terms changed materially.
- The choice is forgotten the moment the offer becomes ineligible.
- An acceptance that lapsed without a click comes back only by a click (`Reconfirm`).
- The charge is that of the current answer's charge instructions, or nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from orderguard.client.offer import Answer, Hidden, Offer
from orderguard.domain.money import BASIS_POINTS

RISE_TOLERATED_BPS = 1_000
"""How far the price may rise above the accepted amount before the shopper is asked again: 10 %.

Measured against the agreed amount, not the previous one: small steps cannot creep past it."""


class ReconfirmReason(StrEnum):
    """Why the shopper must confirm again. `INTERRUPTED`: a failure had hidden the offer."""

    MODES_CHANGED = "modes_changed"
    PRICE_ROSE = "price_rose"
    CURRENCY_CHANGED = "currency_changed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Loading:
    """The view while an analysis is in progress; there is no price."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The view of an offer that can be accepted or declined."""

    offer: Offer
    accepted: bool


@dataclass(frozen=True, slots=True)
class Reconfirm:
    """The view of an offer whose accepted terms changed; nothing is charged until a click."""

    offer: Offer
    because: ReconfirmReason


View = Loading | Hidden | Shown | Reconfirm


@dataclass(frozen=True, slots=True)
class Undecided:
    """The choice of a shopper who made none, or whose choice is no longer valid."""


@dataclass(frozen=True, slots=True)
class Declined:
    """The choice of a shopper who declined the offer."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """The choice of a shopper who accepted these terms. `lapsed`: it ended without a click."""

    terms: Offer
    lapsed: bool = False


Choice = Undecided | Declined | Agreed


@dataclass(frozen=True, slots=True)
class OfferState:
    """The state of a checkout: view, shopper's choice, and number of the latest cart change."""

    view: View
    choice: Choice
    request: int = 0
    was_offered: bool = False


@dataclass(frozen=True, slots=True)
class CartChanged:
    """The event that the cart, its destination or its delivery changed."""


@dataclass(frozen=True, slots=True)
class CartReplaced:
    """The event of a new cart: the shopper's choice for the old one is forgotten."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The event of an answer of `Client.analyze`, also of a failed one, to this request number."""

    request: int
    answer: Answer


@dataclass(frozen=True, slots=True)
class Clicked:
    """The event that the shopper ticked or unticked the box."""

    accepted: bool


Event = CartChanged | CartReplaced | Answered | Clicked


@dataclass(frozen=True, slots=True)
class OfferRules:
    """Options of the rules. `accepted_by_default` is unlawful in most places; take advice first."""

    accepted_by_default: bool = False
    rise_tolerated_bps: int = RISE_TOLERATED_BPS


STRICT_RULES = OfferRules()


def initial_state(agreed: Offer | None = None) -> OfferState:
    """Before the first analysis; `agreed` is an acceptance the shop kept from an earlier page."""
    choice = Agreed(agreed) if agreed else Undecided()
    return OfferState(Hidden("not_analyzed"), choice, was_offered=agreed is not None)


def next_state(state: OfferState, event: Event, rules: OfferRules = STRICT_RULES) -> OfferState:
    """The state after an event; the same object when the event changes nothing."""
    match event:
        case CartChanged():
            return replace(state, view=Loading(), request=state.request + 1)
        case CartReplaced():
            return OfferState(Loading(), Undecided(), request=state.request + 1)
        case Clicked(accepted):
            return _clicked(state, accepted)
        case Answered(request, answer):
            # A late answer, even to the latest request, is dropped: the offer must not pop up at
            # the till.
            if not isinstance(state.view, Loading) or request != state.request:
                return state
            if isinstance(answer, Offer):
                return _offered(state, answer, rules)
            return _hidden(state, answer)


def accepted_offer(state: OfferState) -> Offer | None:
    """The offer to charge and report for an order placed now; None means no fee."""
    view = state.view
    return view.offer if isinstance(view, Shown) and view.accepted else None


def material_change(
    agreed: Offer, offer: Offer, rise_tolerated_bps: int = RISE_TOLERATED_BPS
) -> ReconfirmReason | None:
    """How an offer differs materially from the accepted one; None if the acceptance holds."""
    # Membership, not order: the same two modes the other way round cover the same things.
    if set(agreed.mode) != set(offer.mode):
        return ReconfirmReason.MODES_CHANGED
    before, now = agreed.charge.amount, offer.charge.amount
    if before.currency != now.currency:
        return ReconfirmReason.CURRENCY_CHANGED
    ceiling = before.amount * (BASIS_POINTS + rise_tolerated_bps)
    return ReconfirmReason.PRICE_ROSE if now.amount * BASIS_POINTS > ceiling else None


def _offered(state: OfferState, offer: Offer, rules: OfferRules) -> OfferState:
    choice = state.choice
    if isinstance(choice, Agreed):
        return replace(_offered_again(state, choice, offer, rules), was_offered=True)
    accepted = rules.accepted_by_default and not state.was_offered and isinstance(choice, Undecided)
    return replace(
        state,
        view=Shown(offer, accepted),
        choice=Agreed(offer) if accepted else choice,
        was_offered=True,
    )


def _offered_again(
    state: OfferState, choice: Agreed, offer: Offer, rules: OfferRules
) -> OfferState:
    because = material_change(choice.terms, offer, rules.rise_tolerated_bps)
    if because is None and not choice.lapsed:
        return replace(state, view=Shown(offer, accepted=True))
    view = Reconfirm(offer, because or ReconfirmReason.INTERRUPTED)
    return replace(state, view=view, choice=replace(choice, lapsed=True))


def _clicked(state: OfferState, accepted: bool) -> OfferState:
    """Apply a click to a visible offer; while loading or hidden a click has no effect."""
    view = state.view
    if not isinstance(view, Shown | Reconfirm):
        return state
    if isinstance(view, Shown) and view.accepted == accepted:
        return state
    choice = Agreed(view.offer) if accepted else Declined()
    return replace(state, view=Shown(view.offer, accepted), choice=choice)


def _hidden(state: OfferState, hidden: Hidden) -> OfferState:
    """An ineligible cart resets a yes; a failure makes it lapse. A no stays a no, or a default
    could overrule it later."""
    choice = state.choice
    if isinstance(choice, Agreed):
        choice = Undecided() if hidden.decided else replace(choice, lapsed=True)
    return replace(state, view=hidden, choice=choice)

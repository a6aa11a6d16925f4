"""The answer of an analysis, parsed once; no later code validates it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orderguard.domain.configuration.configuration import ChargeMethod, ChargeProduct
from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.errors import Malformed
from orderguard.domain.ids import SessionId
from orderguard.domain.money import Money, parse_currency
from orderguard.domain.offers.offer import ChargeInstructions


@dataclass(frozen=True, slots=True)
class Offer:
    """The terms the shopper may accept. Copy `mode` unchanged into the order."""

    session_id: SessionId
    mode: tuple[CoverageMode, ...]
    charge: ChargeInstructions


@dataclass(frozen=True, slots=True)
class Hidden:
    """No offer is shown. Checkout goes on without it.

    `decided` tells an eligibility reason from a failure (`timeout`, `network`, `http_500`,
    `malformed`, `unsendable`, `failed`): the first ends the shopper's acceptance, the second
    only interrupts it.
    """

    reason: str
    decided: bool = False
    session_id: SessionId | None = None


Answer = Offer | Hidden

MALFORMED = Hidden("malformed")


def answer_from_wire(body: object, cart_currency: str | None = None) -> Answer:
    """The offer in a 200 response, or `MALFORMED` when the response is not a valid offer.

    Unknown members are ignored, because the server may add some at any time. An unknown coverage
    mode is not: no shop has words that describe it truthfully. An offer in another currency than
    the cart's is not an offer for this cart.
    """
    try:
        return _answer(body, cart_currency)
    except (KeyError, TypeError, ValueError, Malformed):
        return MALFORMED


def keep_offer(offer: Offer) -> dict[str, Any]:
    """An accepted offer as JSON, to be kept with the cart, or compared with the browser's."""
    charge = offer.charge
    instructions: dict[str, Any] = {
        "amount": charge.amount.amount,
        "currencyCode": str(charge.amount.currency),
        "method": str(charge.method),
    }
    if charge.product:
        instructions["product"] = {"id": charge.product.id, "handle": charge.product.handle}
    return {
        "sessionId": str(offer.session_id),
        "mode": [str(mode) for mode in offer.mode],
        "chargeInstructions": instructions,
    }


def restore_offer(kept: object) -> Offer | None:
    """The offer from `keep_offer`, or from `acceptance` of the element; None if it is invalid.

    A value from a browser is only a claim: compare it with `Client.last_answer`.
    """
    try:
        return _terms(kept)
    except (KeyError, TypeError, ValueError, Malformed):
        return None


def known_session(text: object) -> SessionId | None:
    """The session id that a shop kept; None if it is not valid."""
    try:
        return SessionId.parse(text) if isinstance(text, str) else None
    except Malformed:
        return None


def _answer(body: Any, cart_currency: str | None) -> Answer:
    session = SessionId.parse(body["sessionId"])
    eligible, reason = body["eligible"], body["reason"]
    if not isinstance(eligible, bool) or not isinstance(reason, str):
        return MALFORMED
    # Any reason but "eligible" hides the offer, regardless of the other members.
    if not eligible or reason != "eligible":
        return Hidden(reason, decided=True, session_id=session)
    offer = _terms(body)
    if cart_currency is not None and offer.charge.amount.currency != cart_currency:
        return MALFORMED
    return offer


def _terms(body: Any) -> Offer:
    if not isinstance(body["mode"], list):
        raise Malformed("mode is not a list.")
    mode = tuple(CoverageMode(each) for each in body["mode"])
    if not mode:
        raise Malformed("mode is empty.")
    return Offer(SessionId.parse(body["sessionId"]), mode, _charge(body["chargeInstructions"]))


def _charge(instructions: Mapping[str, Any]) -> ChargeInstructions:
    amount, code = instructions["amount"], str(instructions["currencyCode"])
    currency = parse_currency(code)
    # `type`, because a bool is an int in Python. A currency code in lower case is refused, too.
    if type(amount) is not int or not 0 < amount < 2**53 or code != currency:
        raise Malformed("not a charge.")
    method = ChargeMethod(instructions["method"])
    product = None
    if method is ChargeMethod.PRODUCT_LINE_ITEM:
        named = instructions["product"]
        product = ChargeProduct(id=str(named["id"]), handle=str(named["handle"]))
    return ChargeInstructions(Money(amount, currency), method, product)

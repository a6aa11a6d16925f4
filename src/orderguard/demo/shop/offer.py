"""The stored answer of Orderguard for a cart: the only source of the fee."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from orderguard.client import Answer, Offer, SessionId


@dataclass(frozen=True, slots=True)
class Analysis:
    """One request to analyse a cart, and the answer to it."""

    request: dict[str, Any]
    answer: Answer

    @property
    def offer(self) -> Offer | None:
        """The offer; None when it must be hidden."""
        return self.answer if isinstance(self.answer, Offer) else None

    @property
    def session_id(self) -> SessionId | None:
        """The session id for the order, accepted or not; None without an answer."""
        return self.answer.session_id


def token_of(offer: Offer) -> str:
    """The token of an offer's terms, which the page sends back when the shopper accepts.

    The token is compared with the remembered offer, and never charged: a browser can only agree
    to the shop's price, not set one.
    """
    fee = offer.charge.amount
    return f"{offer.session_id} {fee.amount} {fee.currency} {'+'.join(offer.mode)}"

"""What Orderguard offered for a cart, as the shop remembers it: the only source of the fee."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from orderguard.client import Answer, Offer, SessionId


@dataclass(frozen=True, slots=True)
class Analysis:
    """One answer, and the request that it answers."""

    request: dict[str, Any]
    answer: Answer

    @property
    def offer(self) -> Offer | None:
        """None when the offer has to stay hidden."""
        return self.answer if isinstance(self.answer, Offer) else None

    @property
    def session_id(self) -> SessionId | None:
        """Goes on the order, accepted or not; None when nobody answered."""
        return self.answer.session_id


def token_of(offer: Offer) -> str:
    """What the page repeats when the shopper says yes, so that we know to what.

    It is compared with what we remember, and never charged: a browser can only agree to our
    price, not make one.
    """
    fee = offer.charge.amount
    return f"{offer.session_id} {fee.amount} {fee.currency} {'+'.join(offer.mode)}"

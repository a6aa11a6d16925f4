"""What Orderguard offered for a cart, as the shop remembers it: the only source of the fee."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from orderguard.domain.money import Money, parse_currency

RISE_TOLERATED_PERCENT = 10
"""By how much a price may rise before the shopper is asked again; the element has the same rule."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a shopper can say yes to. `modes` is the server's array, verbatim."""

    session_id: str
    modes: tuple[str, ...]
    fee: Money

    @property
    def token(self) -> str:
        """What the page repeats when the shopper says yes, so that we know to what.

        It is compared with what we remember, and never charged: a browser can only agree to our
        price, not make one.
        """
        return f"{self.session_id} {self.fee.amount} {self.fee.currency} {'+'.join(self.modes)}"

    def for_element(self) -> dict[str, Any]:
        """The form that the element restores an earlier acceptance from."""
        return {
            "sessionId": self.session_id,
            "mode": list(self.modes),
            "chargeInstructions": {
                "amount": self.fee.amount,
                "currencyCode": self.fee.currency,
                "method": "fee",
            },
        }

    def still_holds_for(self, agreed: Terms) -> bool:
        """Whether these terms are close enough to those agreed to that nobody need be asked."""
        return (
            set(self.modes) == set(agreed.modes)
            and self.fee.currency == agreed.fee.currency
            and self.fee.amount * 100 <= agreed.fee.amount * (100 + RISE_TOLERATED_PERCENT)
        )


@dataclass(frozen=True, slots=True)
class Analysis:
    """One answer for one request. `terms` is None when the offer has to stay hidden."""

    request: dict[str, Any]
    session_id: str
    reason: str
    terms: Terms | None

    @classmethod
    def of(cls, request: dict[str, Any], answer: dict[str, Any]) -> Analysis:
        """Read an answer. Raises `KeyError`, `TypeError` or a domain error if it is not one."""
        session_id = str(answer["sessionId"])
        terms = None
        if answer["eligible"]:
            charge = answer["chargeInstructions"]
            fee = Money(int(charge["amount"]), parse_currency(charge["currencyCode"]))
            # A fee in another currency than the cart's could not be added to it.
            if fee.amount > 0 and fee.currency == request["cart"]["currencyCode"]:
                terms = Terms(session_id, tuple(answer["mode"]), fee)
        return cls(request, session_id, str(answer["reason"]), terms)

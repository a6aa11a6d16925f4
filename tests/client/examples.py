"""Answers and offers that mention only what matters."""

from __future__ import annotations

from typing import Any

from orderguard.client import ChargeInstructions, CoverageMode, Money, Offer, SessionId
from orderguard.client.cart import Cart
from orderguard.domain.configuration.configuration import ChargeMethod
from orderguard.domain.coverage_mode import RETURN_COVERAGE, SHIPPING_PROTECTION
from orderguard.domain.money import parse_currency
from tests.support.wire import wire_cart

SESSION = SessionId("lop_a1b2c3d4e5f6g7h8i9j0")
OTHER_SESSION = SessionId("lop_00000000000000000000")
BOTH = (RETURN_COVERAGE, SHIPPING_PROTECTION)


def a_wire_cart(*lines: dict[str, Any], **changes: Any) -> Cart:
    cart: Any = wire_cart(*lines, **changes)
    return cart  # type: ignore[no-any-return]


def an_offer(
    amount: int = 4_98, mode: tuple[CoverageMode, ...] = BOTH, currency: str = "USD"
) -> Offer:
    charge = ChargeInstructions(Money(amount, parse_currency(currency)), ChargeMethod.FEE)
    return Offer(SESSION, mode, charge)


def an_answer(amount: Any = 4_98, **changes: Any) -> dict[str, Any]:
    """The answer of the server that makes `an_offer`."""
    answer: dict[str, Any] = {
        "sessionId": SESSION,
        "eligible": True,
        "reason": "eligible",
        "mode": ["returnCoverage", "shippingProtection"],
        "chargeInstructions": {"amount": amount, "currencyCode": "USD", "method": "fee"},
        "metadata": {"priceBreakdown": [], "sessionCreated": False, "analysisCount": 2},
    }
    return answer | changes


def a_refusal(reason: str = "cart_total_too_low") -> dict[str, Any]:
    return {
        "sessionId": SESSION,
        "eligible": False,
        "reason": reason,
        "chargeInstructions": None,
        "metadata": {},
    }

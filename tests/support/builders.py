"""Domain objects that mention only what matters to a test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orderguard.domain.cart import Cart, CartLine
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.configuration.reading import configuration_from_document
from orderguard.domain.configuration.rule import STEPS_AT_MOST, RuleFacts, RuleFailed
from orderguard.domain.coverage_mode import RETURN_COVERAGE, SHIPPING_PROTECTION
from orderguard.domain.ids import ConfigurationVersion
from orderguard.domain.money import USD
from orderguard.domain.region import Region

BOTH = (RETURN_COVERAGE, SHIPPING_PROTECTION)


def a_line(price: int = 50_00, **changes: Any) -> CartLine:
    """A line of one piece; `price` is its total, before and after discounts."""
    values: dict[str, Any] = {
        "id": "line-1",
        "product_id": "p-1",
        "quantity": 1,
        "total_price": price,
        "original_total_price": price,
        "title": "Lamp",
    }
    return CartLine(**(values | changes))


def a_cart(*lines: CartLine, **changes: Any) -> Cart:
    """A cart of these lines (a lamp when there are none), with totals that add up."""
    lines = lines or (a_line(),)
    original = sum(line.original_total_price for line in lines)
    total = sum(line.total_price for line in lines)
    values: dict[str, Any] = {
        "platform": "woocommerce",
        "region": Region("US"),
        "currency": USD,
        "lines": lines,
        "subtotal_amount": original,
        "total_discount_amount": original - total,
        "discounted_subtotal_amount": total,
        "total_tax_amount": 0,
        "total_amount": total,
        "item_count": sum(line.quantity for line in lines),
    }
    return Cart(**(values | changes))


def an_empty_cart(**changes: Any) -> Cart:
    return a_cart(**({"lines": (), "subtotal_amount": 0, "item_count": 0} | changes))


def a_document(**changes: Any) -> dict[str, Any]:
    """A configuration document: both modes in USD, 2.98 for returns and 2.00 for shipping."""
    document: dict[str, Any] = {
        "modes": ["returnCoverage", "shippingProtection"],
        "currencies": ["USD"],
        "pricing": {
            "returnCoverage": [{"base": {"USD": 2_98}}],
            "shippingProtection": [{"base": {"USD": 2_00}}],
        },
    }
    return document | changes


def a_configuration(**changes: Any) -> MerchantConfiguration:
    """The configuration of `a_document` with these changes."""
    return configuration_from_document(
        a_document(**changes), Phrases(), version=ConfigurationVersion(1)
    )


class Phrases:
    """A condition language for domain tests: `always`, `never`, `fails`, `costly`, `in control`.

    `endless` costs more than any decision may.
    """

    def rule_condition(self, source: str) -> Phrase:
        return Phrase(source)

    plan_condition = rule_condition


class Phrase:
    """One of the phrases."""

    def __init__(self, source: str) -> None:
        self.source = source

    def holds(self, facts: RuleFacts) -> bool:
        facts.spend(STEPS_AT_MOST + 1 if self.source == "endless" else 1, self.source)
        if self.source == "fails":
            raise RuleFailed(self.source, "as it was told to")
        answers: Mapping[str, bool] = {
            "always": True,
            "never": False,
            "costly": facts.basis >= 100_00,
            "in control": facts.cohort == "control",
        }
        return answers[self.source]

"""Explanations as people read them."""

from __future__ import annotations

import pytest

from orderguard.domain.cart import Customer
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.money import USD
from orderguard.domain.region import Region
from orderguard.domain.what_if.analysis_difference import Difference
from orderguard.domain.what_if.explanation import explain_offer
from orderguard.domain.what_if.explanation_words import (
    SHOWN_AT_MOST,
    compared_in_words,
    differences_in_words,
    price_steps,
    rules_in_words,
    value_in_words,
)
from tests.support.builders import a_cart, a_configuration, a_line

R = EligibilityReason


def told(reason: EligibilityReason, **configuration: object) -> str:
    explanation = explain_offer(a_cart(a_line(17_80)), a_configuration(**configuration))
    return next(
        compared_in_words(each.compared) for each in explanation.checks if each.reason is reason
    )


def test_limits_are_told_in_major_units() -> None:
    words = told(R.CART_TOTAL_TOO_LOW, limits={"USD": {"subtotal_minimum": 25_00}})

    assert (
        "subtotal 17.80 USD, subtotal minimum 25.00 USD, subtotal maximum none, currency USD"
        == words
    )


def test_rules_are_told_by_name_with_what_they_said() -> None:
    rules = [
        {"name": "no glass", "reject_when": "never"},
        {"name": "all", "reject_when": "always"},
        {"name": "broken", "reject_when": "fails"},
    ]

    assert (
        "rules “no glass” does not hold; “all” holds; “broken” failed: as it was told to"
        == told(R.ELIGIBILITY_RULE_NOT_MET, rules=rules)
    )
    assert "rules none" == told(R.ELIGIBILITY_RULE_NOT_MET)


def test_every_rule_is_told_with_its_verdict() -> None:
    rules = [
        {"name": "a", "reject_when": "always"},
        {"name": "b", "reject_when": "never"},
        {"name": "c", "reject_when": "fails"},
    ]

    told_of_them = rules_in_words(explain_offer(a_cart(), a_configuration(rules=rules)))

    assert [
        ("a", "holds", ""),
        ("b", "does not hold", ""),
        ("c", "failed", "as it was told to"),
    ] == told_of_them
    assert [] == rules_in_words(explain_offer(a_cart(), None))


def test_the_steps_of_a_price_say_how_they_came_about() -> None:
    configuration = a_configuration(
        pricing={
            "returnCoverage": [
                {"when": "costly", "per_item": {"USD": 25}},
                {"base": {"USD": 1_00}, "rate_bps": 150},
            ],
            "shippingProtection": [
                {"tiers": {"USD": [{"up_to": 100_00, "amount": 2_00}, {"amount": 3_00}]}}
            ],
        }
    )

    cheap, costly = (a_cart(a_line(price, quantity=2)) for price in (50_00, 150_00))

    assert [
        (
            "returnCoverage",
            "1.75 USD",
            [("base", "1.00 USD"), ("percentage: 1.50 % of 50.00 USD", "0.75 USD")],
        ),
        ("shippingProtection", "2.00 USD", [("tier for 50.00 USD", "2.00 USD")]),
    ] == price_steps(explain_offer(cheap, configuration))
    assert ("returnCoverage", "0.50 USD", [("adjustment: 2 times 0.25 USD", "0.50 USD")]) == (
        price_steps(explain_offer(costly, configuration))[0]
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "none"),
        ("", "none"),
        ((), "none"),
        (0, "0"),
        (True, "yes"),
        (False, "no"),
        (("a", "b"), "a, b"),
        (Region("US", "OH"), "US-OH"),
        (Customer(is_b2b=True), "is b2b yes, groups none"),
    ],
)
def test_values_are_told_as_people_would(value: object, words: str) -> None:
    assert words == value_in_words(value)


def test_long_values_are_cut() -> None:
    assert SHOWN_AT_MOST == len(value_in_words("long" * 200))


def test_what_changed_is_told_in_the_money_of_its_own_cart() -> None:
    found = [
        Difference("currency", "JPY", "USD"),
        Difference("subtotal amount", 5_000, 50_00),
        Difference("line 1 unit price", None, 50_00),
        Difference("item count", 1, 2),
    ]

    assert [
        ("currency", "JPY", "USD"),
        ("subtotal amount", "5000 JPY", "50.00 USD"),
        ("line 1 unit price", "none", "50.00 USD"),
        ("item count", "1", "2"),
    ] == differences_in_words(found, USD)

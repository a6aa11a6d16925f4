"""Why an offer is what it is, for people who ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orderguard.domain.cart import Cart, Customer, DeliveryMethod
from orderguard.domain.coverage_mode import RETURN_COVERAGE, SHIPPING_PROTECTION
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.money import EUR
from orderguard.domain.offers.offer import make_offer
from orderguard.domain.what_if.explanation import Explanation, LineVerdict, explain_offer
from tests.support.builders import BOTH, a_cart, a_configuration, a_line, an_empty_cart

R = EligibilityReason


def compared(explanation: Explanation, reason: EligibilityReason) -> Mapping[str, object]:
    return next(check.compared for check in explanation.checks if reason == check.reason)


def explain(cart: Cart, **configuration: Any) -> Explanation:
    return explain_offer(cart, a_configuration(**configuration))


def test_every_check_is_told_in_order_of_precedence() -> None:
    explanation = explain(a_cart())

    assert list(R)[:-2] == [check.reason for check in explanation.checks]
    assert all(check.passed for check in explanation.checks)


def test_checks_after_the_first_that_failed_are_told_too() -> None:
    explanation = explain(a_cart(locale="fr"), enabled=False, locales=["en"])

    failed = [check.reason for check in explanation.checks if not check.passed]

    assert [R.ORDER_PROTECTION_DISABLED, R.LOCALE_NOT_SUPPORTED] == failed


def test_an_empty_cart_can_be_explained() -> None:
    explanation = explain(an_empty_cart())

    assert (0, 0) == (explanation.basis, explanation.item_count)
    assert BOTH == tuple(price.mode for price in explanation.prices)


def test_without_a_configuration_that_is_the_whole_story() -> None:
    explanation = explain_offer(a_cart(), None)

    assert [(R.CONFIGURATION_MISSING, False)] == [(c.reason, c.passed) for c in explanation.checks]
    assert explanation.configuration is None


def test_the_configuration_is_part_of_the_story() -> None:
    configuration = a_configuration()

    explanation = explain_offer(a_cart(), configuration)

    assert configuration is explanation.configuration
    assert (R.CONFIGURATION_MISSING, True, {}) == (
        explanation.checks[0].reason,
        explanation.checks[0].passed,
        explanation.checks[0].compared,
    )


def test_the_limits_show_what_they_compared() -> None:
    explanation = explain(
        a_cart(), limits={"USD": {"subtotal_minimum": 10_00, "subtotal_maximum": 500_00}}
    )

    expected = {
        "subtotal": 50_00,
        "subtotal_minimum": 10_00,
        "subtotal_maximum": 500_00,
        "currency": "USD",
    }
    assert expected == compared(explanation, R.CART_TOTAL_TOO_LOW)
    assert expected == compared(explanation, R.CART_TOO_VALUABLE)


def test_the_lines_are_counted_by_kind() -> None:
    explanation = explain(
        a_cart(a_line(), a_line(), a_line(sku="gc"), a_line(product_id="cov")),
        exclusions=[{"sku": "gc"}],
        coverage_products=[{"product_id": "cov"}],
    )

    expected = {
        "lines": 4,
        "coverage_lines": 1,
        "excluded_lines": 1,
        "excluded_item_policy": "ignore_items",
    }
    for reason in (
        R.CART_ONLY_HAS_COVERAGE_PRODUCTS,
        R.CART_ONLY_HAS_EXCLUDED_PRODUCTS,
        R.CART_HAS_EXCLUDED_PRODUCT,
    ):
        assert expected == compared(explanation, reason)
    assert {"lines": 4} == compared(explanation, R.EMPTY_CART)


def test_delivery_shows_the_modes_it_left() -> None:
    explanation = explain(a_cart(delivery_methods=(DeliveryMethod.PICKUP,)))

    expected = {
        "delivery_methods": ["PICKUP"],
        "pickup_policy": "drop_shipping_protection",
        "configured_modes": ["returnCoverage", "shippingProtection"],
        "remaining_modes": ["returnCoverage"],
    }
    assert expected == compared(explanation, R.PICKUP_DELIVERY_SELECTED)


def test_the_currency_shows_which_modes_have_a_price_in_it() -> None:
    explanation = explain(
        a_cart(),
        currencies=["USD", "EUR"],
        pricing={
            "returnCoverage": [{"base": {"USD": 1}}],
            "shippingProtection": [{"base": {"EUR": 1}}],
        },
    )

    expected = {
        "currency": "USD",
        "currencies": ["EUR", "USD"],
        "priced_modes": ["returnCoverage"],
    }
    assert expected == compared(explanation, R.CURRENCY_NOT_SUPPORTED)


def test_the_other_checks_show_cart_and_configuration_side_by_side() -> None:
    cart = a_cart(customer=Customer(is_b2b=True), locale="en-GB")

    explanation = explain(cart, exclude_b2b=True, locales=["en"])

    assert {"enabled": True} == compared(explanation, R.ORDER_PROTECTION_DISABLED)
    assert {"is_b2b": True, "exclude_b2b": True} == compared(explanation, R.B2B_CUSTOMER_EXCLUDED)
    assert {"locale": "en-GB", "locales": ["en"]} == compared(explanation, R.LOCALE_NOT_SUPPORTED)


def test_every_rule_is_told_with_its_answer() -> None:
    rules = [{"name": f"r {phrase}", "reject_when": phrase} for phrase in ("always", "fails")]

    explanation = explain(a_cart(), rules=rules)

    expected = {
        "rules": [
            {"name": "r always", "holds": True, "failed": None},
            {"name": "r fails", "holds": False, "failed": "as it was told to"},
        ]
    }
    assert expected == compared(explanation, R.RULE_EVALUATION_ERROR)
    assert expected == compared(explanation, R.ELIGIBILITY_RULE_NOT_MET)


def test_a_rule_is_not_blamed_for_what_the_currency_left_nothing_to_drop() -> None:
    rule = {"name": "no returns", "reject_when": "always", "drop_mode": "returnCoverage"}

    explanation = explain(a_cart(currency=EUR), currencies=["USD", "EUR"], rules=[rule])

    failed = [check.reason for check in explanation.checks if not check.passed]
    assert [R.CURRENCY_NOT_SUPPORTED] == failed


def test_lines_that_are_not_covered_are_named_with_the_cause() -> None:
    explanation = explain(
        a_cart(a_line(), a_line(id="g", sku="GC-25"), a_line(id="f", product_id="cov")),
        exclusions=[{"vendor": "x"}, {"sku": "gc-*"}],
        coverage_products=[{"product_id": "cov"}],
    )

    assert (LineVerdict("g", "sku = gc-*"),) == explanation.excluded_lines
    assert (LineVerdict("f", "product_id = cov"),) == explanation.coverage_lines


def test_the_prices_told_are_the_prices_offered() -> None:
    cart, configuration = a_cart(a_line(quantity=2)), a_configuration()

    explanation = explain_offer(cart, configuration)

    assert make_offer(cart, configuration).prices == explanation.prices
    assert (50_00, 2) == (explanation.basis, explanation.item_count)


def test_prices_by_the_piece_are_told_too() -> None:
    plan = {"per_item": {"USD": 50}}

    explanation = explain(
        a_cart(a_line(quantity=3)),
        pricing={"returnCoverage": [plan], "shippingProtection": [plan]},
    )

    assert [1_50, 1_50] == [price.price.amount for price in explanation.prices]


def test_a_hidden_offer_is_priced_all_the_same() -> None:
    assert BOTH == tuple(price.mode for price in explain(a_cart(), enabled=False).prices)


def test_modes_without_a_plan_that_applies_are_named() -> None:
    explanation = explain(
        a_cart(),
        pricing={
            "returnCoverage": [{"when": "never", "base": {"USD": 1}}],
            "shippingProtection": [{"base": {"USD": 1}}],
        },
    )

    assert (RETURN_COVERAGE,) == explanation.unpriced
    assert [SHIPPING_PROTECTION] == [price.mode for price in explanation.prices]
    assert explanation.failure is None


def test_a_plan_that_throws_is_told_and_ends_the_pricing() -> None:
    explanation = explain(
        a_cart(),
        pricing={
            "returnCoverage": [{"base": {"USD": 1}}],
            "shippingProtection": [{"when": "fails", "base": {"USD": 1}}],
        },
    )

    assert explanation.failure is not None
    assert "as it was told to" == explanation.failure.why
    assert [RETURN_COVERAGE] == [price.mode for price in explanation.prices]


EXPERIMENT = {
    "key": "holdout",
    "status": "running",
    "arms": [
        {"name": "control", "weight": 1, "suppress": True},
        {"name": "offered", "weight": 1},
    ],
}


def test_the_control_group_is_told_last() -> None:
    explanation = explain_offer(
        a_cart(), a_configuration(experiments=[EXPERIMENT]), cohort="control"
    )

    last = explanation.checks[-1]

    assert (R.AB_TEST_CONTROL_GROUP, False) == (last.reason, last.passed)
    assert {"experiment": "holdout", "cohort": "control"} == last.compared


def test_the_other_arms_pass() -> None:
    explanation = explain_offer(
        a_cart(), a_configuration(experiments=[EXPERIMENT]), cohort="offered"
    )

    assert explanation.checks[-1].passed
    assert "offered" == explanation.cohort


def test_without_a_running_experiment_there_is_no_control_group() -> None:
    explanation = explain_offer(
        a_cart(), a_configuration(experiments=[EXPERIMENT | {"status": "stopped"}])
    )

    assert explanation.checks[-1].passed
    assert {"experiment": None, "cohort": None} == explanation.checks[-1].compared


def test_plans_are_told_for_the_cohort() -> None:
    explanation = explain_offer(
        a_cart(),
        a_configuration(
            modes=["returnCoverage"],
            pricing={
                "returnCoverage": [
                    {"when": "in control", "base": {"USD": 1}},
                    {"base": {"USD": 2}},
                ]
            },
        ),
        cohort="control",
    )

    assert [1] == [price.price.amount for price in explanation.prices]

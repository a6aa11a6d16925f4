"""The outcome of an analysis: what is offered, and for how much."""

from __future__ import annotations

from typing import Any

import pytest

from orderguard.domain.configuration.configuration import ChargeMethod, ChargeProduct
from orderguard.domain.configuration.experiment import Arm
from orderguard.domain.coverage_mode import RETURN_COVERAGE, SHIPPING_PROTECTION
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.money import EUR, USD, Money
from orderguard.domain.offers.offer import SYSTEM_ERROR, ChargeInstructions, Offer, make_offer
from tests.support.builders import BOTH, a_cart, a_configuration, a_line

CONTROL = Arm("control", 10, suppress=True)
OFFERED = Arm("offered", 90)


def prices(returns: list[dict[str, Any]], shipping: list[dict[str, Any]]) -> dict[str, Any]:
    return {"pricing": {"returnCoverage": returns, "shippingProtection": shipping}}


def test_an_eligible_cart_is_offered_both_modes_at_the_sum_of_their_prices() -> None:
    offer = make_offer(a_cart(), a_configuration())

    assert offer.eligible
    assert EligibilityReason.ELIGIBLE == offer.reason
    assert ChargeInstructions(Money(4_98, USD), ChargeMethod.FEE, None) == offer.charge
    assert BOTH == offer.modes
    assert [2_98, 2_00] == [price.price.amount for price in offer.prices]


def test_an_ineligible_cart_is_charged_nothing() -> None:
    offer = make_offer(a_cart(), a_configuration(enabled=False))

    assert Offer(EligibilityReason.ORDER_PROTECTION_DISABLED) == offer
    assert not offer.eligible
    assert () == offer.modes


def test_without_a_configuration_there_is_no_offer() -> None:
    assert Offer(EligibilityReason.CONFIGURATION_MISSING) == make_offer(a_cart(), None)


def test_the_charge_may_be_a_product_of_the_platform() -> None:
    configuration = a_configuration(
        charge_method="product_line_item", charge_product={"id": "7", "handle": "protection"}
    )

    offer = make_offer(a_cart(), configuration)

    expected = ChargeInstructions(
        Money(4_98, USD), ChargeMethod.PRODUCT_LINE_ITEM, ChargeProduct("7", "protection")
    )
    assert expected == offer.charge


def test_one_mode_is_charged_by_itself() -> None:
    offer = make_offer(a_cart(), a_configuration(modes=["shippingProtection"]))

    assert (SHIPPING_PROTECTION,) == offer.modes
    assert offer.charge is not None
    assert Money(2_00, USD) == offer.charge.amount


def test_the_charge_is_in_the_currency_of_the_cart() -> None:
    configuration = a_configuration(
        currencies=["EUR"], **prices([{"base": {"EUR": 1}}], [{"base": {"EUR": 2}}])
    )

    offer = make_offer(a_cart(currency=EUR), configuration)

    assert offer.charge is not None
    assert Money(3, EUR) == offer.charge.amount


def test_a_mode_of_which_no_plan_applies_is_not_offered() -> None:
    configuration = a_configuration(
        **prices([{"when": "never", "base": {"USD": 2_98}}], [{"base": {"USD": 2_00}}])
    )

    assert (SHIPPING_PROTECTION,) == make_offer(a_cart(), configuration).modes


def test_when_no_plan_of_any_mode_applies_the_rules_were_not_met() -> None:
    plan = {"when": "never", "base": {"USD": 2_98}}

    offer = make_offer(a_cart(), a_configuration(**prices([plan], [plan])))

    assert Offer(EligibilityReason.ELIGIBILITY_RULE_NOT_MET) == offer


def test_an_offer_that_comes_to_nothing_is_not_made() -> None:
    configuration = a_configuration(**prices([{"rate_bps": 100}], [{"rate_bps": 100}]))

    offer = make_offer(a_cart(a_line(0)), configuration)

    assert Offer(EligibilityReason.CART_TOTAL_TOO_LOW) == offer


def test_a_mode_that_is_free_is_offered_beside_one_that_is_not() -> None:
    configuration = a_configuration(**prices([{"base": {"USD": 0}}], [{"base": {"USD": 2_00}}]))

    offer = make_offer(a_cart(), configuration)

    assert BOTH == offer.modes
    assert offer.charge is not None
    assert Money(2_00, USD) == offer.charge.amount


def test_a_plan_that_throws_hides_the_offer_and_is_named() -> None:
    configuration = a_configuration(
        **prices([{"when": "fails", "base": {"USD": 1}}], [{"base": {"USD": 1}}])
    )

    offer = make_offer(a_cart(), configuration)

    assert EligibilityReason.RULE_EVALUATION_ERROR == offer.reason
    assert ["as it was told to"] == [failure.why for failure in offer.rule_failures]


def test_a_rule_that_throws_hides_the_offer_and_is_named() -> None:
    configuration = a_configuration(rules=[{"name": "broken", "reject_when": "fails"}])

    offer = make_offer(a_cart(), configuration)

    assert EligibilityReason.RULE_EVALUATION_ERROR == offer.reason
    assert ["broken"] == [failure.rule for failure in offer.rule_failures]


def test_the_control_group_sees_no_offer() -> None:
    offer = make_offer(a_cart(), a_configuration(), CONTROL)

    assert Offer(EligibilityReason.AB_TEST_CONTROL_GROUP, cohort="control") == offer


def test_the_other_arms_see_the_usual_offer_and_are_counted() -> None:
    offer = make_offer(a_cart(), a_configuration(), OFFERED)

    usual = make_offer(a_cart(), a_configuration())
    assert (usual.charge, "offered", None) == (offer.charge, offer.cohort, usual.cohort)


@pytest.mark.parametrize("arm", [CONTROL, OFFERED])
def test_a_cart_that_is_not_eligible_anyway_takes_part_in_no_experiment(arm: Arm) -> None:
    offer = make_offer(a_cart(), a_configuration(enabled=False), arm)

    assert Offer(EligibilityReason.ORDER_PROTECTION_DISABLED, cohort=None) == offer


@pytest.mark.parametrize("plan", [{"when": "never", "base": {"USD": 1}}, {"base": {"USD": 0}}])
def test_a_cart_without_a_price_takes_part_in_no_experiment(plan: dict[str, Any]) -> None:
    offer = make_offer(a_cart(), a_configuration(**prices([plan], [plan])), CONTROL)

    assert EligibilityReason.AB_TEST_CONTROL_GROUP != offer.reason
    assert offer.cohort is None


def test_an_arm_may_have_its_own_price() -> None:
    configuration = a_configuration(
        modes=["returnCoverage"],
        **prices([{"when": "in control", "base": {"USD": 1_98}}, {"base": {"USD": 2_98}}], []),
    )

    amounts = [
        offer.charge and offer.charge.amount.amount
        for arm in (Arm("control", 1), Arm("other", 1), None)
        if (offer := make_offer(a_cart(), configuration, arm))
    ]

    assert [1_98, 2_98, 2_98] == amounts


def test_a_plan_sees_the_basis_of_the_cart() -> None:
    configuration = a_configuration(
        modes=["returnCoverage"],
        **prices([{"when": "costly", "base": {"USD": 4_98}}, {"base": {"USD": 2_98}}], []),
    )

    amounts = [
        make_offer(a_cart(a_line(150_00), discounted_subtotal_amount=subtotal), configuration)
        .prices[0]
        .price.amount
        for subtotal in (99_99, 100_00)
    ]

    assert [2_98, 4_98] == amounts


def test_pieces_of_excluded_lines_are_not_paid_for() -> None:
    configuration = a_configuration(
        modes=["returnCoverage"],
        exclusions=[{"sku": "GC"}],
        **prices([{"per_item": {"USD": 50}}], []),
    )

    offer = make_offer(a_cart(a_line(quantity=3), a_line(sku="gc", quantity=9)), configuration)

    assert [(RETURN_COVERAGE, 1_50)] == [(p.mode, p.price.amount) for p in offer.prices]


def test_failing_to_decide_costs_the_shopper_the_offer_only() -> None:
    assert EligibilityReason.SYSTEM_ERROR == SYSTEM_ERROR.reason
    assert not SYSTEM_ERROR.eligible

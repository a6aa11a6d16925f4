"""Whether a cart may be offered protection, and in which modes (contract §4)."""

from __future__ import annotations

from typing import Any

import pytest

from orderguard.domain.cart import Cart, Customer, DeliveryMethod
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.coverage_mode import (
    RETURN_COVERAGE,
    SHIPPING_PROTECTION,
    CoverageMode,
)
from orderguard.domain.eligibility_reason import REASONS_A_RULE_MAY_GIVE, EligibilityReason
from orderguard.domain.money import EUR, JPY
from orderguard.domain.offers.eligibility import (
    Eligible,
    Ineligible,
    Inspection,
    decide_eligibility,
)
from orderguard.domain.region import Region
from tests.support.builders import BOTH, a_cart, a_configuration, a_line, an_empty_cart

R = EligibilityReason
PICKUP = (DeliveryMethod.PICKUP,)
A_GIFT_CARD = a_line(25_00, id="gift", sku="GC-25")
THE_FEE = a_line(4_98, id="fee", product_id="cov-1")
EXCLUDED = [{"sku": "GC-*"}]
COVERAGE = [{"product_id": "cov-1"}]


def reason(cart: Cart, configuration: MerchantConfiguration | None) -> EligibilityReason:
    decided = decide_eligibility(cart, configuration)
    return decided.reason if isinstance(decided, Ineligible) else R.ELIGIBLE


def modes(cart: Cart, configuration: MerchantConfiguration) -> tuple[CoverageMode, ...]:
    decided = decide_eligibility(cart, configuration)
    assert isinstance(decided, Eligible), decided
    return decided.modes


def a_rule(phrase: str, **changes: Any) -> dict[str, Any]:
    return {"name": f"rule {phrase}", "reject_when": phrase} | changes


def test_an_ordinary_cart_is_eligible_for_both_modes() -> None:
    assert Eligible(BOTH) == decide_eligibility(a_cart(), a_configuration())


def test_modes_are_in_canonical_order_whatever_the_document_says() -> None:
    configuration = a_configuration(modes=["shippingProtection", "returnCoverage"])

    assert BOTH == modes(a_cart(), configuration)


def test_without_a_published_configuration_nothing_is_offered() -> None:
    assert R.CONFIGURATION_MISSING == reason(a_cart(), None)


def test_a_merchant_who_is_switched_off_offers_nothing() -> None:
    assert R.ORDER_PROTECTION_DISABLED == reason(a_cart(), a_configuration(enabled=False))


def test_an_empty_cart_is_not_eligible() -> None:
    assert R.EMPTY_CART == reason(an_empty_cart(), a_configuration())


def test_a_cart_of_nothing_but_the_fee_is_not_eligible() -> None:
    configuration = a_configuration(coverage_products=COVERAGE)

    assert R.CART_ONLY_HAS_COVERAGE_PRODUCTS == reason(a_cart(THE_FEE), configuration)


def test_a_cart_of_nothing_but_excluded_products_is_not_eligible() -> None:
    configuration = a_configuration(exclusions=EXCLUDED)

    assert R.CART_ONLY_HAS_EXCLUDED_PRODUCTS == reason(a_cart(A_GIFT_CARD), configuration)


def test_the_fee_beside_excluded_products_makes_no_difference() -> None:
    configuration = a_configuration(exclusions=EXCLUDED, coverage_products=COVERAGE)

    expected = R.CART_ONLY_HAS_EXCLUDED_PRODUCTS
    assert expected == reason(a_cart(THE_FEE, A_GIFT_CARD), configuration)


def test_a_coverage_product_is_no_excluded_product_even_if_an_exclusion_names_it() -> None:
    configuration = a_configuration(
        exclusions=COVERAGE, coverage_products=COVERAGE, excluded_item_policy="reject_cart"
    )

    assert R.ELIGIBLE == reason(a_cart(THE_FEE, a_line()), configuration)


def test_an_excluded_product_among_others_is_ignored() -> None:
    configuration = a_configuration(exclusions=EXCLUDED)

    assert R.ELIGIBLE == reason(a_cart(A_GIFT_CARD, a_line()), configuration)


def test_an_excluded_product_among_others_rejects_the_cart_when_the_merchant_wants_so() -> None:
    configuration = a_configuration(exclusions=EXCLUDED, excluded_item_policy="reject_cart")

    assert R.CART_HAS_EXCLUDED_PRODUCT == reason(a_cart(A_GIFT_CARD, a_line()), configuration)


def test_a_cart_without_excluded_products_passes_the_strict_policy() -> None:
    configuration = a_configuration(exclusions=EXCLUDED, excluded_item_policy="reject_cart")

    assert R.ELIGIBLE == reason(a_cart(), configuration)


@pytest.mark.parametrize(
    ("is_b2b", "exclude_b2b", "expected"),
    [
        (True, True, R.B2B_CUSTOMER_EXCLUDED),
        (True, False, R.ELIGIBLE),
        (False, True, R.ELIGIBLE),
        (False, False, R.ELIGIBLE),
    ],
)
def test_business_customers_are_excluded_only_on_request(
    is_b2b: bool, exclude_b2b: bool, expected: EligibilityReason
) -> None:
    cart = a_cart(customer=Customer(is_b2b=is_b2b))

    assert expected == reason(cart, a_configuration(exclude_b2b=exclude_b2b))


@pytest.mark.parametrize("method", [DeliveryMethod.PICKUP, DeliveryMethod.LOCAL_DELIVERY])
def test_pickup_drops_shipping_protection_and_keeps_return_coverage(
    method: DeliveryMethod,
) -> None:
    cart = a_cart(delivery_methods=(DeliveryMethod.SHIPPING, method))

    assert (RETURN_COVERAGE,) == modes(cart, a_configuration())


def test_pickup_leaves_nothing_for_a_merchant_who_only_offers_shipping_protection() -> None:
    configuration = a_configuration(modes=["shippingProtection"])

    assert R.PICKUP_DELIVERY_SELECTED == reason(a_cart(delivery_methods=PICKUP), configuration)


def test_pickup_rejects_the_cart_when_the_merchant_wants_so() -> None:
    configuration = a_configuration(pickup_policy="reject_cart")

    assert R.PICKUP_DELIVERY_SELECTED == reason(a_cart(delivery_methods=PICKUP), configuration)


def test_pickup_never_disqualifies_a_merchant_who_only_offers_return_coverage() -> None:
    configuration = a_configuration(modes=["returnCoverage"], pickup_policy="reject_cart")

    assert (RETURN_COVERAGE,) == modes(a_cart(delivery_methods=PICKUP), configuration)


def test_a_shipped_cart_passes_the_strict_pickup_policy() -> None:
    cart = a_cart(delivery_methods=(DeliveryMethod.SHIPPING,))

    assert BOTH == modes(cart, a_configuration(pickup_policy="reject_cart"))


def test_digital_delivery_stays_eligible_for_both_modes() -> None:
    assert BOTH == modes(a_cart(delivery_methods=(DeliveryMethod.DIGITAL,)), a_configuration())


def test_a_currency_that_is_not_listed_is_not_supported() -> None:
    configuration = a_configuration(
        pricing={"returnCoverage": [{"rate_bps": 1}], "shippingProtection": [{"rate_bps": 1}]}
    )

    assert R.CURRENCY_NOT_SUPPORTED == reason(a_cart(currency=EUR), configuration)


def test_a_listed_currency_without_any_price_is_not_supported() -> None:
    configuration = a_configuration(currencies=["USD", "EUR"])

    assert R.CURRENCY_NOT_SUPPORTED == reason(a_cart(currency=EUR), configuration)


def test_a_mode_without_a_price_in_the_currency_is_left_out() -> None:
    configuration = a_configuration(
        currencies=["USD", "EUR"],
        pricing={
            "returnCoverage": [{"base": {"USD": 2_98}}],
            "shippingProtection": [{"base": {"USD": 2_00, "EUR": 1_90}}],
        },
    )

    assert (SHIPPING_PROTECTION,) == modes(a_cart(currency=EUR), configuration)


def test_a_price_of_a_mode_that_pickup_removed_does_not_help() -> None:
    configuration = a_configuration(
        currencies=["USD", "EUR"],
        pricing={
            "returnCoverage": [{"base": {"USD": 2_98}}],
            "shippingProtection": [{"base": {"USD": 2_00, "EUR": 1_90}}],
        },
    )
    cart = a_cart(currency=EUR, delivery_methods=PICKUP)

    assert R.CURRENCY_NOT_SUPPORTED == reason(cart, configuration)


LIMITS = {"USD": {"subtotal_minimum": 10_00, "subtotal_maximum": 500_00}}


@pytest.mark.parametrize(
    ("subtotal", "expected"),
    [
        (9_99, R.CART_TOTAL_TOO_LOW),
        (10_00, R.ELIGIBLE),
        (10_01, R.ELIGIBLE),
        (499_99, R.ELIGIBLE),
        (500_00, R.ELIGIBLE),
        (500_01, R.CART_TOO_VALUABLE),
    ],
)
def test_a_cart_exactly_on_a_limit_is_within_it(subtotal: int, expected: EligibilityReason) -> None:
    cart = a_cart(a_line(1), subtotal_amount=subtotal)

    assert expected == reason(cart, a_configuration(limits=LIMITS))


def test_a_minimum_alone_sets_no_maximum() -> None:
    configuration = a_configuration(limits={"USD": {"subtotal_minimum": 10_00}})

    assert R.ELIGIBLE == reason(a_cart(a_line(10**12)), configuration)


def test_a_maximum_alone_sets_no_minimum() -> None:
    configuration = a_configuration(limits={"USD": {"subtotal_maximum": 10_00}})

    assert R.ELIGIBLE == reason(a_cart(a_line(0)), configuration)


def test_limits_of_another_currency_do_not_count() -> None:
    configuration = a_configuration(limits={"JPY": {"subtotal_minimum": 10**6}})

    assert R.ELIGIBLE == reason(a_cart(), configuration)


@pytest.mark.parametrize("total", [0, 10**12])
def test_the_limits_look_at_neither_total_nor_tax(total: int) -> None:
    cart = a_cart(a_line(50_00), total_amount=total, total_tax_amount=total)

    assert R.ELIGIBLE == reason(cart, a_configuration(limits=LIMITS))


@pytest.mark.parametrize(
    ("basis", "expected"), [("subtotal", 50_00), ("discounted_subtotal", 38_00)]
)
def test_the_limits_are_compared_with_the_subtotal_the_merchant_chose(
    basis: str, expected: int
) -> None:
    cart = a_cart(a_line(40_00, original_total_price=50_00), discounted_subtotal_amount=38_00)

    assert expected == Inspection(cart, a_configuration(limits_basis=basis)).limits_subtotal


@pytest.mark.parametrize(
    ("basis", "expected"), [("subtotal", 50_00), ("discounted_subtotal", 40_00)]
)
def test_the_fee_in_the_cart_is_no_part_of_what_the_limits_see(basis: str, expected: int) -> None:
    fee = a_line(4_00, product_id="cov-1", original_total_price=5_00)
    cart = a_cart(a_line(40_00, original_total_price=50_00), fee)
    configuration = a_configuration(limits_basis=basis, coverage_products=COVERAGE)

    assert expected == Inspection(cart, configuration).limits_subtotal


@pytest.mark.parametrize("basis", ["subtotal", "discounted_subtotal"])
def test_a_subtotal_that_leaves_the_fee_out_is_not_taken_below_nothing(basis: str) -> None:
    cart = a_cart(a_line(), THE_FEE, subtotal_amount=1_00, discounted_subtotal_amount=1_00)
    configuration = a_configuration(limits_basis=basis, coverage_products=COVERAGE)

    assert 0 == Inspection(cart, configuration).limits_subtotal


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        (None, R.ELIGIBLE),
        ("en", R.ELIGIBLE),
        ("en-GB", R.ELIGIBLE),
        ("de-DE", R.LOCALE_NOT_SUPPORTED),
    ],
)
def test_a_locale_must_be_supported_if_one_is_sent(
    locale: str | None, expected: EligibilityReason
) -> None:
    assert expected == reason(a_cart(locale=locale), a_configuration(locales=["en"]))


def test_a_rule_that_says_yes_rejects_the_cart() -> None:
    configuration = a_configuration(rules=[a_rule("never"), a_rule("always")])

    assert R.ELIGIBILITY_RULE_NOT_MET == reason(a_cart(), configuration)


def test_a_rule_that_says_no_lets_the_cart_pass() -> None:
    assert BOTH == modes(a_cart(), a_configuration(rules=[a_rule("never")]))


@pytest.mark.parametrize("given", REASONS_A_RULE_MAY_GIVE)
def test_a_rule_may_give_a_documented_reason(given: EligibilityReason) -> None:
    assert given == reason(a_cart(), a_configuration(rules=[a_rule("always", reason=given)]))


def test_the_first_rule_that_rejects_gives_the_reason() -> None:
    configuration = a_configuration(
        rules=[
            a_rule("never", reason="cart_total_too_low"),
            a_rule("always", reason="cart_too_valuable"),
            a_rule("costly", reason="locale_not_supported"),
        ]
    )

    assert R.CART_TOO_VALUABLE == reason(a_cart(a_line(200_00)), configuration)


def test_the_reason_of_a_rule_never_replaces_one_that_comes_first() -> None:
    configuration = a_configuration(
        locales=["en"], rules=[a_rule("always", reason="cart_too_valuable")]
    )

    assert R.LOCALE_NOT_SUPPORTED == reason(a_cart(locale="fr"), configuration)


def test_a_rule_may_drop_a_mode() -> None:
    configuration = a_configuration(rules=[a_rule("always", drop_mode="shippingProtection")])

    assert (RETURN_COVERAGE,) == modes(a_cart(), configuration)


def test_a_rule_that_says_no_drops_nothing() -> None:
    configuration = a_configuration(rules=[a_rule("never", drop_mode="shippingProtection")])

    assert BOTH == modes(a_cart(), configuration)


def a_dropping_rule(mode: str, given: str | None = None, name: str = "") -> dict[str, Any]:
    rule = {"name": f"{name or mode}", "reject_when": "always", "drop_mode": mode}
    return rule | ({"reason": given} if given else {})


def test_rules_that_drop_every_mode_reject_the_cart() -> None:
    configuration = a_configuration(
        rules=[a_dropping_rule("returnCoverage"), a_dropping_rule("shippingProtection")]
    )

    assert R.ELIGIBILITY_RULE_NOT_MET == reason(a_cart(), configuration)


def test_the_rule_that_drops_the_last_mode_gives_the_reason() -> None:
    configuration = a_configuration(
        rules=[
            a_dropping_rule("returnCoverage", "cart_total_too_low"),
            a_dropping_rule("shippingProtection", "cart_too_valuable"),
            a_dropping_rule("returnCoverage", "locale_not_supported", name="again"),
        ]
    )

    assert R.CART_TOO_VALUABLE == reason(a_cart(), configuration)


def test_a_rule_that_drops_what_pickup_removed_is_not_the_cause() -> None:
    configuration = a_configuration(
        rules=[
            a_dropping_rule("returnCoverage", "cart_too_valuable"),
            a_dropping_rule("shippingProtection", "locale_not_supported"),
        ]
    )

    assert R.CART_TOO_VALUABLE == reason(a_cart(delivery_methods=PICKUP), configuration)


def test_a_rule_that_rejects_outranks_those_that_drop() -> None:
    configuration = a_configuration(
        rules=[
            a_dropping_rule("returnCoverage", "cart_too_valuable"),
            a_dropping_rule("shippingProtection", "cart_too_valuable"),
            a_rule("always", reason="cart_total_too_low"),
        ]
    )

    assert R.CART_TOTAL_TOO_LOW == reason(a_cart(), configuration)


def test_a_rule_that_rejects_outranks_those_that_leave_a_mode() -> None:
    configuration = a_configuration(
        rules=[a_dropping_rule("returnCoverage"), a_rule("always", reason="cart_total_too_low")]
    )

    assert R.CART_TOTAL_TOO_LOW == reason(a_cart(), configuration)


@pytest.mark.parametrize("drop_mode", [{}, {"drop_mode": "shippingProtection"}])
def test_a_rule_that_throws_hides_the_offer_and_is_named(drop_mode: dict[str, str]) -> None:
    configuration = a_configuration(rules=[a_rule("always"), a_rule("fails", **drop_mode)])

    decided = decide_eligibility(a_cart(), configuration)

    assert isinstance(decided, Ineligible)
    assert R.RULE_EVALUATION_ERROR == decided.reason
    assert ["rule fails"] == [failure.rule for failure in decided.rule_failures]


def test_a_rule_that_rejects_is_no_failure() -> None:
    decided = decide_eligibility(a_cart(), a_configuration(rules=[a_rule("always")]))

    assert isinstance(decided, Ineligible)
    assert () == decided.rule_failures


def test_the_basis_is_the_sum_of_the_coverable_lines() -> None:
    cart = a_cart(a_line(30_00), a_line(20_00, original_total_price=90_00), A_GIFT_CARD, THE_FEE)
    configuration = a_configuration(exclusions=EXCLUDED, coverage_products=COVERAGE)

    assert 50_00 == Inspection(cart, configuration).basis


def test_the_basis_never_exceeds_the_discounted_subtotal() -> None:
    cart = a_cart(a_line(50_00), discounted_subtotal_amount=45_00)

    assert 45_00 == Inspection(cart, a_configuration()).basis


def test_pieces_are_counted_on_coverable_lines_only() -> None:
    cart = a_cart(
        a_line(quantity=2), a_line(quantity=3), a_line(sku="GC-1", quantity=10), item_count=99
    )

    assert 5 == Inspection(cart, a_configuration(exclusions=EXCLUDED)).item_count


def test_reasons_surface_in_precedence_order() -> None:
    # Given one hopeless cart and configuration
    cart: dict[str, Any] = {
        "lines": (),
        "subtotal_amount": 0,
        "customer": Customer(is_b2b=True),
        "delivery_methods": PICKUP,
        "currency": JPY,
        "locale": "fr",
        "region": Region("US"),
    }
    configuration: dict[str, Any] = {
        "enabled": False,
        "coverage_products": COVERAGE,
        "exclusions": EXCLUDED,
        "excluded_item_policy": "reject_cart",
        "exclude_b2b": True,
        "modes": ["shippingProtection"],
        "limits": LIMITS,
        "locales": ["en"],
        "rules": [a_rule("fails"), a_rule("always")],
    }
    repairs: list[tuple[EligibilityReason, dict[str, Any], dict[str, Any]]] = [
        (R.ORDER_PROTECTION_DISABLED, {}, {"enabled": True}),
        (R.EMPTY_CART, {"lines": (THE_FEE,)}, {}),
        (R.CART_ONLY_HAS_COVERAGE_PRODUCTS, {"lines": (THE_FEE, A_GIFT_CARD)}, {}),
        (R.CART_ONLY_HAS_EXCLUDED_PRODUCTS, {"lines": (A_GIFT_CARD, a_line())}, {}),
        (R.CART_HAS_EXCLUDED_PRODUCT, {"lines": (a_line(),)}, {}),
        (R.B2B_CUSTOMER_EXCLUDED, {"customer": Customer()}, {}),
        (R.PICKUP_DELIVERY_SELECTED, {"delivery_methods": ()}, {}),
        (R.CURRENCY_NOT_SUPPORTED, {"currency": a_cart().currency}, {}),
        (R.CART_TOTAL_TOO_LOW, {"subtotal_amount": 501_00}, {}),
        (R.CART_TOO_VALUABLE, {"subtotal_amount": 50_00}, {}),
        (R.LOCALE_NOT_SUPPORTED, {"locale": "en-GB"}, {}),
        (R.RULE_EVALUATION_ERROR, {}, {"rules": [a_rule("always")]}),
        (R.ELIGIBILITY_RULE_NOT_MET, {}, {"rules": []}),
    ]
    assert R.CONFIGURATION_MISSING == reason(a_cart(**cart), None)

    # When it is repaired one defect at a time
    surfaced = []
    for _, cart_repair, configuration_repair in repairs:
        surfaced.append(reason(a_cart(**cart), a_configuration(**configuration)))
        cart |= cart_repair
        configuration |= configuration_repair

    # Then the reasons surface in the order in which they are declared
    assert [expected for expected, _, _ in repairs] == surfaced
    assert list(R)[1 : 1 + len(repairs)] == surfaced
    assert R.ELIGIBLE == reason(a_cart(**cart), a_configuration(**configuration))

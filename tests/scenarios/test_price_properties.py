"""What holds for any cart, any configuration, and any way of writing the cart down."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from orderguard.domain.cart import Cart
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.configuration.experiment import Arm
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.offers.eligibility import Inspection
from orderguard.domain.offers.offer import Offer, make_offer
from orderguard.http.wire.cart import analysis_request_from_wire
from tests.domain.random_shops import ARMS, CARTS, CONFIGURATIONS
from tests.support.wire import wire_line, wire_request

# A configuration is dearer to draw than a cart, so each meets several: 1,000 carts in all.
thoroughly = settings(max_examples=200)
often = settings(max_examples=100)


@thoroughly
@given(st.lists(CARTS, min_size=5, max_size=5), CONFIGURATIONS, ARMS)
def test_a_thousand_random_carts_get_prices_that_add_up(
    carts: list[Cart], configuration: MerchantConfiguration, arm: Arm | None
) -> None:
    for cart in carts:
        offer = make_offer(cart, configuration, arm)

        assert make_offer(cart, configuration, arm) == offer
        assert offer.eligible is (EligibilityReason.ELIGIBLE == offer.reason)
        assert_adds_up(offer, cart)


def assert_adds_up(offer: Offer, cart: Cart) -> None:
    if offer.charge is None:
        assert () == offer.prices
        return
    assert 0 < offer.charge.amount.amount
    assert sum(price.price.amount for price in offer.prices) == offer.charge.amount.amount
    for price in offer.prices:
        assert cart.currency == price.price.currency
        assert 0 <= price.price.amount
        assert sum(component.amount for component in price.components) == price.price.amount


@often
@given(CARTS, CONFIGURATIONS)
def test_the_basis_is_never_more_than_the_discounted_subtotal_or_the_lines(
    cart: Cart, configuration: MerchantConfiguration
) -> None:
    basis = Inspection(cart, configuration).basis

    assert 0 <= basis <= cart.discounted_subtotal_amount
    assert basis <= sum(line.total_price for line in cart.lines)


SPELLINGS = (
    lambda amount: amount,
    lambda amount: {"amount": amount, "currencyCode": "USD"},
    lambda amount: {"amount": str(amount), "currencyCode": "usd"},
    lambda amount: {"amount": amount},
    str,
    float,
    lambda amount: amount + 1e-7,
    lambda amount: amount - 1e-7,
    lambda amount: amount / 100 * 100,
)
"""The ways in which integrations write one amount, up to a million dollars."""

TOTALS = (
    "subtotalAmount",
    "totalDiscountAmount",
    "discountedSubtotalAmount",
    "totalTaxAmount",
    "totalAmount",
)

MONEY = st.integers(0, 1_000_000_00)


def cart_of(document: dict[str, Any]) -> Cart:
    # Through JSON and back, because that is what happens to a float on its way.
    request, _ = analysis_request_from_wire(json.loads(json.dumps(document)), request_id="r")
    return request.cart


@often
@given(st.data())
def test_a_cart_is_the_same_however_its_amounts_are_written(data: st.DataObject) -> None:
    line = {name: data.draw(MONEY) for name in ("totalPrice", "originalTotalPrice", "unitPrice")}
    totals = {name: data.draw(MONEY) for name in TOTALS}

    def respelt(amounts: dict[str, int]) -> dict[str, Any]:
        return {name: data.draw(st.sampled_from(SPELLINGS))(amounts[name]) for name in amounts}

    plain = cart_of(wire_request(wire_line(**line), cart=totals))
    spelt = cart_of(wire_request(wire_line(**respelt(line)), cart=respelt(totals)))

    assert plain == spelt


@often
@given(st.integers(0, 1_000_000_00))
def test_dollars_multiplied_by_100_in_floating_point_are_the_cents_they_were(cents: int) -> None:
    noisy = float(f"{cents // 100}.{cents % 100:02d}") * 100

    assert cart_of(wire_request(wire_line(cents))) == cart_of(wire_request(wire_line(noisy)))


@often
@given(st.integers(0, 10**12))
def test_a_discount_is_the_same_with_either_sign(amount: int) -> None:
    carts = [
        cart_of(wire_request(cart={"totalDiscountAmount": spelt}))
        for spelt in (amount, -amount, str(-amount), {"amount": -amount}, float(-amount))
    ]

    assert [amount] * 5 == [cart.total_discount_amount for cart in carts]

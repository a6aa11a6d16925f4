"""What holds for any cart and any configuration. A thousand more are tried in tests/scenarios."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from orderguard.domain.cart import Cart
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.configuration.experiment import Arm
from orderguard.domain.configuration.pricing import PricePlan, RoundingPolicy, price_by_plan
from orderguard.domain.coverage_mode import RETURN_COVERAGE
from orderguard.domain.money import USD, Rounding
from orderguard.domain.offers.offer import make_offer
from tests.domain.random_shops import ARMS, CARTS, CONFIGURATIONS

PLANS = st.builds(
    PricePlan,
    base=st.builds(lambda amount: {USD: amount}, st.integers(0, 10_00)),
    rate_bps=st.integers(0, 10_000),
    minimum=st.builds(lambda amount: {USD: amount}, st.integers(0, 5_00)),
    maximum=st.builds(lambda amount: {USD: amount}, st.integers(5_00, 50_00)),
    rounding=st.one_of(
        st.builds(
            RoundingPolicy,
            st.sampled_from(Rounding),
            st.builds(lambda step: {USD: step}, st.integers(1, 1_00)),
        ),
        st.builds(
            lambda ending: RoundingPolicy(ending={USD: ending}), st.integers(0, 99)
        ),
    ),
)  # fmt: skip


@settings(max_examples=10)
@given(CARTS, CONFIGURATIONS, ARMS)
def test_prices_add_up_and_are_never_negative(
    cart: Cart, configuration: MerchantConfiguration, arm: Arm | None
) -> None:
    offer = make_offer(cart, configuration, arm)

    charged = offer.charge.amount.amount if offer.charge else 0
    assert sum(price.price.amount for price in offer.prices) == charged
    for price in offer.prices:
        assert sum(component.amount for component in price.components) == price.price.amount
        assert 0 <= price.price.amount


@settings(max_examples=10)
@given(CARTS, CONFIGURATIONS, st.integers(0, 10**12))
def test_neither_total_nor_tax_moves_the_offer(
    cart: Cart, configuration: MerchantConfiguration, moved: int
) -> None:
    accepted = replace(cart, total_amount=moved, total_tax_amount=moved)

    assert make_offer(cart, configuration) == make_offer(accepted, configuration)


@given(PLANS, st.integers(0, 10_000_00), st.integers(0, 10_000_00))
def test_a_cart_worth_more_never_costs_less(plan: PricePlan, one: int, other: int) -> None:
    less, more = (
        price_by_plan(RETURN_COVERAGE, plan, USD, basis=basis, item_count=1).price.amount
        for basis in sorted((one, other))
    )

    assert less <= more


@given(PLANS, st.integers(0, 10_000_00))
def test_an_ending_is_reached_from_below_by_less_than_one_major_unit(
    plan: PricePlan, basis: int
) -> None:
    policy = RoundingPolicy(ending={USD: 98})
    plain = replace(plan, rounding=RoundingPolicy(Rounding.UP))

    rounded, exact = (
        price_by_plan(RETURN_COVERAGE, each, USD, basis=basis, item_count=1).price.amount
        for each in (replace(plan, rounding=policy), plain)
    )

    assert 98 == rounded % 100
    assert exact <= rounded < exact + 1_00

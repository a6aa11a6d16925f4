"""The arithmetic of price plans."""

from __future__ import annotations

from typing import Any

import pytest

from orderguard.domain.configuration.pricing import (
    ComponentKind,
    ModePrice,
    PriceComponent,
    PricePlan,
    RoundingPolicy,
    Tier,
    ending_modulus,
    price_by_plan,
    price_mode,
)
from orderguard.domain.configuration.rule import RuleFacts
from orderguard.domain.coverage_mode import RETURN_COVERAGE, SHIPPING_PROTECTION, CoverageMode
from orderguard.domain.money import EUR, JPY, KWD, USD, Currency, Money, Rounding
from tests.support.builders import Phrase, a_cart

BASE, PERCENTAGE, TIER, ADJUSTMENT, MINIMUM, MAXIMUM, ROUNDING = ComponentKind


def a_price(basis: int = 0, *, items: int = 1, currency: Currency = USD, **plan: Any) -> ModePrice:
    return price_by_plan(
        RETURN_COVERAGE, PricePlan(**plan), currency, basis=basis, item_count=items
    )


def amount(basis: int = 0, **plan: Any) -> int:
    return a_price(basis, **plan).price.amount


def steps(price: ModePrice) -> list[tuple[ComponentKind, int]]:
    return [(component.kind, component.amount) for component in price.components]


def test_a_base_is_the_price_whatever_the_cart_is_worth() -> None:
    price = a_price(1_000_00, base={USD: 2_98})

    assert Money(2_98, USD) == price.price
    assert (PriceComponent(BASE, 2_98),) == price.components


def test_a_rate_is_a_share_of_the_basis() -> None:
    price = a_price(200_00, rate_bps=150)

    assert Money(3_00, USD) == price.price
    assert (PriceComponent(PERCENTAGE, 3_00, rate_bps=150, basis=200_00),) == price.components


def test_a_base_and_a_rate_add_up() -> None:
    price = a_price(200_00, base={USD: 98}, rate_bps=150)

    assert [(BASE, 98), (PERCENTAGE, 3_00)] == steps(price)
    assert 3_98 == price.price.amount


def test_pieces_are_paid_one_by_one() -> None:
    price = a_price(items=3, per_item={USD: 50})

    expected = PriceComponent(ADJUSTMENT, 1_50, item_count=3, amount_per_item=50)
    assert (expected,) == price.components
    assert 1_50 == price.price.amount


def test_a_base_and_a_price_per_piece_add_up() -> None:
    price = a_price(items=3, base={USD: 98}, per_item={USD: 50})

    assert [(BASE, 98), (ADJUSTMENT, 1_50)] == steps(price)
    assert 2_48 == price.price.amount


def test_a_base_and_a_tier_add_up() -> None:
    price = a_price(60_00, base={USD: 98}, tiers={USD: TIERS})

    assert [(BASE, 98), (TIER, 2_98)] == steps(price)
    assert 3_96 == price.price.amount


def test_a_price_between_minimum_and_maximum_stays() -> None:
    price = a_price(200_00, rate_bps=100, minimum={USD: 98}, maximum={USD: 4_98})

    assert [(PERCENTAGE, 2_00)] == steps(price)


TIERS = (Tier(50_00, amount=1_98), Tier(100_00, amount=2_98), Tier(None, rate_bps=300))


@pytest.mark.parametrize(
    ("basis", "expected"),
    [(0, 1_98), (50_00, 1_98), (50_01, 2_98), (100_00, 2_98), (100_01, 3_00), (200_00, 6_00)],
)
def test_a_tier_reaches_up_to_its_bound_and_includes_it(basis: int, expected: int) -> None:
    assert expected == amount(basis, tiers={USD: TIERS})


def test_a_tier_with_an_amount_tells_the_basis_it_was_chosen_by() -> None:
    price = a_price(60_00, tiers={USD: TIERS})

    assert (PriceComponent(TIER, 2_98, basis=60_00),) == price.components


def test_the_rate_of_a_tier_is_of_the_whole_basis() -> None:
    price = a_price(200_00, tiers={USD: TIERS})

    assert (PriceComponent(TIER, 6_00, rate_bps=300, basis=200_00),) == price.components


def test_a_price_below_the_minimum_is_raised_to_it() -> None:
    price = a_price(10_00, rate_bps=100, minimum={USD: 98})

    assert [(PERCENTAGE, 10), (MINIMUM, 88)] == steps(price)
    assert 98 == price.price.amount


def test_a_price_exactly_on_the_minimum_stays() -> None:
    price = a_price(98_00, rate_bps=100, minimum={USD: 98})

    assert [(PERCENTAGE, 98)] == steps(price)


def test_a_price_a_fraction_below_the_minimum_is_raised_before_rounding() -> None:
    price = a_price(97_99, rate_bps=100, minimum={USD: 98}, rounding=RoundingPolicy(Rounding.DOWN))

    assert [(PERCENTAGE, 97), (MINIMUM, 1)] == steps(price)


def test_a_price_above_the_maximum_is_lowered_to_it() -> None:
    price = a_price(1_000_00, rate_bps=100, maximum={USD: 4_98})

    assert [(PERCENTAGE, 10_00), (MAXIMUM, -5_02)] == steps(price)
    assert 4_98 == price.price.amount


def test_a_price_exactly_on_the_maximum_stays() -> None:
    assert [(PERCENTAGE, 4_98)] == steps(a_price(498_00, rate_bps=100, maximum={USD: 4_98}))


def test_a_price_a_fraction_above_the_maximum_is_lowered_before_rounding() -> None:
    price = a_price(498_01, rate_bps=100, maximum={USD: 4_98}, rounding=RoundingPolicy(Rounding.UP))

    assert [(PERCENTAGE, 4_99), (MAXIMUM, -1)] == steps(price)


def test_a_maximum_of_nothing_makes_it_free() -> None:
    assert 0 == amount(498_00, rate_bps=100, maximum={USD: 0})


def test_limits_of_another_currency_do_not_count() -> None:
    assert 1_00 == amount(100_00, rate_bps=100, minimum={EUR: 5_00}, maximum={JPY: 1})


@pytest.mark.parametrize(
    ("basis", "direction", "expected"),
    [
        (150, Rounding.HALF_UP, 2),
        (149, Rounding.HALF_UP, 1),
        (150, Rounding.HALF_EVEN, 2),
        (250, Rounding.HALF_EVEN, 2),
        (101, Rounding.UP, 2),
        (100, Rounding.UP, 1),
        (199, Rounding.DOWN, 1),
    ],
)
def test_a_fraction_of_a_minor_unit_is_rounded_as_the_plan_says(
    basis: int, direction: Rounding, expected: int
) -> None:
    assert expected == amount(basis, rate_bps=100, rounding=RoundingPolicy(direction))


def test_the_half_is_rounded_up_when_the_plan_does_not_say() -> None:
    assert 2 == amount(150, rate_bps=100)


@pytest.mark.parametrize(
    ("price", "direction", "expected"),
    [
        (1_12, Rounding.HALF_UP, 1_00),
        (1_13, Rounding.HALF_UP, 1_25),
        (1_01, Rounding.UP, 1_25),
        (1_24, Rounding.DOWN, 1_00),
        (1_25, Rounding.UP, 1_25),
    ],
)
def test_a_price_is_rounded_to_a_step(price: int, direction: Rounding, expected: int) -> None:
    policy = RoundingPolicy(direction, step={USD: 25})

    assert expected == amount(base={USD: price}, rounding=policy)


def test_rounding_shows_as_a_step_of_its_own() -> None:
    price = a_price(base={USD: 1_13}, rounding=RoundingPolicy(step={USD: 25}))

    assert [(BASE, 1_13), (ROUNDING, 12)] == steps(price)


def test_a_share_is_rounded_once_at_the_end_and_not_before() -> None:
    # 12.4 rounded to whole units is 12, but on its way to a step of 25 it is still 12.4999.
    policy = RoundingPolicy(Rounding.HALF_UP, step={USD: 25})

    assert 0 == amount(124_999, rate_bps=1, rounding=policy)
    assert 25 == amount(125_000, rate_bps=1, rounding=policy)


@pytest.mark.parametrize(
    ("price", "expected"),
    [(0, 98), (97, 98), (98, 98), (99, 1_98), (1_97, 1_98), (1_98, 1_98), (2_50, 2_98)],
)
def test_a_price_goes_up_to_the_next_that_ends_in_98(price: int, expected: int) -> None:
    assert expected == amount(base={USD: price}, rounding=RoundingPolicy(ending={USD: 98}))


def test_a_fraction_above_an_ending_goes_to_the_next() -> None:
    policy = RoundingPolicy(Rounding.DOWN, ending={USD: 98})

    assert 1_98 == amount(98_01, rate_bps=100, rounding=policy)


@pytest.mark.parametrize(
    ("currency", "ending", "modulus"),
    [
        (USD, 98, 100),
        (USD, 5, 100),
        (USD, 0, 100),
        (USD, 498, 1_000),
        (JPY, 98, 100),
        (JPY, 0, 10),
        (JPY, 8, 10),
        (KWD, 950, 1_000),
        (KWD, 50, 1_000),
    ],
)
def test_an_ending_repeats_with_the_major_unit_or_with_its_own_digits(
    currency: Currency, ending: int, modulus: int
) -> None:
    assert modulus == ending_modulus(ending, currency)


@pytest.mark.parametrize(("currency", "expected"), [(USD, 1_98), (JPY, 1_98), (KWD, 1_098)])
def test_an_ending_is_per_currency(currency: Currency, expected: int) -> None:
    policy = RoundingPolicy(ending={currency: 98})

    assert expected == amount(currency=currency, base={currency: 1_20}, rounding=policy)


def test_steps_of_another_currency_do_not_count() -> None:
    policy = RoundingPolicy(step={EUR: 25}, ending={JPY: 98})

    assert 1_13 == amount(base={USD: 1_13}, rounding=policy)


def test_every_step_of_a_long_story_is_told_in_order() -> None:
    price = a_price(
        1_234,
        items=2,
        base={USD: 10},
        rate_bps=150,
        per_item={USD: 5},
        minimum={USD: 60},
        maximum={USD: 55},
        rounding=RoundingPolicy(step={USD: 10}),
    )

    # A share of 18.51 is shown as 19; the exact sum is 38.51.
    expected = [(BASE, 10), (PERCENTAGE, 19), (ADJUSTMENT, 10), (MINIMUM, 21), (MAXIMUM, -5)]
    assert [*expected, (ROUNDING, 5)] == steps(price)


def test_steps_that_change_nothing_are_not_told() -> None:
    price = a_price(0, items=0, base={USD: 0}, rate_bps=150, per_item={USD: 5})

    assert () == price.components
    assert 0 == price.price.amount


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (PricePlan(rate_bps=100), True),
        (PricePlan(base={USD: 1}), True),
        (PricePlan(base={EUR: 1}), False),
        (PricePlan(base={USD: 1}, rate_bps=100), True),
        (PricePlan(base={EUR: 1}, rate_bps=100), False),
        (PricePlan(base={USD: 1}, per_item={EUR: 1}), False),
        (PricePlan(base={USD: 1}, tiers={EUR: (Tier(None, amount=1),)}), False),
        (PricePlan(rate_bps=100, minimum={EUR: 1}, maximum={EUR: 2}), True),
    ],
)
def test_a_plan_prices_the_currencies_that_all_its_parts_have(
    plan: PricePlan, expected: bool
) -> None:
    assert expected is plan.can_price(USD)


def price_of(*plans: PricePlan, basis: int = 200_00) -> int | None:
    facts = RuleFacts(a_cart(), basis=basis)
    price = price_mode(RETURN_COVERAGE, plans, facts, item_count=1)
    return price.price.amount if price else None


def test_the_first_plan_that_applies_is_used() -> None:
    first = PricePlan(when=Phrase("costly"), base={USD: 4_98})
    second = PricePlan(base={USD: 1_98})
    third = PricePlan(base={USD: 98})

    assert 4_98 == price_of(first, second, third, basis=100_00)
    assert 1_98 == price_of(first, second, third, basis=99_99)


def test_a_plan_without_the_currency_is_passed_over_before_its_condition_is_asked() -> None:
    euros = PricePlan(when=Phrase("fails"), base={EUR: 4_98})

    assert 1_98 == price_of(euros, PricePlan(base={USD: 1_98}))


def test_a_mode_of_which_no_plan_applies_has_no_price() -> None:
    assert price_of(PricePlan(when=Phrase("never"), base={USD: 1_98})) is None


def test_a_price_belongs_to_its_mode() -> None:
    assert RETURN_COVERAGE is a_price(base={USD: 1}).mode


def test_a_fixed_price_is_that_of_its_mode_and_currency_each_time() -> None:
    plan = PricePlan(base={USD: 298, EUR: 275}, minimum={EUR: 300})

    def price(mode: CoverageMode, currency: Currency) -> tuple[CoverageMode, Money]:
        found = price_by_plan(mode, plan, currency, basis=9_99, item_count=3)
        assert found.price.amount == sum(each.amount for each in found.components)
        return found.mode, found.price

    for _ in range(2):
        assert (RETURN_COVERAGE, Money(298, USD)) == price(RETURN_COVERAGE, USD)
        assert (RETURN_COVERAGE, Money(300, EUR)) == price(RETURN_COVERAGE, EUR)
        assert (SHIPPING_PROTECTION, Money(298, USD)) == price(SHIPPING_PROTECTION, USD)

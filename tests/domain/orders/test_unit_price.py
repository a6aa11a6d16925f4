"""A unit price is a rate: read exactly, multiplied, and rounded once per line (contract §9)."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderguard.domain.errors import Malformed
from orderguard.domain.money import EUR, JPY, KWD, USD, Currency, Money
from orderguard.domain.orders.unit_price import (
    Quantity,
    UnitPrice,
    unit_price_from_major_units,
    unit_price_of,
)


@pytest.mark.parametrize(
    ("text", "currency", "quantity", "minor"),
    [
        ("0.0045", USD, 10_000, 45_00),
        ("3.3333", USD, 3, 10_00),
        ("1.2500", USD, 4, 5_00),
        ("0.005", USD, 1, 1),
        ("0.00499999", USD, 1, 0),
        ("0.00000001", USD, 10**8, 1_00),
        ("12.5", JPY, 2, 25),
        ("12.5", JPY, 1, 13),
        ("1.2345", KWD, 2, 2_469),
        ("19.90", EUR, Decimal("1.5"), 29_85),
        ("19.99", EUR, Decimal("0.333333"), 6_66),
        ("-40", USD, 1, -40_00),
        ("25", USD, 0, 0),
    ],
)
def test_a_line_costs_its_rate_times_its_pieces(
    text: str, currency: Currency, quantity: Quantity, minor: int
) -> None:
    assert minor == unit_price_from_major_units(text, currency).times(quantity)


@pytest.mark.parametrize("text", ["", ".5", "5.", "1,5", "0.000000001", "1e3", "٤", "9" * 16])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        unit_price_from_major_units(text, USD)


def test_a_sum_is_a_rate_of_whole_minor_units() -> None:
    assert unit_price_from_major_units("4.98", USD) == unit_price_of(Money(4_98, USD))


def test_discounts_take_off_with_either_sign_and_never_make_a_price_negative() -> None:
    price, discount = unit_price_of(Money(25_00, USD)), unit_price_of(Money(5_00, USD))

    assert unit_price_of(Money(20_00, USD)) == price.less(discount)
    assert unit_price_of(Money(20_00, USD)) == price.less(unit_price_of(Money(-5_00, USD)))
    assert UnitPrice(0, USD) == discount.less(price)
    assert unit_price_of(Money(-1, USD)) == unit_price_of(Money(-1, USD)).less(discount)


@given(
    st.decimals(0, 10**9, places=8),
    st.one_of(st.integers(0, 10**6), st.decimals(0, 10**6, places=6)),
)
def test_it_is_what_decimals_say_it_is(rate: Decimal, quantity: Quantity) -> None:
    exact = rate * quantity * 100

    found = unit_price_from_major_units(f"{rate:f}", USD).times(quantity)

    assert exact.quantize(Decimal(1), rounding=ROUND_HALF_UP) == found

"""Amounts in major units, as order APIs write them: `4.98`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderguard.domain.errors import Malformed
from orderguard.domain.money import JPY, KWD, USD, Currency, Money, from_major_units, to_major_units


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("4.98", USD, 498),
        ("4.9", USD, 490),
        ("4", USD, 400),
        ("-0.05", USD, -5),
        ("4.9800", USD, 498),
        ("500", JPY, 500),
        ("500.00", JPY, 500),
        ("1.250", KWD, 1250),
        ("0.001", KWD, 1),
    ],
)
def test_a_decimal_text_is_read_by_the_currencys_own_decimals(
    text: str, currency: Currency, minor: int
) -> None:
    assert Money(minor, currency) == from_major_units(text, currency)


@pytest.mark.parametrize(
    ("text", "currency"), [("4.985", USD), ("500.5", JPY), ("1.2505", KWD), ("0.001", USD)]
)
def test_half_a_cent_is_never_dropped_quietly(text: str, currency: Currency) -> None:
    with pytest.raises(Malformed, match=f"more than the . decimals of {currency}"):
        from_major_units(text, currency)


@pytest.mark.parametrize(
    "text", ["", "4,98", "1e3", "٤.٩٨", "4.", ".98", "+4", " 4", "4\n", "NaN", "1" * 16, "0x10"]
)
def test_what_is_not_a_plain_decimal_is_refused(text: str) -> None:
    with pytest.raises(Malformed, match=r"not a decimal amount such as 4\.98"):
        from_major_units(text, USD)


@given(st.integers(-(10**14), 10**14), st.sampled_from([USD, JPY, KWD]))
def test_every_amount_survives_the_way_through_major_units(amount: int, currency: Currency) -> None:
    money = Money(amount, currency)

    assert money == from_major_units(to_major_units(money), currency)

"""Minor units, exponents and rounding."""

from __future__ import annotations

from fractions import Fraction

import iso4217
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderguard.domain.errors import Malformed
from orderguard.domain.iso4217 import EXPONENTS, EXPONENTS_EVER
from orderguard.domain.money import (
    JPY,
    KWD,
    USD,
    Currency,
    CurrencyMismatch,
    Money,
    Rounding,
    allocate,
    divide,
    exponent,
    from_major_units,
    is_listed,
    parse_currency,
    parse_currency_of_cart,
    shortened,
    to_major_units,
    was_ever_listed,
)


def test_the_exponents_are_those_of_iso_4217() -> None:
    published = {
        currency.code: currency.exponent
        for currency in iso4217.Currency
        if currency.exponent is not None
    }

    assert published == EXPONENTS


def test_every_listed_currency_is_in_the_table_that_forgets_none() -> None:
    assert EXPONENTS.items() <= EXPONENTS_EVER.items()


@pytest.mark.parametrize(
    ("code", "text"),
    [("BGN", "4.98 BGN"), ("HRK", "4.98 HRK"), ("ANG", "4.98 ANG"), ("SLL", "4.98 SLL"),
     ("ZWL", "4.98 ZWL"), ("VEF", "4.98 VEF"), ("MRO", "4.98 MRO"), ("CUC", "4.98 CUC"),
     ("BYR", "498 BYR"), ("ITL", "498 ITL")],
)  # fmt: skip
def test_a_withdrawn_currency_keeps_its_decimals_and_is_not_listed(code: str, text: str) -> None:
    currency = parse_currency(code)

    assert text == str(Money(498, currency))
    assert (False, True) == (is_listed(currency), was_ever_listed(currency))


@pytest.mark.parametrize("text", ["USD", "usd", "BGN", "irt", "BTC", "XXX", "XAU"])
def test_a_cart_may_be_in_any_three_letters(text: str) -> None:
    assert text.upper() == parse_currency_of_cart(text)


@pytest.mark.parametrize("text", ["", "US", "USDX", "12E", " USD", "USD\n", "u\u017fd", "\u00e9ur"])
def test_what_is_not_three_letters_is_no_currency_of_a_cart(text: str) -> None:
    with pytest.raises(Malformed) as refusal:
        parse_currency_of_cart(text)

    expected = f"{text!r} is not a currency code of three letters; expected one such as USD."
    assert expected == str(refusal.value)


def test_amounts_of_a_currency_that_was_never_listed_are_shown_as_they_came() -> None:
    assert "500000 IRT" == str(Money(500_000, parse_currency_of_cart("IRT")))


def test_there_are_currencies_with_no_two_three_and_four_decimals() -> None:
    assert {0, 2, 3, 4} == set(EXPONENTS.values())


@pytest.mark.parametrize(("code", "decimals"), [("JPY", 0), ("USD", 2), ("KWD", 3), ("CLF", 4)])
def test_a_currency_has_its_own_number_of_decimals(code: str, decimals: int) -> None:
    assert decimals == exponent(parse_currency(code))


@pytest.mark.parametrize("text", ["USD", "usd", "Usd"])
def test_a_currency_is_known_in_any_case(text: str) -> None:
    assert USD == parse_currency(text)


@pytest.mark.parametrize("text", ["", "US", "USDX", "XYZ", "XAU", " USD", "USD\n", "u\u017fd"])
def test_what_iso_4217_does_not_list_with_a_minor_unit_is_no_currency(text: str) -> None:
    with pytest.raises(Malformed) as refusal:
        parse_currency(text)

    expected = f"{text!r} is not an ISO 4217 currency code; expected one such as USD."
    assert expected == str(refusal.value)


def test_amounts_of_one_currency_add_up() -> None:
    assert Money(4_98, USD) == Money(2_98, USD) + Money(2_00, USD)


def test_amounts_of_two_currencies_do_not_mix() -> None:
    with pytest.raises(CurrencyMismatch) as refusal:
        Money(1_00, USD) + Money(100, JPY)

    assert "Cannot add JPY to USD." == str(refusal.value)


def test_a_negated_amount_takes_the_amount_back() -> None:
    assert Money(-4_98, USD) == -Money(4_98, USD)


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(4_98, USD), "4.98"),
        (Money(5, USD), "0.05"),
        (Money(-5, USD), "-0.05"),
        (Money(-1_05, USD), "-1.05"),
        (Money(0, USD), "0.00"),
        (Money(500, JPY), "500"),
        (Money(-500, JPY), "-500"),
        (Money(1_250, KWD), "1.250"),
        (Money(1_0001, Currency("CLF")), "1.0001"),
    ],
)
def test_major_units_show_every_decimal_of_the_currency(money: Money, text: str) -> None:
    assert text == to_major_units(money)


def test_an_amount_is_written_with_its_currency() -> None:
    assert "4.98 USD" == str(Money(4_98, USD))


@pytest.mark.parametrize(
    ("numerator", "half_up", "half_even", "up", "down"),
    [
        (0, 0, 0, 0, 0),
        (1, 0, 0, 1, 0),
        (4, 0, 0, 1, 0),
        (5, 1, 0, 1, 0),
        (6, 1, 1, 1, 0),
        (9, 1, 1, 1, 0),
        (10, 1, 1, 1, 1),
        (14, 1, 1, 2, 1),
        (15, 2, 2, 2, 1),
        (16, 2, 2, 2, 1),
        (25, 3, 2, 3, 2),
        (35, 4, 4, 4, 3),
    ],
)
def test_a_tenth_is_rounded_in_four_ways(
    numerator: int, half_up: int, half_even: int, up: int, down: int
) -> None:
    directions = (Rounding.HALF_UP, Rounding.HALF_EVEN, Rounding.UP, Rounding.DOWN)

    rounded = tuple(divide(numerator, 10, direction) for direction in directions)

    assert (half_up, half_even, up, down) == rounded


def test_a_third_has_no_half_to_be_rounded() -> None:
    assert [0, 1] == [divide(number, 3, Rounding.HALF_EVEN) for number in (1, 2)]


@given(st.integers(0, 10**20), st.integers(1, 10**10), st.sampled_from(Rounding))
def test_rounding_never_moves_an_amount_by_a_whole_unit(
    numerator: int, denominator: int, rounding: Rounding
) -> None:
    exact = Fraction(numerator, denominator)

    assert 1 > abs(divide(numerator, denominator, rounding) - exact)


@given(st.integers(0, 10**20), st.integers(1, 10**10))
def test_half_up_and_half_even_differ_only_on_the_half(numerator: int, denominator: int) -> None:
    up = divide(numerator, denominator, Rounding.HALF_UP)
    even = divide(numerator, denominator, Rounding.HALF_EVEN)

    assert (up == even) or (2 * numerator) % denominator == 0


def test_a_value_in_an_error_message_is_quoted() -> None:
    assert "'USD'" == shortened("USD")


def test_a_value_of_just_the_limit_is_shown_in_full() -> None:
    assert repr("a" * 38) == shortened("a" * 38)


def test_a_value_beyond_the_limit_is_cut_to_it() -> None:
    shown = shortened("a" * 39)

    assert "'" + "a" * 38 + "…" == shown
    assert 40 == len(shown)


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (10, (1, 1), (5, 5)),
        (10, (1, 1, 1), (4, 3, 3)),
        (11, (1, 1, 1), (4, 4, 3)),
        (4_98, (2_98, 2_00), (2_98, 2_00)),
        (100, (1, 2), (33, 67)),
        (10, (7, 2, 2), (6, 2, 2)),
        (1, (1, 2), (0, 1)),
        (5, (0, 3), (0, 5)),
        (5, (0, 0), (3, 2)),
        (0, (1, 2), (0, 0)),
        (7, (3,), (7,)),
    ],
)
def test_an_amount_is_split_by_weight_and_the_rest_goes_to_the_largest_remainders(
    amount: int, weights: tuple[int, ...], parts: tuple[int, ...]
) -> None:
    assert parts == allocate(amount, weights)


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**12), min_size=1, max_size=6))
def test_the_parts_of_a_split_add_up_and_are_off_by_less_than_one_unit(
    amount: int, weights: list[int]
) -> None:
    parts = allocate(amount, weights)

    assert amount == sum(parts)
    for part, weight in zip(parts, weights, strict=True):
        assert not any(weights) or 1 > abs(part - Fraction(amount * weight, sum(weights)))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("4,98", "'4,98' is not a decimal amount such as 4.98."),
        ("4.985", "'4.985' has more than the 2 decimals of USD."),
    ],
)
def test_major_units_that_cannot_be_read_are_shown(text: str, complaint: str) -> None:
    with pytest.raises(Malformed) as refusal:
        from_major_units(text, USD)

    assert complaint == str(refusal.value)


def test_a_number_too_long_to_be_written_out_is_still_shown_in_a_message() -> None:
    assert "a number of thousands of digits" == shortened(10**5_000)

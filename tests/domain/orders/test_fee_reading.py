"""A fee of digits alone is read as what was quoted, never as a hundred times that."""

from dataclasses import replace

import pytest

from orderguard.domain.money import EUR, USD, Money
from orderguard.domain.orders.fee_reading import read_fees
from orderguard.domain.orders.fee_verdict import Quote
from orderguard.domain.orders.order import Fee
from tests.support.orders import a_fee, a_quote, an_order


def digits(number: int) -> Fee:
    """A fee whose amount was written as these digits, in USD."""
    return replace(a_fee(number * 100), minor_reading=Money(number, USD))


def read(fee: Fee, *quotes: Quote) -> tuple[int, bool]:
    order, in_doubt = read_fees(an_order(fee), quotes)
    return order.fees[0].amount.amount, in_doubt


@pytest.mark.parametrize(
    ("number", "quotes", "minor", "in_doubt"),
    [
        (498, [a_quote()], 4_98, False),
        (5, [a_quote(3_00)], 5_00, False),
        (498, [a_quote(), a_quote(9_00, ordinal=2)], 4_98, False),
        (298, [a_quote()], 2_98, False),
        (497, [a_quote()], 4_97, True),
        (4, [a_quote()], 4_00, True),
        (498, [], 498_00, True),
        (498, [a_quote(currency=EUR)], 498_00, True),
    ],
)
def test_the_reading_that_was_quoted_wins(
    number: int, quotes: list[Quote], minor: int, in_doubt: bool
) -> None:
    assert (minor, in_doubt) == read(digits(number), *quotes)


def test_a_fee_that_can_be_read_in_one_way_only_is_left_alone() -> None:
    order = an_order(a_fee(498_00))

    assert (order, False) == read_fees(order, [a_quote()])


def test_fees_without_modes_are_not_ours_to_read() -> None:
    order = an_order(replace(digits(498), accepted_modes=()))

    assert (order, False) == read_fees(order, [a_quote()])


def test_one_fee_in_doubt_is_told_beside_one_that_is_not() -> None:
    order, in_doubt = read_fees(an_order(digits(498), digits(7)), [a_quote()])

    assert [4_98, 7_00] == [fee.amount.amount for fee in order.fees]
    assert in_doubt

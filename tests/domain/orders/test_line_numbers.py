"""Every line of an order has an integer of its own, for ever."""

from orderguard.domain.ids import ID_BELOW, OrderId
from orderguard.domain.orders.line_numbers import line_numbers, with_line_numbers
from tests.support.orders import ORDER, an_order, an_order_line, refund_of_lines


def test_numbers_follow_from_the_order_and_the_ids_of_its_lines() -> None:
    numbers = list(line_numbers(ORDER, ["a", "b", "a"]))

    assert 3 == len(set(numbers))
    assert all(0 < number < ID_BELOW for number in numbers)
    assert numbers == list(line_numbers(ORDER, ["a", "b", "a"]))
    assert set(numbers).isdisjoint(line_numbers(OrderId(8), ["a", "b", "a"]))


def test_refunds_may_name_lines_by_their_numbers() -> None:
    lines = (an_order_line("a"), an_order_line("b"))
    number = list(line_numbers(ORDER, ["a", "b"]))[1]

    order = with_line_numbers(an_order(lines=lines, refunds=(refund_of_lines(f"{number}"),)), ORDER)

    assert [2, 1] == [quantity for _, quantity in order.remaining()]


def test_an_order_without_refunds_needs_no_numbers() -> None:
    order = an_order()

    assert order is with_line_numbers(order, ORDER)

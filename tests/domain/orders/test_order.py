"""Orders: what was bought, charged and given back."""

from dataclasses import replace
from decimal import Decimal

import pytest

from orderguard.domain.coverage_mode import RETURN_COVERAGE, SHIPPING_PROTECTION
from orderguard.domain.money import EUR, USD, Money
from orderguard.domain.orders.order import Order, OrderStatus, Refund, RefundedLine, RefundKind
from orderguard.domain.orders.unit_price import Quantity
from tests.support.builders import BOTH
from tests.support.orders import (
    a_fee,
    an_order,
    an_order_line,
    refund_of_fee,
    refund_of_lines,
)


def test_only_fees_that_name_modes_are_acceptances() -> None:
    wrapping, protection = a_fee(3_00, modes=()), a_fee()

    assert (protection,) == an_order(wrapping, protection).accepted_fees


def test_two_fees_accept_the_union_of_their_modes_in_canonical_order() -> None:
    order = an_order(a_fee(2_00, [SHIPPING_PROTECTION]), a_fee(2_98, [RETURN_COVERAGE]))

    assert BOTH == order.accepted_modes


def remaining(order: Order) -> list[Quantity]:
    return [quantity for _, quantity in order.remaining()]


def test_pieces_given_back_are_not_left_on_their_line() -> None:
    assert [1] == remaining(an_order(refunds=(refund_of_lines(quantity=1),)))


def test_refunds_of_other_lines_leave_a_line_alone() -> None:
    assert [2] == remaining(an_order(refunds=(refund_of_lines("vase", quantity=1),)))


def test_giving_back_more_pieces_than_were_bought_leaves_none() -> None:
    order = an_order(lines=(an_order_line(quantity=1),), refunds=(refund_of_lines(quantity=3),))

    assert [0] == remaining(order)


def test_pieces_given_back_are_taken_from_lines_of_one_id_one_after_the_other() -> None:
    lines = (an_order_line(quantity=2), an_order_line(quantity=2))

    assert [0, 1] == remaining(an_order(lines=lines, refunds=(refund_of_lines(quantity=3),)))


def test_a_refund_may_name_a_line_by_another_of_its_ids() -> None:
    line = replace(an_order_line(), other_ids=frozenset({"4711"}))

    assert [1] == remaining(an_order(lines=(line,), refunds=(refund_of_lines("4711"),)))


def test_an_id_of_its_own_comes_before_another_lines_further_id() -> None:
    lines = (replace(an_order_line("a"), other_ids=frozenset({"b"})), an_order_line("b"))

    assert [2, 1] == remaining(an_order(lines=lines, refunds=(refund_of_lines("b"),)))


@pytest.mark.parametrize(("amount", "left"), [(None, 0), (50_00, 0), (55_00, 0), (10_00, 2)])
def test_without_a_number_of_pieces_the_money_tells(amount: int | None, left: int) -> None:
    refund = Refund(
        kind=RefundKind.LINE_ITEM,
        amount=None if amount is None else Money(amount, USD),
        lines=(RefundedLine("lamp"),),
    )

    assert [left] == remaining(an_order(refunds=(refund,)))


def test_parts_of_a_piece_are_given_back_exactly() -> None:
    cloth = replace(an_order_line("cloth"), quantity=Decimal("1.5"))
    refund = Refund(kind=RefundKind.LINE_ITEM, lines=(RefundedLine("cloth", Decimal("0.3")),))

    assert [Decimal("1.2")] == remaining(an_order(lines=(cloth,), refunds=(refund,)))


def refund_of(amount: int) -> Refund:
    return Refund(kind=RefundKind.OTHER, amount=Money(amount, USD))


def test_an_order_is_refunded_in_full_from_its_value_on() -> None:
    almost, exactly, more = (
        an_order(a_fee(), refunds=(refund_of(amount),)) for amount in (54_97, 54_98, 60_00)
    )

    assert [False, True, True] == [o.is_refunded_in_full for o in (almost, exactly, more)]
    assert [True, False, False] == [o.stands for o in (almost, exactly, more)]


def test_what_a_gift_card_paid_belongs_to_the_value() -> None:
    # Given 54.98, of which a gift card paid 40.00
    left_to_pay = Money(14_98, USD)

    assert 54_98 == an_order(a_fee(), total_price=left_to_pay).value
    for amount in (14_98, 25_00, 54_97):
        order = an_order(a_fee(), total_price=left_to_pay, refunds=(refund_of(amount),))
        assert not order.is_refunded_in_full
    paid_by_gift_cards = an_order(a_fee(), total_price=Money(0, USD), refunds=(refund_of(54_98),))
    assert paid_by_gift_cards.is_refunded_in_full


def test_shipping_and_taxes_on_top_belong_to_the_value() -> None:
    further = (Money(5_00, USD), Money(3_00, USD), Money(9_00, EUR))

    assert 62_98 == an_order(a_fee(), total_price=Money(1, USD), further_charges=further).value


def test_a_discount_on_the_whole_order_is_no_gift_card() -> None:
    order = an_order(a_fee(), total_price=Money(44_98, USD), total_discounts=Money(-10_00, USD))

    assert 44_98 == order.value
    assert replace(order, refunds=(refund_of(44_98),)).is_refunded_in_full


def test_a_total_that_contains_more_than_was_told_is_the_value() -> None:
    assert 70_00 == an_order(a_fee(), total_price=Money(70_00, USD)).value


def test_a_refund_that_names_lines_is_never_more_than_those_lines_and_never_the_fee() -> None:
    everything = refund_of_lines(quantity=2, amount=54_98)

    order = an_order(a_fee(), refunds=(everything,))

    assert not order.is_refunded_in_full
    assert [0] == remaining(order)
    assert 0 == order.refunded_fee()


def test_a_refund_of_the_fee_is_never_more_than_the_fee() -> None:
    assert not an_order(a_fee(), refunds=(refund_of_fee(54_98),)).is_refunded_in_full


def test_lines_and_fee_and_the_rest_make_all_of_it() -> None:
    refunds = (refund_of_lines(quantity=2, amount=50_00), refund_of(4_98))

    assert an_order(a_fee(), refunds=refunds).is_refunded_in_full


def test_a_refund_of_a_line_that_is_not_there_gives_nothing_back() -> None:
    order = an_order(a_fee(), refunds=(refund_of_lines("vase", amount=54_98),))

    assert not order.is_refunded_in_full
    assert not order.understands(order.refunds[0])


def test_the_platforms_own_word_for_it_is_believed() -> None:
    assert an_order(a_fee(), status=OrderStatus.REFUNDED).is_refunded_in_full
    assert not an_order(status=OrderStatus.CANCELLED).stands
    assert an_order(status=OrderStatus.PENDING).stands


def test_a_negative_line_is_no_goods_and_takes_nothing_from_the_value() -> None:
    gift_card = an_order_line("card", quantity=1, price=-40_00)
    order = an_order(a_fee(), lines=(an_order_line(), gift_card), total_price=Money(14_98, USD))

    assert (54_98, 0) == (order.value, gift_card.value)
    given_back = replace(order, refunds=(refund_of_lines("card", 1, 40_00),))
    assert not given_back.is_refunded_in_full


def test_an_order_worth_nothing_is_not_refunded_in_full() -> None:
    assert not an_order(lines=(), total_price=Money(0, USD)).is_refunded_in_full


@pytest.mark.parametrize(
    ("refund", "is_understood"),
    [
        (Refund(kind=RefundKind.FEE), True),
        (refund_of(1), True),
        (refund_of_lines(), True),
        (Refund(kind=RefundKind.OTHER), False),
        (Refund(kind=RefundKind.LINE_ITEM), False),
        (refund_of_lines("vase"), False),
    ],
)
def test_a_refund_says_what_was_given_back_or_is_not_understood(
    refund: Refund, is_understood: bool
) -> None:
    assert is_understood is an_order(a_fee()).understands(refund)


def test_thousands_of_lines_and_refunds_are_looked_at_once_each() -> None:
    # Given as many lines, and refunds of them, as fit into a body
    lines = tuple(an_order_line(f"{number}", quantity=1) for number in range(6_000))
    refunds = tuple(refund_of_lines(f"{number}") for number in range(6_000))

    order = an_order(a_fee(), lines=lines, refunds=refunds)

    # Then this ends while somebody waits, which all pairs of them would not
    assert [0] * 6_000 == remaining(order)
    assert not order.is_refunded_in_full


def test_refunds_without_an_amount_or_in_another_currency_do_not_count_towards_the_total() -> None:
    unknown = Refund(kind=RefundKind.OTHER)
    foreign = Refund(kind=RefundKind.OTHER, amount=Money(50_00, EUR))

    assert 0 == an_order(refunds=(unknown, foreign)).refunded_total


def test_only_refunds_of_the_fee_in_its_currency_are_taken_from_the_fee() -> None:
    order = an_order(
        a_fee(),
        refunds=(
            refund_of_fee(1_00),
            refund_of_lines(),
            Refund(kind=RefundKind.FEE, amount=Money(2_00, EUR)),
        ),
    )

    assert 1_00 == order.refunded_fee()


def test_a_refund_of_the_fee_without_an_amount_gives_all_of_it_back() -> None:
    order = an_order(a_fee(2_98), a_fee(2_00), refunds=(Refund(kind=RefundKind.FEE),))

    assert 4_98 == order.refunded_fee()

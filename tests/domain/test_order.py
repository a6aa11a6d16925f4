"""Orders: what was bought, charged and given back."""

from orderguard.domain.coverage_mode import RETURN_COVERAGE, SHIPPING_PROTECTION
from orderguard.domain.money import EUR, USD, Money
from orderguard.domain.order import Refund, RefundKind
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


def test_pieces_given_back_are_not_left_on_their_line() -> None:
    order = an_order(refunds=(refund_of_lines(quantity=1),))

    assert 1 == order.remaining_quantity(order.lines[0])


def test_refunds_of_other_lines_leave_a_line_alone() -> None:
    order = an_order(refunds=(refund_of_lines("vase", quantity=1),))

    assert 2 == order.remaining_quantity(order.lines[0])


def test_giving_back_more_pieces_than_were_bought_leaves_none() -> None:
    order = an_order(lines=(an_order_line(quantity=1),), refunds=(refund_of_lines(quantity=3),))

    assert 0 == order.remaining_quantity(order.lines[0])


def test_an_order_is_refunded_in_full_from_its_total_on() -> None:
    almost = an_order(refunds=(refund_of_lines(quantity=2, amount=49_99),))
    exactly = an_order(refunds=(refund_of_lines(quantity=2, amount=50_00),))
    more = an_order(refunds=(refund_of_lines(quantity=2, amount=60_00),))

    assert [False, True, True] == [o.is_refunded_in_full for o in (almost, exactly, more)]


def test_a_free_order_is_not_refunded_in_full() -> None:
    assert not an_order(total_price=Money(0, USD)).is_refunded_in_full


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

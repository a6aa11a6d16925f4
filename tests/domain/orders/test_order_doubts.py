"""Mistakes of integrations that cost money are told, and refuse nothing."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from orderguard.domain.money import EUR, USD, Money
from orderguard.domain.orders.acceptance import OrderWarning, SessionEvidence, WarningCode
from orderguard.domain.orders.order import Fee, Order, OrderLine, Refund, RefundKind
from orderguard.domain.orders.order_doubts import (
    doubts_about_fees,
    doubts_about_refunds,
    doubts_about_scope,
)
from tests.support.orders import (
    a_fee,
    a_quote,
    a_session,
    an_order,
    an_order_line,
    refund_of_fee,
    refund_of_lines,
)


def codes(warnings: Iterable[OrderWarning]) -> list[str]:
    return [warning.code for warning in warnings]


def of_fees(*fees: Fee, session: SessionEvidence | None = None) -> list[str]:
    return codes(doubts_about_fees(an_order(*fees), session, is_ambiguous=False))


def fee(name: str, amount: int, currency: str = USD) -> Fee:
    return Fee(name, Money(amount, currency))  # type: ignore[arg-type]


def test_a_fee_without_modes_that_has_the_amount_of_a_quote_is_told() -> None:
    session = a_session(a_quote(9_99), a_quote())

    assert ["fee_unrecognised"] == of_fees(fee("Extra", 4_98), session=session)
    assert [] == of_fees(fee("Extra", 4_99), session=session)
    assert [] == of_fees(fee("Extra", 4_98, EUR), session=session)
    assert [] == of_fees(fee("Extra", 4_98))


@pytest.mark.parametrize("name", ["Order protection", "PACKAGE PROTECTION fee", "Checkout+"])
def test_a_fee_without_modes_that_is_called_as_ours_is_told(name: str) -> None:
    assert ["fee_unrecognised"] == of_fees(fee(name, 3_00))
    assert [] == of_fees(fee(name, 0))


def test_beside_a_fee_that_was_recognised_another_one_is_somebody_elses() -> None:
    assert [] == of_fees(a_fee(), fee("Order protection", 4_98), session=a_session(a_quote()))


def test_a_misspelt_member_is_named() -> None:
    misspelt = replace(fee("Extra", 1_00), likely_member="acceptedOfferMode")

    (warning,) = doubts_about_fees(an_order(a_fee(), misspelt), None, is_ambiguous=False)

    assert WarningCode.FEE_UNRECOGNISED is warning.code
    assert "acceptedOfferMode" in warning.message
    assert "accepted_offer_mode" in warning.message


def test_an_amount_that_can_be_read_in_two_ways_is_told() -> None:
    found = doubts_about_fees(an_order(a_fee()), None, is_ambiguous=True)

    assert ["fee_amount_ambiguous"] == codes(found)


def of_refunds(*refunds: Refund, total: int = 54_98) -> list[str]:
    order = an_order(a_fee(), refunds=refunds, total_price=Money(total, USD))
    return codes(doubts_about_refunds(order))


def test_a_refund_that_says_nothing_is_told() -> None:
    assert ["refund_not_understood"] == of_refunds(Refund(kind=RefundKind.OTHER))
    assert ["refund_not_understood"] == of_refunds(refund_of_lines("vase"))
    assert [] == of_refunds(refund_of_lines(), refund_of_fee(4_98))


def test_refunding_more_than_the_order_is_told() -> None:
    too_much = Refund(kind=RefundKind.OTHER, amount=Money(54_99, USD))

    assert ["refund_exceeds_order"] == of_refunds(too_much)


def test_refunding_the_total_is_told_when_it_does_not_mean_everything() -> None:
    # Given 54.98, of which a gift card paid 40.00
    assert ["refund_exceeds_order"] == of_refunds(refund_of_lines(), total=14_98)
    assert ["refund_exceeds_order"] == of_refunds(refund_of_lines(quantity=2, amount=54_98))
    everything = Refund(kind=RefundKind.OTHER, amount=Money(54_98, USD))
    assert [] == of_refunds(everything)
    assert [] == of_refunds(refund_of_lines(amount=10_00), total=14_98)
    assert [] == of_refunds(total=0)


def of_scope(order: Order, covered: tuple[OrderLine, ...]) -> list[OrderWarning]:
    return [*doubts_about_scope(order, covered)]


def test_a_coverage_of_nothing_names_the_members_that_were_not_read() -> None:
    lines = tuple(
        replace(an_order_line(id_, price=0), unread_prices=("unitPrice", "total_price"))
        for id_ in ("a", "b")
    )

    (warning,) = of_scope(an_order(a_fee(), lines=lines), lines)

    assert WarningCode.NOTHING_COVERED is warning.code
    assert "line a, b has unitPrice and total_price, which is not read" in warning.message
    assert "unit_price" in warning.message


def test_one_line_without_a_price_that_is_read_is_told_too() -> None:
    lines = (
        an_order_line(),
        replace(an_order_line("b", price=0), unread_prices=("total_price",)),
    )

    (warning,) = of_scope(an_order(a_fee(), lines=lines), lines)

    assert warning.message.startswith("Some lines are covered for 0, because line b has")


def test_a_coverage_of_nothing_is_told_when_nothing_looks_like_a_price() -> None:
    free = (an_order_line(price=0),)

    assert "no line has a price" in of_scope(an_order(a_fee(), lines=free), free)[0].message
    assert "no line that the offer" in of_scope(an_order(a_fee()), ())[0].message


def test_nothing_is_told_of_an_order_that_is_worth_nothing_or_of_one_that_is_covered() -> None:
    free = (an_order_line(price=0),)

    assert [] == of_scope(an_order(lines=free, total_price=Money(0, USD)), free)
    assert [] == of_scope(an_order(a_fee()), an_order().lines)
    gone = (replace(an_order_line("b", quantity=0, price=0), unread_prices=("cost",)),)
    both = (*an_order().lines, *gone)
    assert [] == of_scope(an_order(a_fee(), lines=both), both)

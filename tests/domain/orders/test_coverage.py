"""Coverages: what the shop has to honour, and until when."""

from datetime import timedelta
from decimal import Decimal

import pytest

from orderguard.domain.coverage_mode import RETURN_COVERAGE, SHIPPING_PROTECTION
from orderguard.domain.ids import CoverageId
from orderguard.domain.money import USD, Money
from orderguard.domain.orders.acceptance import recognise_acceptance
from orderguard.domain.orders.coverage import (
    TRANSITIONS,
    Coverage,
    CoverageEvent,
    CoverageScope,
    CoverageState,
    CoveredLine,
    VoidReason,
    activate,
    follow_order,
    scope_of,
    void_reason_of,
)
from orderguard.domain.orders.order import Order, OrderLine, OrderStatus, Refund, RefundKind
from orderguard.domain.orders.unit_price import unit_price_from_major_units
from tests.support.orders import (
    NOON,
    ORDER,
    a_fee,
    a_quote,
    a_session,
    an_order,
    an_order_line,
    refund_of_fee,
    refund_of_lines,
)

TWO_LAMPS = CoverageScope((CoveredLine("lamp", 2, 50_00),), Money(50_00, USD))
ONE_LAMP = CoverageScope((CoveredLine("lamp", 1, 25_00),), Money(25_00, USD))


def a_coverage() -> Coverage:
    """Two lamps for 30 days from noon."""
    return activate(
        id_=CoverageId(1),
        order=ORDER,
        mode=RETURN_COVERAGE,
        scope=TWO_LAMPS,
        days=30,
        active_from=NOON,
        at=NOON,
        by="key_1",
    )


def followed(
    coverage: Coverage, reason: VoidReason | None, scope: CoverageScope = TWO_LAMPS
) -> Coverage:
    return follow_order(
        coverage, void_reason=reason, scope=scope, at=NOON + timedelta(days=1), by="key_2"
    )


def void_reason(order: Order, mode: str = RETURN_COVERAGE) -> VoidReason | None:
    acceptance = recognise_acceptance(order, a_session(a_quote()))
    return void_reason_of(order, acceptance, mode)  # type: ignore[arg-type]


def test_a_coverage_is_active_from_its_first_moment_up_to_but_not_at_its_end() -> None:
    coverage = a_coverage()
    end = NOON + timedelta(days=30)

    assert end == coverage.expires_at
    assert coverage.is_active(at=NOON)
    assert coverage.is_active(at=end - timedelta(microseconds=1))
    assert not coverage.is_active(at=end)
    assert not coverage.is_active(at=NOON - timedelta(microseconds=1))


def test_a_voided_coverage_is_not_active() -> None:
    assert not followed(a_coverage(), VoidReason.ORDER_CANCELLED).is_active(at=NOON)


def test_the_history_tells_who_did_what_when_and_why() -> None:
    voided = followed(a_coverage(), VoidReason.FEE_REFUNDED)

    activated, ended = voided.history
    assert (CoverageEvent.ACTIVATED, NOON, "key_1", None, 50_00) == (
        activated.event,
        activated.at,
        activated.by,
        activated.because,
        activated.amount,
    )
    assert (CoverageEvent.VOIDED, "key_2", VoidReason.FEE_REFUNDED) == (
        ended.event,
        ended.by,
        ended.because,
    )


def test_nothing_happens_to_a_coverage_whose_order_says_the_same() -> None:
    coverage = a_coverage()

    assert coverage is followed(coverage, None)


def test_fewer_goods_reduce_a_coverage() -> None:
    reduced = followed(a_coverage(), None, ONE_LAMP)

    assert (CoverageState.ACTIVE, ONE_LAMP) == (reduced.state, reduced.scope)
    assert CoverageEvent.CHANGED is reduced.history[-1].event


def test_voiding_keeps_on_record_what_was_covered() -> None:
    voided = followed(a_coverage(), VoidReason.ORDER_CANCELLED, ONE_LAMP)

    assert (CoverageState.VOIDED, TWO_LAMPS) == (voided.state, voided.scope)


def test_a_voided_coverage_stays_as_it_was_voided() -> None:
    voided = followed(a_coverage(), VoidReason.FEE_REFUNDED)

    assert voided is followed(voided, VoidReason.ORDER_CANCELLED, ONE_LAMP)


def test_an_order_that_comes_back_reinstates_its_coverage() -> None:
    voided = followed(a_coverage(), VoidReason.ORDER_CANCELLED)

    reinstated = followed(voided, None, ONE_LAMP)

    assert (CoverageState.ACTIVE, None, ONE_LAMP) == (
        reinstated.state,
        reinstated.void_reason,
        reinstated.scope,
    )
    assert CoverageEvent.REINSTATED is reinstated.history[-1].event


def test_nothing_but_these_five_things_can_happen_to_a_coverage() -> None:
    happening = [event for targets in TRANSITIONS.values() for event in targets.values()]

    assert ["activated", "changed", "voided", "reinstated"] == [str(event) for event in happening]


def test_the_paid_modes_of_a_running_order_are_covered() -> None:
    assert void_reason(an_order(a_fee())) is None


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        (an_order(), VoidReason.FEE_REMOVED),
        (an_order(a_fee(), status=OrderStatus.CANCELLED), VoidReason.ORDER_CANCELLED),
        (an_order(a_fee(), status=OrderStatus.REFUNDED), VoidReason.ORDER_REFUNDED),
        (
            an_order(a_fee(), refunds=(Refund(kind=RefundKind.OTHER, amount=Money(54_98, USD)),)),
            VoidReason.ORDER_REFUNDED,
        ),
        (an_order(a_fee(), status=OrderStatus.PENDING), VoidReason.ORDER_PENDING),
        (an_order(a_fee(), refunds=(refund_of_fee(4_98),)), VoidReason.FEE_REFUNDED),
    ],
)
def test_coverage_ends_with_the_fee_or_the_order(order: Order, reason: VoidReason) -> None:
    assert reason is void_reason(order)


def test_a_mode_that_was_not_paid_for_is_not_covered() -> None:
    order = an_order(a_fee(2_98, [RETURN_COVERAGE]))

    assert VoidReason.FEE_REMOVED is void_reason(order, SHIPPING_PROTECTION)


@pytest.mark.parametrize("status", [OrderStatus.ARCHIVED, OrderStatus.UNKNOWN])
def test_archiving_an_order_leaves_its_coverage(status: OrderStatus) -> None:
    assert void_reason(an_order(a_fee(), status=status)) is None


def test_a_partly_refunded_fee_still_covers() -> None:
    assert void_reason(an_order(a_fee(), refunds=(refund_of_fee(4_97),))) is None


def test_a_fee_of_nothing_still_covers() -> None:
    assert void_reason(an_order(a_fee(0))) is None


def test_the_scope_is_the_remaining_pieces_at_their_price() -> None:
    vase = an_order_line("vase", quantity=1, price=10_00)
    order = an_order(lines=(an_order_line(), vase), refunds=(refund_of_lines("lamp", 1),))

    expected = (CoveredLine("lamp", 1, 25_00), CoveredLine("vase", 1, 10_00))
    assert CoverageScope(expected, Money(35_00, USD)) == scope_of(order, order.lines)


def test_a_line_given_back_in_full_is_not_in_the_scope() -> None:
    order = an_order(refunds=(refund_of_lines("lamp", 2),))

    assert CoverageScope((), Money(0, USD)) == scope_of(order, order.lines)


def test_lines_that_may_not_be_covered_are_not_in_the_scope() -> None:
    order = an_order(lines=(an_order_line(), an_order_line("vase")))

    assert TWO_LAMPS == scope_of(order, order.lines[:1])


def test_a_line_is_rounded_once_whatever_its_pieces_cost() -> None:
    # Given 1.5 m of cloth at 3.3333 a metre, and three screws at 0.0045
    cloth = OrderLine(
        id="cloth",
        quantity=Decimal("1.5"),
        unit_price=unit_price_from_major_units("3.3333", USD),
    )
    screws = OrderLine(
        id="screws", quantity=3, unit_price=unit_price_from_major_units("0.0045", USD)
    )

    scope = scope_of(an_order(lines=(cloth, screws)), (cloth, screws))

    assert (
        CoveredLine("cloth", Decimal("1.5"), 5_00),
        CoveredLine("screws", 3, 1),
    ) == scope.lines
    assert Money(5_01, USD) == scope.amount

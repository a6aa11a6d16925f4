"""What became of offer sessions (contract §9)."""

from datetime import date, timedelta

import pytest

from orderguard.domain.analytics.funnel import (
    ABANDONED_AFTER,
    FunnelDay,
    SessionOutcome,
    funnel_of,
    outcome_of_session,
)
from orderguard.domain.orders.acceptance import AcceptanceOutcome
from tests.support.orders import NOON

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


def outcome(
    order: AcceptanceOutcome | None = None,
    *,
    ever_eligible: bool = True,
    idle: timedelta = timedelta(),
) -> SessionOutcome:
    return outcome_of_session(
        ever_eligible=ever_eligible, order_outcome=order, updated_at=NOON - idle, at=NOON
    )


def test_a_session_with_an_accepting_order_was_accepted() -> None:
    assert SessionOutcome.ACCEPTED is outcome(AcceptanceOutcome.ACCEPTED)


def test_a_fee_counts_even_in_a_session_that_was_never_eligible() -> None:
    assert SessionOutcome.ACCEPTED is outcome(AcceptanceOutcome.ACCEPTED, ever_eligible=False)


@pytest.mark.parametrize("order", [AcceptanceOutcome.DECLINED, AcceptanceOutcome.NOT_SHOWN])
def test_a_session_with_any_other_order_was_declined(order: AcceptanceOutcome) -> None:
    assert SessionOutcome.DECLINED is outcome(order)


@pytest.mark.parametrize("order", [None, AcceptanceOutcome.NOT_SHOWN])
def test_a_session_that_was_never_eligible_was_not_shown(order: AcceptanceOutcome | None) -> None:
    assert SessionOutcome.NOT_SHOWN is outcome(order, ever_eligible=False, idle=ABANDONED_AFTER)


def test_an_eligible_session_is_abandoned_after_exactly_seven_days_without_an_order() -> None:
    almost = ABANDONED_AFTER - timedelta(microseconds=1)

    assert timedelta(days=7) == ABANDONED_AFTER
    assert SessionOutcome.OPEN is outcome(idle=almost)
    assert SessionOutcome.ABANDONED is outcome(idle=ABANDONED_AFTER)


def test_days_come_in_order_and_counts_of_a_day_add_up() -> None:
    days = funnel_of(
        [
            (TUESDAY, SessionOutcome.ACCEPTED, 1),
            (MONDAY, SessionOutcome.OPEN, 2),
            (MONDAY, SessionOutcome.OPEN, 3),
        ]
    )

    assert [
        FunnelDay(MONDAY, {SessionOutcome.OPEN: 5}),
        FunnelDay(TUESDAY, {SessionOutcome.ACCEPTED: 1}),
    ] == days


def test_everybody_but_those_who_were_not_shown_the_offer_could_see_it() -> None:
    day = FunnelDay(MONDAY, {SessionOutcome.ACCEPTED: 2, SessionOutcome.NOT_SHOWN: 3})

    assert (5, 2, 2) == (day.analysed, day.shown, day.accepted)
    assert (0, 0, 0) == (lambda d: (d.analysed, d.shown, d.accepted))(FunnelDay(MONDAY, {}))

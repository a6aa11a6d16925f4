"""What a session adds to a merchant's numbers, and how it is taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from orderguard.domain.analytics.analytics import (
    HIDDEN,
    CartInBrief,
    Cell,
    Dimension,
    Facts,
    Measure,
    arm_value,
    band_place,
    joined_square,
    split_square,
    value_band,
    values_of,
)
from orderguard.domain.analytics.facts import (
    OrderOnRecord,
    SessionOnRecord,
    facts_of_order,
    facts_of_session,
)
from orderguard.domain.analytics.funnel import ABANDONED_AFTER, SessionOutcome
from orderguard.domain.books.ledger import Posting
from orderguard.domain.books.month import Month
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.ids import OrderId
from orderguard.domain.money import JPY, KWD, USD, Currency
from orderguard.domain.orders.acceptance import AcceptanceOutcome
from orderguard.domain.region import Region
from tests.support.builders import a_configuration
from tests.support.orders import NOON, Story, a_fee, an_order

CART = CartInBrief("woocommerce", Region("US", "OH"), USD, 70_00)
DAY = date(2026, 11, 3)
BEGAN = datetime(2026, 11, 3, 9, tzinfo=UTC)


def a_session(**changes: Any) -> SessionOnRecord:
    known: dict[str, Any] = {
        "created_at": BEGAN,
        "updated_at": BEGAN,
        "analysis_count": 3,
        "ever_eligible": True,
        "was_in_control": False,
        "reason": EligibilityReason.ELIGIBLE,
        "cart": CART,
    }
    return SessionOnRecord(**known | changes)


def an_order_on_record(*postings: Posting, **changes: Any) -> OrderOnRecord:
    known: dict[str, Any] = {
        "id": OrderId(7),
        "revision": 1,
        "outcome": AcceptanceOutcome.ACCEPTED,
        "received_at": BEGAN + timedelta(hours=1),
        "is_deleted": False,
        "postings": postings,
    }
    return OrderOnRecord(**known | changes)


def totals(facts: Facts) -> dict[str, int]:
    """What is added, not told apart by anything, days taken together."""
    found: dict[str, int] = {}
    for cell, number in facts.contribution().items():
        if cell.dimension is Dimension.ALL:
            found[cell.measure] = found.get(cell.measure, 0) + number
    return found


def test_a_session_counts_in_every_dimension_it_has_a_value_in() -> None:
    added = facts_of_session(a_session(), None, arm="", at=BEGAN).contribution()

    analysed = {cell: n for cell, n in added.items() if cell.measure == Measure.ANALYSED}
    assert {cell.dimension for cell in analysed} == set(Dimension) - {Dimension.EXPERIMENT}
    assert 1 == analysed[Cell(DAY, Dimension.COUNTRY, "US", USD, Measure.ANALYSED)]
    assert 1 == analysed[Cell(DAY, Dimension.CART_VALUE, "50-100", USD, Measure.ANALYSED)]


def test_an_open_session_is_abandoned_once_its_time_has_passed() -> None:
    facts = facts_of_session(a_session(), None, arm="", at=BEGAN)

    assert 1 == totals(facts)[Measure.OPEN]
    assert facts is facts.as_of(BEGAN + ABANDONED_AFTER - timedelta(seconds=1))
    settled = facts.as_of(BEGAN + ABANDONED_AFTER)
    assert SessionOutcome.ABANDONED is settled.outcome
    assert settled is settled.as_of(BEGAN + 2 * ABANDONED_AFTER)


def test_a_hidden_offer_counts_by_its_reason() -> None:
    hidden = a_session(ever_eligible=False, reason=EligibilityReason.CART_TOTAL_TOO_LOW)

    added = totals(facts_of_session(hidden, None, arm="", at=BEGAN))

    assert {Measure.ANALYSED: 1, Measure.ANALYSES: 3, f"{HIDDEN}cart_total_too_low": 1} == added


def test_the_control_group_was_eligible_and_not_shown() -> None:
    control = a_session(
        ever_eligible=False,
        was_in_control=True,
        reason=EligibilityReason.AB_TEST_CONTROL_GROUP,
    )

    added = facts_of_session(control, None, arm=arm_value("holdout", "control"), at=BEGAN)

    assert (1, None) == (totals(added)[Measure.ELIGIBLE], totals(added).get(Measure.SHOWN))
    cell = Cell(DAY, Dimension.EXPERIMENT, "holdout | control", USD, Measure.ANALYSED)
    assert 1 == added.contribution()[cell]


def test_fees_count_on_the_day_they_were_posted_and_revenue_on_the_sessions_first() -> None:
    story = Story(configuration=a_configuration(provider_share_bps=10_00))
    story.push(an_order(a_fee()))

    facts = facts_of_session(
        a_session(), an_order_on_record(*story.postings), arm=arm_value("x", "offered"), at=NOON
    )

    added = facts.contribution()
    assert 4_98 == added[Cell(DAY, Dimension.ALL, "", USD, Measure.REVENUE)]
    assert 4_98 == added[Cell(NOON.date(), Dimension.ALL, "", USD, Measure.FEES)]
    assert totals(facts)[Measure.PROVIDER_SHARE]
    assert {1} == {totals(facts)[m] for m in (Measure.ACCEPTED, Measure.ORDERS, Measure.SHOWN)}
    low = Cell(DAY, Dimension.EXPERIMENT, "x | offered", USD, Measure.SQUARES_LOW)
    assert 4_98**2 == added[low]


def test_a_fee_that_was_taken_off_is_a_removal_and_earns_nothing() -> None:
    story = Story()
    story.push(an_order(a_fee()))
    story.push(an_order())

    added = totals(
        facts_of_session(a_session(), an_order_on_record(*story.postings), arm="", at=NOON)
    )

    assert (1, 4_98, 4_98) == (
        added[Measure.REMOVED],
        added[Measure.FEES],
        added[Measure.REVERSALS],
    )
    assert Measure.REVENUE not in added


def test_a_posting_of_a_later_period_counts_on_that_periods_first_day() -> None:
    story = Story()
    story.push(an_order(a_fee()), period=Month(2026, 12))

    facts = facts_of_order(an_order_on_record(*story.postings))

    assert [date(2026, 12, 1)] == [amount.day for amount in facts.posted]


def test_an_order_without_a_session_counts_in_the_total_only() -> None:
    story = Story()
    story.push(an_order(a_fee()))
    unlinked = an_order_on_record(*story.postings)
    deleted = an_order_on_record(is_deleted=True)

    added = facts_of_order(unlinked).contribution()

    assert {Dimension.ALL} == {cell.dimension for cell in added}
    assert (1, 1) == (
        totals(facts_of_order(unlinked))[Measure.ORDERS],
        totals(facts_of_order(unlinked))[Measure.ACCEPTED_UNLINKED],
    )
    assert {} == totals(facts_of_order(deleted))


@pytest.mark.parametrize("amount", [0, 1, 4_98, 2**40, 2**50 + 1])
def test_a_square_is_the_same_in_one_piece_and_in_two(amount: int) -> None:
    assert amount**2 == joined_square(*split_square(amount))


@pytest.mark.parametrize(
    ("subtotal", "currency", "band"),
    [
        (0, USD, "0-10"),
        (9_99, USD, "0-10"),
        (10_00, USD, "10-20"),
        (20_00, USD, "20-50"),
        (99_99, USD, "50-100"),
        (100_00, USD, "100-200"),
        (500, JPY, "500-1000"),
        (12_500, KWD, "10-20"),
    ],
)
def test_bands_begin_at_1_2_and_5_of_each_decade(
    subtotal: int, currency: Currency, band: str
) -> None:
    assert band == value_band(subtotal, currency)


def test_codes_that_strangers_make_up_are_counted_as_one_currency() -> None:
    made_up = [CartInBrief("p", Region("US"), Currency(code), 5) for code in ("IRT", "QQQ")]
    withdrawn = CartInBrief("p", Region("US"), Currency("BGN"), 5_00)

    assert {"XXX"} == {values_of(cart, "")[2] for cart in made_up}
    assert "BGN" == values_of(withdrawn, "")[2]


def test_bands_stand_in_the_order_of_their_values() -> None:
    assert ["", "0-10", "20-50", "100-200"] == sorted(
        ["100-200", "", "20-50", "0-10"], key=band_place
    )


def test_values_are_cut_and_without_what_a_database_cannot_keep() -> None:
    long = CartInBrief("p\0" + "x" * 300, Region("US"), USD, 0)

    assert "p" + "x" * 199 == values_of(long, "")[0]

"""What follows from an order revision: acceptance, coverage, postings and events together."""

from dataclasses import replace
from datetime import timedelta

from orderguard.domain.books.ledger import LedgerAccount, ReversalReason, trial_balance
from orderguard.domain.coverage_mode import RETURN_COVERAGE, SHIPPING_PROTECTION
from orderguard.domain.money import USD, Money
from orderguard.domain.orders.coverage import CoverageState, VoidReason
from orderguard.domain.orders.event import EventType
from orderguard.domain.orders.fee_verdict import LeftOutLine
from orderguard.domain.orders.order import OrderStatus
from orderguard.domain.orders.settlement import Books, Settlement, settle
from tests.support.builders import BOTH, a_configuration
from tests.support.orders import (
    NOON,
    Story,
    a_fee,
    a_quote,
    a_session,
    an_order,
    an_order_line,
    circumstances,
    refund_of_fee,
    refund_of_lines,
    standing_modes,
)

ACCEPTED = an_order(a_fee())
CANCELLED = replace(ACCEPTED, status=OrderStatus.CANCELLED)


def revenue(story: Story) -> int:
    """Minor units earned, over all postings."""
    return -sum(
        entry.amount.amount
        for posting in story.postings
        for entry in posting.entries
        if entry.account is LedgerAccount.FEE_REVENUE
    )


def event_types(settlement: Settlement) -> list[EventType]:
    return [event.type for event in settlement.events]


def test_an_accepted_order_is_covered_billed_and_told() -> None:
    story = Story()

    settlement = story.push(ACCEPTED)

    assert BOTH == standing_modes(story.books.coverages)
    assert 4_98 == revenue(story)
    assert [
        EventType.ORDER_ACCEPTED,
        EventType.COVERAGE_ACTIVATED,
        EventType.COVERAGE_ACTIVATED,
    ] == event_types(settlement)


def test_a_declined_order_leads_to_nothing() -> None:
    settlement = Story().push(an_order())

    assert ((), (), ()) == (settlement.coverages, settlement.postings, settlement.events)


def test_replayed_order_posts_nothing_new() -> None:
    story = Story()
    story.push(ACCEPTED)

    again = story.push(ACCEPTED, at=NOON + timedelta(days=1))

    assert ((), (), ()) == (again.coverages, again.postings, again.events)


def test_cancelling_voids_the_coverage_and_reverses_the_billing() -> None:
    story = Story()
    story.push(ACCEPTED)

    settlement = story.push(CANCELLED)

    assert {VoidReason.ORDER_CANCELLED} == {c.void_reason for c in story.books.coverages}
    assert [ReversalReason.ORDER_CANCELLED] == [p.because for p in settlement.postings]
    assert 0 == revenue(story)
    assert [EventType.COVERAGE_VOIDED] * 2 == event_types(settlement)


def test_an_order_that_arrives_cancelled_is_neither_covered_nor_billed() -> None:
    settlement = Story().push(CANCELLED)

    assert settlement.acceptance.is_accepted
    assert ((), ()) == (settlement.coverages, settlement.postings)


def test_undoing_a_cancellation_covers_and_bills_again() -> None:
    story = Story()
    for order in (ACCEPTED, CANCELLED, ACCEPTED):
        last = story.push(order)

    assert (BOTH, 4_98) == (standing_modes(story.books.coverages), revenue(story))
    assert [EventType.COVERAGE_ACTIVATED] * 2 == event_types(last)


def test_removing_the_fee_from_an_order_reverses_what_was_posted() -> None:
    story = Story()
    story.push(ACCEPTED)

    settlement = story.push(an_order())

    assert [ReversalReason.FEE_REMOVED] == [p.because for p in settlement.postings]
    assert () == standing_modes(story.books.coverages)


def test_deleting_an_order_ends_everything_and_says_why() -> None:
    story = Story()
    story.push(ACCEPTED)

    settlement = story.push(ACCEPTED, is_deleted=True)

    assert {VoidReason.ORDER_DELETED} == {c.void_reason for c in settlement.coverages}
    assert [ReversalReason.ORDER_DELETED] == [p.because for p in settlement.postings]


def test_deleting_an_order_whose_fee_was_removed_changes_nothing() -> None:
    story = Story()
    story.push(ACCEPTED)
    story.push(an_order())

    settlement = story.push(an_order(), is_deleted=True)

    assert ((), ()) == (settlement.coverages, settlement.postings)


def test_deletion_is_the_reason_even_when_the_fee_goes_in_the_same_breath() -> None:
    story = Story()
    story.push(ACCEPTED)

    settlement = story.push(an_order(), is_deleted=True)

    assert [ReversalReason.ORDER_DELETED] == [p.because for p in settlement.postings]


def test_refunding_part_of_the_fee_bills_the_rest_and_keeps_the_coverage() -> None:
    story = Story()
    story.push(ACCEPTED)

    settlement = story.push(replace(ACCEPTED, refunds=(refund_of_fee(98),)))

    assert (BOTH, 4_00) == (standing_modes(story.books.coverages), revenue(story))
    assert [ReversalReason.FEE_REFUNDED, None] == [p.because for p in settlement.postings]


def test_changing_the_fee_reverses_the_old_one_and_bills_the_new_one() -> None:
    story = Story()
    story.push(ACCEPTED)

    settlement = story.push(an_order(a_fee(5_98)))

    assert [ReversalReason.FEE_CHANGED, None] == [p.because for p in settlement.postings]
    assert 5_98 == revenue(story)


def test_dropping_one_mode_of_the_fee_voids_that_mode_only() -> None:
    story = Story()
    story.push(ACCEPTED)

    story.push(an_order(a_fee(2_98, [RETURN_COVERAGE])))

    assert (RETURN_COVERAGE,) == standing_modes(story.books.coverages)
    assert 2_98 == revenue(story)


def test_giving_back_goods_reduces_the_coverage_but_not_the_fee() -> None:
    story = Story()
    story.push(ACCEPTED)

    settlement = story.push(replace(ACCEPTED, refunds=(refund_of_lines(quantity=1),)))

    assert [25_00, 25_00] == [c.scope.amount.amount for c in settlement.coverages]
    assert () == settlement.postings
    assert [EventType.COVERAGE_CHANGED] * 2 == event_types(settlement)


def test_terms_and_the_providers_share_come_from_the_configuration_of_the_order() -> None:
    configuration = a_configuration(
        terms={"returnCoverage": {"days": 90}}, provider_share_bps=50_00
    )
    story = Story(configuration=configuration)

    story.push(ACCEPTED)

    days = {c.mode: (c.expires_at - c.active_from).days for c in story.books.coverages}
    assert {RETURN_COVERAGE: 90, SHIPPING_PROTECTION: 60} == days
    shares = [e.amount.amount for e in story.postings[0].entries if e.account == "provider_share"]
    assert [1_49, 1_00] == shares


def test_coverage_begins_with_the_order_not_with_its_push() -> None:
    yesterday = NOON - timedelta(days=1)
    story = Story()

    story.push(replace(ACCEPTED, created_at=yesterday))

    assert {yesterday} == {coverage.active_from for coverage in story.books.coverages}


def test_an_order_from_the_future_is_covered_from_now() -> None:
    story = Story()

    story.push(replace(ACCEPTED, created_at=NOON + timedelta(days=9)))

    assert {NOON} == {coverage.active_from for coverage in story.books.coverages}


def test_a_charge_that_matches_the_quoted_modes_is_split_as_quoted() -> None:
    story = Story()

    story.push(an_order(a_fee(9_96)), a_session(a_quote(2_98, 2_00)))

    entries = story.postings[0].entries
    assert [-5_96, -4_00] == [e.amount.amount for e in entries if e.account == "fee_revenue"]


def test_a_charge_for_other_modes_than_quoted_is_split_evenly() -> None:
    story = Story()

    story.push(an_order(a_fee(4_98)), a_session(a_quote(2_98, None)))

    entries = story.postings[0].entries
    assert [-2_49, -2_49] == [e.amount.amount for e in entries if e.account == "fee_revenue"]


def test_whatever_happens_to_an_order_the_books_balance() -> None:
    story = Story(configuration=a_configuration(provider_share_bps=33_33))
    refunded = replace(ACCEPTED, refunds=(refund_of_fee(1_00),))
    for order in (ACCEPTED, refunded, CANCELLED, an_order(), an_order(a_fee(1_01)), ACCEPTED):
        story.push(order)

    assert {USD: 0} == trial_balance(story.postings)


def test_events_of_one_order_share_a_topic_so_that_they_arrive_in_order() -> None:
    settlement = Story().push(ACCEPTED)

    assert {"order:7"} == {event.topic for event in settlement.events}
    accepted = settlement.events[0].body
    assert [{"amount": 4_98, "currency_code": "USD"}] == accepted["charged"]
    activated = settlement.events[1].body
    assert "2026-11-23T12:00:00+00:00" == activated["active_from"]
    assert ("lop_a1b2c3d4e5f6g7h8i9j0", "exact") == (accepted["session_id"], accepted["verdict"])


def covered(story: Story) -> list[int]:
    """What each coverage is worth, voided ones included."""
    return [coverage.scope.amount.amount for coverage in story.books.coverages]


def codes(settlement: Settlement) -> list[str]:
    return [warning.code for warning in settlement.acceptance.warnings]


def test_an_order_without_goods_is_covered_for_nothing_and_says_so() -> None:
    story = Story()

    settlement = story.push(an_order(a_fee(), lines=(), total_price=Money(4_98, USD)))

    assert [0, 0] == covered(story)
    assert {CoverageState.ACTIVE} == {coverage.state for coverage in story.books.coverages}
    assert ["nothing_covered"] == codes(settlement)
    assert [] == codes(Story().push(an_order(lines=())))


def test_goods_that_came_back_are_no_mistake() -> None:
    story = Story()

    settlement = story.push(replace(ACCEPTED, refunds=(refund_of_lines(quantity=2, amount=50_00),)))

    assert ([0, 0], 4_98, []) == (covered(story), revenue(story), codes(settlement))


def test_an_order_that_is_not_paid_is_neither_covered_nor_billed_until_it_is() -> None:
    story = Story()

    placed = story.push(replace(ACCEPTED, status=OrderStatus.PENDING))

    assert ((), 0) == (placed.coverages, revenue(story))
    assert placed.acceptance.is_accepted
    paid = story.push(ACCEPTED)
    assert ([50_00, 50_00], 4_98) == (covered(story), revenue(story))
    assert EventType.COVERAGE_ACTIVATED in event_types(paid)


def test_an_order_that_turns_out_not_to_be_paid_is_not_covered_any_more() -> None:
    story = Story()
    story.push(ACCEPTED)

    settlement = story.push(replace(ACCEPTED, status=OrderStatus.PENDING))

    assert () == standing_modes(story.books.coverages)
    assert {VoidReason.ORDER_PENDING} == {each.void_reason for each in settlement.coverages}
    assert [ReversalReason.ORDER_PENDING] == [each.because for each in settlement.postings]
    assert 0 == revenue(story)


def test_goods_that_the_quote_left_out_are_not_covered() -> None:
    coat = replace(an_order_line("9002", quantity=1, price=200_00), product_id="coat")
    quote = replace(a_quote(), left_out=(LeftOutLine("2", "coat"),))
    story = Story()

    story.push(an_order(a_fee(), lines=(an_order_line(), coat)), a_session(quote))

    assert [50_00, 50_00] == covered(story)


def test_the_quote_that_the_fee_was_compared_with_decides_what_is_left_out() -> None:
    # Given an order of the first quote, after which the session went on without the lamp
    first = replace(a_quote(1_00, ordinal=1), left_out=(LeftOutLine("2", "coat"),))
    second = replace(a_quote(2_00, ordinal=2), left_out=(LeftOutLine("1", "lamp"),))
    lines = tuple(
        replace(an_order_line(id_, quantity=1, price=price), product_id=id_)
        for id_, price in (("lamp", 50_00), ("coat", 200_00))
    )
    story = Story()

    story.push(an_order(a_fee(3_00), lines=lines), a_session(first, second))

    assert [50_00, 50_00] == covered(story)


def test_a_fee_copied_from_a_text_is_billed_as_it_was_quoted() -> None:
    digits = replace(a_fee(498_00), minor_reading=Money(4_98, USD))
    story = Story()

    settlement = story.push(an_order(digits))

    assert (4_98, []) == (revenue(story), codes(settlement))
    # And it stays so when a later push names no session any more.
    again = settle(an_order(digits, session_text=None), None, story.books, circumstances())
    assert Money(4_98, USD) == again.acceptance.charged[0]
    assert "fee_amount_ambiguous" not in codes(again)


def test_a_fee_in_doubt_is_told() -> None:
    digits = replace(a_fee(498_00), minor_reading=Money(4_98, USD))

    settlement = settle(an_order(digits), None, Books(), circumstances())

    assert "fee_amount_ambiguous" in codes(settlement)
    assert Money(498_00, USD) == settlement.acceptance.charged[0]


def test_a_refund_in_full_ends_everything_and_a_partial_one_does_not() -> None:
    # Given 54.98, of which a gift card paid 40.00
    order = replace(ACCEPTED, total_price=Money(14_98, USD))
    story = Story()
    story.push(order)

    partly = story.push(replace(order, refunds=(refund_of_lines(),)))

    assert ([25_00, 25_00], 4_98) == (covered(story), revenue(story))
    assert ["refund_exceeds_order"] == codes(partly)
    story.push(replace(order, status=OrderStatus.REFUNDED))
    assert ((), 0) == (standing_modes(story.books.coverages), revenue(story))


def test_settling_the_same_again_changes_nothing_and_a_deletion_has_all_coverages() -> None:
    story = Story()
    first = story.push(ACCEPTED)

    again = story.push(ACCEPTED)

    assert again.changes_nothing(story.books)
    assert first.coverages == again.all_coverages(story.books)
    assert not story.push(CANCELLED).changes_nothing(Books())

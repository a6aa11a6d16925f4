"""Statements: what protection earned in a month, from postings alone."""

from dataclasses import replace
from datetime import timedelta

from orderguard.domain.books.ledger import Posting
from orderguard.domain.books.month import Month
from orderguard.domain.books.statement import Statement, statement_of
from orderguard.domain.coverage_mode import RETURN_COVERAGE, SHIPPING_PROTECTION
from orderguard.domain.ids import ConfigurationVersion, MerchantId, OrderId
from orderguard.domain.money import EUR, USD
from orderguard.domain.orders.fee_verdict import VERDICTS_TO_REVIEW
from orderguard.domain.orders.order import OrderStatus
from orderguard.domain.orders.order_record import OrderRecord
from tests.support.builders import a_configuration
from tests.support.orders import NOON, Story, a_fee, a_session, an_order, posted_sums

NOVEMBER, DECEMBER = Month(2026, 11), Month(2026, 12)
ACCEPTED = an_order(a_fee())
CANCELLED = replace(ACCEPTED, status=OrderStatus.CANCELLED)


def drawn_up(month: Month, *postings: Posting) -> Statement:
    return statement_of(month, posted_sums(postings, month))


def test_a_month_without_postings_has_no_currencies() -> None:
    assert Statement(NOVEMBER, ()) == drawn_up(NOVEMBER)


def test_fees_are_told_by_mode() -> None:
    story = Story()
    story.push(ACCEPTED)

    (dollars,) = drawn_up(NOVEMBER, *story.postings).currencies

    assert {RETURN_COVERAGE: 2_98, SHIPPING_PROTECTION: 2_00} == dollars.fees_by_mode
    assert (USD, 1, 4_98, 0, 4_98) == (
        dollars.currency,
        dollars.orders_accepted,
        dollars.fees,
        dollars.reversals,
        dollars.net,
    )


def test_net_is_fees_less_reversals_less_the_providers_share() -> None:
    story = Story(configuration=a_configuration(provider_share_bps=10_00))
    story.push(ACCEPTED)
    other = Story(order_id=OrderId(8), configuration=a_configuration(provider_share_bps=10_00))
    for order in (ACCEPTED, CANCELLED):
        other.push(order)

    (dollars,) = drawn_up(NOVEMBER, *story.postings, *other.postings).currencies

    assert (2, 9_96, 4_98, 50) == (
        dollars.orders_accepted,
        dollars.fees,
        dollars.reversals,
        dollars.provider_share,
    )
    assert 9_96 - 4_98 - 50 == dollars.net


def test_a_fee_that_changes_counts_its_order_once() -> None:
    story = Story()
    story.push(ACCEPTED)
    story.push(an_order(a_fee(5_98)))

    (dollars,) = drawn_up(NOVEMBER, *story.postings).currencies

    assert (1, 5_98) == (dollars.orders_accepted, dollars.net)


def test_a_correction_of_an_earlier_month_says_so() -> None:
    story = Story()
    story.push(ACCEPTED)
    story.push(CANCELLED, period=DECEMBER, at=NOON + timedelta(days=20))

    (november,) = drawn_up(NOVEMBER, *story.postings).currencies
    (december,) = drawn_up(DECEMBER, *story.postings).currencies

    assert (4_98, 0) == (november.net, november.corrections_of_earlier_months)
    assert (0, -4_98) == (december.orders_accepted, december.net)
    assert (1, 4_98) == (december.corrections_of_earlier_months, december.corrections_amount)


def test_a_correction_within_the_month_is_no_correction_of_an_earlier_one() -> None:
    story = Story()
    for order in (ACCEPTED, CANCELLED):
        story.push(order)

    (dollars,) = drawn_up(NOVEMBER, *story.postings).currencies

    assert (0, 0) == (dollars.corrections_of_earlier_months, dollars.corrections_amount)


def test_every_currency_has_a_statement_of_its_own() -> None:
    dollars, euros = Story(), Story(order_id=OrderId(8))
    dollars.push(ACCEPTED)
    euros.push(an_order(a_fee(3_00, currency=EUR)))

    statement = drawn_up(NOVEMBER, *dollars.postings, *euros.postings)

    assert [(EUR, 3_00), (USD, 4_98)] == [(c.currency, c.fees) for c in statement.currencies]


def test_an_order_needs_review_when_its_verdict_or_a_doubt_does() -> None:
    settlement = Story().push(an_order(a_fee(9_99)))
    record = OrderRecord(
        merchant=MerchantId("mer_x"),
        id=OrderId(7),
        external_id=None,
        status=OrderStatus.ACTIVE,
        stands=True,
        document={},
        acceptance=settlement.acceptance,
        configuration_version=ConfigurationVersion(1),
        revision=1,
        received_at=NOON,
        changed_at=NOON,
    )

    assert record.needs_review
    assert settlement.acceptance.verdict in VERDICTS_TO_REVIEW
    declined = Story().push(an_order(), a_session())
    assert not replace(record, acceptance=declined.acceptance).needs_review
    nothing_covered = Story().push(an_order(a_fee(), lines=()))
    assert replace(record, acceptance=nothing_covered.acceptance).needs_review
    two_fees = Story().push(
        an_order(a_fee(2_98, [RETURN_COVERAGE]), a_fee(2_00, [SHIPPING_PROTECTION]))
    )
    assert ["several_fees"] == [each.code for each in two_fees.acceptance.warnings]
    assert not replace(record, acceptance=two_fees.acceptance).needs_review

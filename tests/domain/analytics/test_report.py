"""What a merchant reads in the numbers of some days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from orderguard.domain.analytics.analytics import HIDDEN, Cell, Dimension, Measure
from orderguard.domain.analytics.report import (
    DAYS_AT_MOST,
    Numbers,
    Period,
    by_day,
    by_value,
    latency_percentiles,
    numbers_of,
    share_bps,
)
from orderguard.domain.errors import Malformed
from orderguard.domain.money import JPY, KWD, USD

MONDAY, TUESDAY, WEDNESDAY = date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25)


def a_cell(measure: str, *, currency: str = USD, value: str = "US", day: date = MONDAY) -> Cell:
    return Cell(day, Dimension.COUNTRY, value, currency, measure)


def numbers(counts: Mapping[str, int], *, currency: str = USD) -> Numbers:
    return numbers_of(
        (a_cell(measure, currency=currency), number) for measure, number in counts.items()
    )


def test_both_ends_belong_to_a_period() -> None:
    period = Period.parse("2026-11-23", "2026-11-25")

    assert 3 == period.days
    assert [MONDAY, TUESDAY, WEDNESDAY] == period.each_day()
    assert Period.through(WEDNESDAY, days=3) == period


def test_a_period_is_compared_with_as_many_days_just_before_it() -> None:
    assert Period.parse("2026-11-20", "2026-11-22") == Period(MONDAY, WEDNESDAY).before


def test_a_single_day_is_a_period() -> None:
    assert 1 == Period.parse("2026-11-23", "2026-11-23").days


@pytest.mark.parametrize(
    ("first", "last", "says"),
    [
        ("2026-11-24", "2026-11-23", "The last day, 2026-11-23, is before the first, 2026-11-24."),
        ("2025-01-01", "2026-11-23", "692 days are too many; the limit is 400."),
        ("yesterday", "2026-11-23", "'yesterday' is not a day; expected one such as 2026-11-24."),
        ("2026-11-23", "2026-02-30", "'2026-02-30' is not a day; expected one such as 2026-11-24."),
    ],
)
def test_days_that_make_no_sense_are_explained(first: str, last: str, says: str) -> None:
    with pytest.raises(Malformed) as error:
        Period.parse(first, last)

    assert says == str(error.value)


def test_the_longest_period_is_a_year_and_a_month() -> None:
    longest = Period.through(MONDAY, days=DAYS_AT_MOST)

    assert longest == Period.parse(longest.first.isoformat(), longest.last.isoformat())


def test_the_attach_rate_is_of_sessions_that_could_see_the_offer() -> None:
    month = numbers(
        {Measure.ANALYSED: 1_000, Measure.SHOWN: 800, Measure.ACCEPTED: 100, Measure.DECLINED: 300}
    )

    assert 12_50 == month.attach_rate_bps
    assert 25_00 == month.order_attach_rate_bps


def test_where_nobody_could_see_the_offer_there_is_no_rate() -> None:
    nobody = numbers({Measure.ANALYSED: 5})

    assert (None, None) == (nobody.attach_rate_bps, nobody.order_attach_rate_bps)
    assert (None, None) == (nobody.revenue_per_session("EUR"), nobody.revenue_per_order(USD))


def test_money_of_two_currencies_is_never_added() -> None:
    month = numbers_of(
        [
            (a_cell(Measure.REVENUE, currency=USD), 4_98),
            (a_cell(Measure.REVENUE, currency=JPY), 500),
            (a_cell(Measure.REVENUE, currency=USD, day=TUESDAY), 5_02),
        ]
    )

    assert (JPY, USD) == month.currencies
    assert (10_00, 500) == (
        month.amount(Measure.REVENUE, USD),
        month.amount(Measure.REVENUE, JPY),
    )
    assert 0 == month.amount(Measure.REVENUE, KWD)


def test_averages_divide_by_the_sessions_and_orders_of_their_own_currency() -> None:
    month = numbers_of(
        [
            (a_cell(Measure.ANALYSED, currency=USD), 300),
            (a_cell(Measure.ANALYSED, currency=JPY), 100),
            (a_cell(Measure.ORDERS, currency=USD), 40),
            (a_cell(Measure.ORDERS, currency=JPY), 10),
            (a_cell(Measure.REVENUE, currency=USD), 100_00),
            (a_cell(Measure.REVENUE, currency=JPY), 5_000),
        ]
    )

    assert 400 == month.count(Measure.ANALYSED)
    assert (33_3333, 250_0000) == (month.revenue_per_session(USD), month.revenue_per_order(USD))
    assert (50_0000, 500_0000) == (month.revenue_per_session(JPY), month.revenue_per_order(JPY))


def test_days_on_which_more_was_taken_back_than_earned_are_below_zero() -> None:
    returns = numbers({Measure.ANALYSED: 3, Measure.REVENUE: -2_00})

    assert -66_6667 == returns.revenue_per_session(USD)


def test_a_share_is_rounded_half_to_even() -> None:
    assert [0, 2, -2] == [share_bps(part, 20_000) for part in (1, 3, -3)]
    assert share_bps(1, 0) is None


def test_the_reason_that_hides_most_offers_comes_first() -> None:
    month = numbers(
        {
            HIDDEN + "empty_cart": 3,
            HIDDEN + "cart_total_too_low": 9,
            HIDDEN + "b2b_customer_excluded": 3,
            Measure.SHOWN: 50,
        }
    )

    assert [
        ("cart_total_too_low", 9),
        ("b2b_customer_excluded", 3),
        ("empty_cart", 3),
    ] == month.hidden_by_reason()


def test_a_day_without_sessions_is_in_the_report_all_the_same() -> None:
    cells = {
        a_cell(Measure.ANALYSED, day=MONDAY): 2,
        a_cell(Measure.ACCEPTED, day=MONDAY): 1,
        a_cell(Measure.ANALYSED, day=WEDNESDAY): 5,
    }

    days = by_day(Period(MONDAY, WEDNESDAY), cells)

    assert [MONDAY, TUESDAY, WEDNESDAY] == [day for day, _ in days]
    assert [2, 0, 5] == [numbers.count(Measure.ANALYSED) for _, numbers in days]
    assert 1 == days[0][1].count(Measure.ACCEPTED)


def test_values_come_by_their_sessions_and_bands_of_cart_values_in_their_order() -> None:
    cells = {
        a_cell(Measure.ANALYSED, value="20-50"): 9,
        a_cell(Measure.ACCEPTED, value="20-50"): 4,
        a_cell(Measure.ANALYSED, value="100-200"): 12,
        a_cell(Measure.ANALYSED, value="0-10"): 9,
    }

    by_sessions = by_value(Dimension.COUNTRY, cells)
    by_band = by_value(Dimension.CART_VALUE, cells)

    assert ["100-200", "0-10", "20-50"] == [value for value, _ in by_sessions]
    assert ["0-10", "20-50", "100-200"] == [value for value, _ in by_band]
    assert 4 == by_band[1][1].count(Measure.ACCEPTED)


def test_a_percentile_is_the_bound_within_which_so_many_answers_came() -> None:
    answers = {5_000: 4, 1_000: 90, 2_500: 5, 0: 1}

    found = latency_percentiles(answers, (500, 900, 950, 990, 999))

    assert [(500, 1_000), (900, 1_000), (950, 2_500), (990, 5_000), (999, None)] == found


def test_without_answers_there_is_no_latency() -> None:
    assert [] == latency_percentiles({}, (500, 990))

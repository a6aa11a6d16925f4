"""Months: the periods of statements."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from orderguard.domain.books.month import Month, period_for
from orderguard.domain.errors import Malformed

NOVEMBER = Month(2026, 11)


def test_a_month_is_read_and_written_as_year_and_number() -> None:
    assert NOVEMBER == Month.parse("2026-11")
    assert "2026-11" == str(NOVEMBER)


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "26-11", "2026-11-01", "1999-11", ""])
def test_what_is_not_a_month_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Malformed, match="expected one such as 2026-11"):
        Month.parse(text)


def test_the_last_moment_of_a_month_belongs_to_it_and_the_next_does_not() -> None:
    end = datetime(2026, 12, 1, tzinfo=UTC)

    assert NOVEMBER == Month.of(end - timedelta(microseconds=1))
    assert Month(2026, 12) == Month.of(end)


def test_a_month_is_counted_in_utc_wherever_the_instant_was_written() -> None:
    tokyo = timezone(timedelta(hours=9))

    assert NOVEMBER == Month.of(datetime(2026, 12, 1, 8, 59, tzinfo=tokyo))


def test_december_is_followed_by_january_of_the_next_year() -> None:
    assert Month(2027, 1) == Month(2026, 12).next
    assert Month(2026, 12) == NOVEMBER.next


def test_months_sort_in_time() -> None:
    assert [Month(2026, 2), Month(2026, 11), Month(2027, 1)] == sorted(
        [Month(2027, 1), Month(2026, 11), Month(2026, 2)]
    )


def test_a_posting_belongs_to_its_own_month_while_that_is_open() -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)

    assert NOVEMBER == period_for(at, None)
    assert NOVEMBER == period_for(at, Month(2026, 10))


def test_a_posting_to_a_closed_month_lands_in_the_first_open_one() -> None:
    at = datetime(2026, 11, 30, tzinfo=UTC)

    assert Month(2026, 12) == period_for(at, NOVEMBER)
    assert Month(2027, 1) == period_for(at, Month(2026, 12))

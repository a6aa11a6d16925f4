"""How long guessing takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from orderguard.domain.people.sign_in_throttle import (
    FORGOTTEN_AFTER,
    LONGEST_WAIT,
    Failures,
    Patience,
)

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("count", "seconds"), [(0, 0), (4, 0), (5, 1), (6, 2), (7, 4), (10, 32), (13, 256), (14, 300)]
)
def test_the_wait_doubles_with_every_failure_too_many(count: int, seconds: int) -> None:
    wait = Failures(count, NOON).wait(Patience.OF_ACCOUNT, at=NOON)

    assert timedelta(seconds=seconds) == wait


def test_nobody_waits_longer_than_the_longest_wait() -> None:
    assert LONGEST_WAIT == Failures(1_000_000, NOON).wait(Patience.OF_ACCOUNT, at=NOON)


def test_an_address_that_many_people_share_is_given_more_patience() -> None:
    failures = Failures(49, NOON)

    assert timedelta(0) == failures.wait(Patience.OF_ADDRESS, at=NOON)
    assert timedelta(seconds=1) == failures.one_more(at=NOON).wait(Patience.OF_ADDRESS, at=NOON)


def test_time_that_has_passed_counts() -> None:
    failures = Failures(10, NOON)

    assert timedelta(seconds=2) == failures.wait(
        Patience.OF_ACCOUNT, at=NOON + timedelta(seconds=30)
    )
    assert timedelta(0) == failures.wait(Patience.OF_ACCOUNT, at=NOON + timedelta(seconds=32))


def test_failures_are_forgotten_after_a_quiet_time() -> None:
    failures = Failures(100, NOON)

    assert 101 == failures.one_more(at=NOON + FORGOTTEN_AFTER - timedelta(seconds=1)).count
    assert 1 == failures.one_more(at=NOON + FORGOTTEN_AFTER).count
    assert timedelta(0) == failures.wait(Patience.OF_ACCOUNT, at=NOON + FORGOTTEN_AFTER)


def test_a_failure_that_a_clock_dated_ahead_keeps_nobody_out() -> None:
    ahead = Failures(10, NOON + timedelta(days=40))

    assert timedelta(0) == ahead.wait(Patience.OF_ACCOUNT, at=NOON)
    assert Failures(1, NOON) == ahead.one_more(at=NOON)


def test_an_attempt_that_did_not_fail_is_taken_back_as_if_it_had_not_been() -> None:
    before = Failures(7, NOON)
    counted = before.one_more(at=NOON + timedelta(minutes=20))

    assert before == counted.without_one(before)


def test_what_failed_after_an_attempt_that_did_not_stays() -> None:
    before, later = Failures(7, NOON), NOON + timedelta(seconds=2)
    counted = before.one_more(at=NOON + timedelta(seconds=1)).one_more(at=later)

    assert Failures(8, later) == counted.without_one(before)
    assert Failures(0, later) == Failures(0, later).without_one(before)


def test_failures_of_strangers_fade_by_one_a_minute() -> None:
    failures = Failures(60, NOON)

    assert failures == failures.faded(at=NOON + timedelta(seconds=59))
    assert Failures(58, NOON) == failures.faded(at=NOON + timedelta(minutes=2, seconds=30))
    assert Failures(0, NOON) == failures.faded(at=NOON + timedelta(hours=2))
    assert failures == failures.faded(at=NOON - timedelta(hours=2))

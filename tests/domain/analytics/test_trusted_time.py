"""Which time may decide what cannot be undone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from orderguard.domain.analytics.trusted_time import ClockRecord, trusted_time_of

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FORTY_DAYS = 40 * DAY


def _beats(
    record: ClockRecord, first: datetime, *, over: timedelta, every: timedelta = 30 * MINUTE
) -> ClockRecord:
    """The record after heartbeats of one process with an even clock."""
    record = record.after_heartbeat(first, elapsed=None)
    for number in range(1, over // every + 1):
        record = record.after_heartbeat(first + number * every, elapsed=every)
    return record


def test_a_clock_is_followed_from_heartbeat_to_heartbeat() -> None:
    assert ClockRecord(NOON + 14 * DAY) == _beats(ClockRecord(NOON), NOON, over=14 * DAY)


@pytest.mark.parametrize("ahead", [DAY, -DAY])
def test_a_day_more_or_less_is_no_jump(ahead: timedelta) -> None:
    assert ClockRecord(NOON + ahead) == ClockRecord(NOON).after_heartbeat(
        NOON + ahead, elapsed=HOUR
    )


@pytest.mark.parametrize("by", [FORTY_DAYS, -FORTY_DAYS])
def test_a_clock_that_jumps_confirms_nothing(by: timedelta) -> None:
    jumped = ClockRecord(NOON).after_heartbeat(NOON + by, elapsed=MINUTE)

    assert ClockRecord(NOON, doubtful_at=NOON + by) == jumped
    assert ClockRecord(NOON + MINUTE) == jumped.after_heartbeat(NOON + MINUTE, elapsed=MINUTE)


def test_heartbeats_that_could_not_be_written_for_long_are_no_jump() -> None:
    later = NOON + 3 * DAY

    assert ClockRecord(later) == ClockRecord(NOON).after_heartbeat(later, elapsed=3 * DAY)


def test_a_clock_that_jumped_is_believed_after_a_day_of_running_evenly() -> None:
    jumped = NOON + FORTY_DAYS

    almost = _beats(ClockRecord(NOON), jumped, over=23 * HOUR)

    assert NOON == almost.confirmed_at
    assert ClockRecord(jumped + DAY) == _beats(ClockRecord(NOON), jumped, over=DAY)


def test_a_clock_that_jumps_again_begins_its_day_again() -> None:
    jumped = NOON + FORTY_DAYS
    held = _beats(ClockRecord(NOON), jumped, over=23 * HOUR)

    again = held.after_heartbeat(jumped + 30 * HOUR, elapsed=MINUTE)

    assert ClockRecord(NOON, doubtful_at=jumped + 30 * HOUR) == again


def test_what_passed_while_nothing_ran_is_not_part_of_the_day() -> None:
    jumped = NOON + FORTY_DAYS
    held = _beats(ClockRecord(NOON), jumped, over=20 * HOUR)

    restarted = held.after_heartbeat(jumped + 26 * HOUR, elapsed=None)
    long_after = held.after_heartbeat(jumped + 60 * HOUR, elapsed=None)

    assert (NOON, 20 * HOUR) == (restarted.confirmed_at, restarted.held)
    assert (NOON, timedelta(0)) == (long_after.confirmed_at, long_after.held)


@pytest.mark.parametrize(
    ("newest", "record"),
    [
        (None, ClockRecord(NOON)),
        (NOON - HOUR, ClockRecord(NOON)),
        (NOON - 14 * DAY, ClockRecord(NOON - 14 * DAY, doubtful_at=NOON)),
        (NOON + FORTY_DAYS, ClockRecord(NOON + FORTY_DAYS, doubtful_at=NOON)),
    ],
)
def test_the_first_heartbeat_is_compared_with_the_newest_row(
    newest: datetime | None, record: ClockRecord
) -> None:
    assert record == ClockRecord.begun(NOON, newest)


def test_without_any_witness_the_clock_is_believed() -> None:
    trusted = trusted_time_of(NOON, record=None, database=None)

    assert (NOON, None) == (trusted.at, trusted.doubt)


def test_clocks_that_agree_within_a_day_leave_the_time_alone() -> None:
    trusted = trusted_time_of(NOON, record=ClockRecord(NOON - DAY), database=NOON + DAY)

    assert (NOON, None) == (trusted.at, trusted.doubt)


@pytest.mark.parametrize(
    ("record", "database", "words"),
    [
        (ClockRecord(NOON), None, "a server's last heartbeat was at 2026-11-30 12:00 UTC"),
        (ClockRecord(NOON + FORTY_DAYS), NOON, "the clock of the database says 2026-11-30 12:00"),
        (ClockRecord(NOON), NOON + FORTY_DAYS, "a server's last heartbeat was at 2026-11-30"),
    ],
)
def test_a_clock_that_is_ahead_decides_by_the_earliest_witness(
    record: ClockRecord, database: datetime | None, words: str
) -> None:
    trusted = trusted_time_of(NOON + FORTY_DAYS, record=record, database=database)

    assert NOON == trusted.at
    assert trusted.doubt
    assert "The clock here says 2027-01-09 12:00 UTC, but " in trusted.doubt
    assert words in trusted.doubt


def test_a_clock_that_is_behind_is_in_doubt_but_decides() -> None:
    trusted = trusted_time_of(NOON - FORTY_DAYS, record=ClockRecord(NOON), database=None)

    assert NOON - FORTY_DAYS == trusted.at
    assert trusted.doubt

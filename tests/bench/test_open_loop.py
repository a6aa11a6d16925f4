"""The accounting of the open loop: who waited, and since when."""

from __future__ import annotations

import pytest
from bench.open_loop import Schedule, account, answer_status


def a_schedule(count: int = 10) -> Schedule:
    return Schedule(start=100.0, rate=500, count=count)


def test_requests_become_due_by_the_clock():
    schedule = a_schedule()

    schedule.advance(100.0041)

    assert [100.0, 100.002, 100.004] == pytest.approx(list(schedule.line))


def test_a_stall_puts_everything_that_became_due_in_line():
    schedule = a_schedule(count=10)

    schedule.advance(200.0)

    assert 10 == len(schedule.line)
    assert schedule.everything_is_due


def test_a_wait_counts_from_when_the_request_was_due_not_from_when_it_left():
    schedule = a_schedule()
    schedule.advance(100.0)
    due = schedule.line.popleft()

    schedule.answered(due=due, now=100.5)

    assert [0.5] == pytest.approx(schedule.waits)


def test_requests_without_an_answer_count_with_the_time_they_waited():
    schedule = a_schedule(count=3)
    schedule.advance(101.0)
    answered, under_way = schedule.line.popleft(), schedule.line.popleft()
    schedule.answered(due=answered, now=100.010)

    loop = account(schedule, [under_way], now=101.0, errors=0)

    assert [10.0, 998.0, 996.0] == pytest.approx(loop.waits_ms)
    assert 2 == loop.unanswered


def test_an_answer_is_complete_with_its_last_byte():
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"

    assert [None, None, 200] == [
        answer_status(answer[:20]),
        answer_status(answer[:-1]),
        answer_status(answer),
    ]


def test_an_answer_may_spell_its_length_in_any_case():
    assert 503 == answer_status(b"HTTP/1.1 503 Busy\r\nContent-Length: 1\r\nX: y\r\n\r\n!")

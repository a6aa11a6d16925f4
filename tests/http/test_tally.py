"""What strangers cause at will is counted always, and logged rarely."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from orderguard.http.tally import MALFORMED, Tally


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def observed() -> list[str]:
    return []


@pytest.fixture
def tally(clock: Clock, observed: list[str]) -> Tally:
    return Tally(observe=observed.append, clock=clock)


def _lines(log: io.StringIO) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    for line in lines:
        del line["timestamp"]
    return lines


def test_a_burst_is_one_line_with_the_number_and_the_senders(
    tally: Tally, clock: Clock, log_lines: io.StringIO, observed: list[str]
) -> None:
    for number in range(1_100):
        tally.note("connections", f"192.0.2.{number % 3}")
        tally.log_due()
    assert [] == _lines(log_lines)

    clock.now += 2
    tally.log_due()

    (line,) = _lines(log_lines)
    assert {
        "event": "limit.reached",
        "level": "warning",
        "limit": "connections",
        "count": 1_100,
        "seconds": 2.0,
        "senders": 3,
        "sender": "192.0.2.1",
    } == line
    assert ["connections"] * 1_100 == observed
    assert not tally.has_more


def test_what_goes_on_is_one_line_a_minute(
    tally: Tally, clock: Clock, log_lines: io.StringIO
) -> None:
    for _ in range(150):
        tally.note(MALFORMED, "192.0.2.1", why="no HTTP")
        clock.now += 1
        tally.log_due()

    assert [2, 60, 60] == [line["count"] for line in _lines(log_lines)]
    assert {"request.malformed"} == {line["event"] for line in _lines(log_lines)}


def test_kinds_are_told_apart(tally: Tally, clock: Clock, log_lines: io.StringIO) -> None:
    tally.note("request_headers", "192.0.2.1")
    tally.note("request_head_bytes", "192.0.2.1")
    clock.now += 2
    tally.log_due()

    assert ["request_headers", "request_head_bytes"] == [
        line["limit"] for line in _lines(log_lines)
    ]


def test_what_has_not_been_told_is_told_at_the_end(tally: Tally, log_lines: io.StringIO) -> None:
    tally.note("connections", "192.0.2.1")

    tally.log_due(at_once=True)

    assert [1] == [line["count"] for line in _lines(log_lines)]

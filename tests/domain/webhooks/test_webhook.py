"""When a delivery is tried again, which one of a topic comes first, and what is sent."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderguard.domain.errors import Malformed
from orderguard.domain.ids import MerchantId
from orderguard.domain.orders.event import EventType
from orderguard.domain.webhooks.webhook import (
    Attempt,
    CommittedEvent,
    Delivered,
    EndpointGone,
    GivenUp,
    Place,
    Record,
    RetrySchedule,
    TryAgain,
    Verdict,
    WebhookEndpoint,
    WebhookEndpointId,
    WebhookSecret,
    first_in_line,
    judge,
    parse_event_types,
    payload_of,
)

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
SCHEDULE = RetrySchedule()


def judged(
    status: int | None, record: Record | None = None, *, jitter: float = 0.5, at: datetime = NOON
) -> Verdict:
    attempt = Attempt(at=at, duration=timedelta(), status=status)
    return judge(attempt, record or Record(), schedule=SCHEDULE, at=at, jitter=jitter)


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_any_status_of_2xx_is_a_delivery(status: int) -> None:
    assert Delivered() == judged(status)


@pytest.mark.parametrize("status", [None, 100, 199, 300, 302, 400, 404, 429, 500, 503])
def test_anything_else_is_tried_again(status: int | None) -> None:
    assert TryAgain(NOON + timedelta(seconds=5)) == judged(status)


def test_an_endpoint_that_is_gone_is_not_tried_again() -> None:
    assert EndpointGone() == judged(410)


def test_waits_grow_up_to_the_longest() -> None:
    waits = [SCHEDULE.wait_after(failures, jitter=0.5) for failures in range(1, 12)]

    assert [5, 15, 45, 135, 405, 1215, 3645, 10_935, 32_805, 43_200, 43_200] == [
        wait.total_seconds() for wait in waits
    ]


def test_many_failures_are_worked_out_quickly() -> None:
    assert SCHEDULE.longest_wait == SCHEDULE.wait_after(10_000, jitter=0.5)


@given(failures=st.integers(1, 50), jitter=st.floats(0, 1, exclude_max=True))
def test_jitter_moves_a_wait_by_a_fifth_at_most(failures: int, jitter: float) -> None:
    even = SCHEDULE.wait_after(failures, jitter=0.5)

    wait = SCHEDULE.wait_after(failures, jitter=jitter)

    assert 0.8 * even <= wait <= 1.2 * even


@given(jitters=st.lists(st.floats(0, 1, exclude_max=True), min_size=100, max_size=100))
def test_a_dead_endpoint_is_tried_for_about_three_days(jitters: list[float]) -> None:
    # Given an endpoint that never answers
    at, record, tries = NOON, Record(), [NOON]

    # When it is tried until it is given up
    for jitter in jitters:
        verdict = judged(None, record, jitter=jitter, at=at)
        if not isinstance(verdict, TryAgain):
            break
        at = verdict.at
        tries.append(at)
        record = Record(failures=record.failures + 1, failing_since=record.failing_since or NOON)

    # Then that took more than two days and at most three, with pauses of half a day at most
    assert GivenUp() == verdict
    assert timedelta(days=2) < tries[-1] - NOON <= SCHEDULE.patience
    assert all(later - earlier <= timedelta(hours=14.5) for earlier, later in pairwise(tries))


def test_patience_ends_exactly_when_it_is_over() -> None:
    last = Record(failures=20, failing_since=NOON - SCHEDULE.patience + SCHEDULE.longest_wait)
    too_late = Record(
        failures=20,
        failing_since=NOON - SCHEDULE.patience + SCHEDULE.longest_wait - timedelta(seconds=1),
    )

    assert TryAgain(NOON + SCHEDULE.longest_wait) == judged(500, last)
    assert GivenUp() == judged(500, too_late)


def test_a_clock_that_is_ahead_gives_up_nothing() -> None:
    failing = Record(failures=3, failing_since=NOON)
    ahead = NOON + timedelta(days=40)

    verdict = judge(
        Attempt(at=ahead, duration=timedelta(0), status=500),
        failing,
        schedule=SCHEDULE,
        at=ahead,
        jitter=0.5,
        trusted=NOON + timedelta(hours=1),
    )

    assert isinstance(verdict, TryAgain)


def test_the_earliest_event_of_a_topic_comes_first() -> None:
    line = [Place(sequence=number, is_under_way=False) for number in (7, 4, 9)]

    assert 4 == first_in_line(line)


def test_what_is_under_way_is_not_overtaken_by_an_earlier_event_that_is_replayed() -> None:
    line = [Place(sequence=4, is_under_way=False), Place(sequence=7, is_under_way=True)]

    assert 7 == first_in_line(line)


def test_nobody_is_first_in_an_empty_line() -> None:
    assert first_in_line([]) is None


def an_endpoint(*types: EventType, disabled_at: datetime | None = None) -> WebhookEndpoint:
    return WebhookEndpoint(
        id=WebhookEndpointId("whe_1"),
        merchant=MerchantId("mer_1"),
        url="https://shop.example/",
        event_types=frozenset(types),
        created_at=NOON,
        disabled_at=disabled_at,
    )


def test_an_endpoint_that_names_no_types_wants_all_of_them() -> None:
    assert all(an_endpoint().wants(each) for each in EventType)


def test_an_endpoint_wants_the_types_it_names() -> None:
    endpoint = an_endpoint(EventType.ORDER_ACCEPTED, EventType.COVERAGE_VOIDED)

    wanted = [each for each in EventType if endpoint.wants(each)]

    assert [EventType.ORDER_ACCEPTED, EventType.COVERAGE_VOIDED] == wanted


def test_an_endpoint_is_enabled_until_it_is_disabled() -> None:
    assert an_endpoint().is_enabled
    assert not an_endpoint(disabled_at=NOON).is_enabled


def test_event_types_are_known_by_their_names() -> None:
    expected = frozenset({EventType.ORDER_ACCEPTED, EventType.STATEMENT_CLOSED})

    assert expected == parse_event_types(["order.accepted", "statement.closed", "order.accepted"])


def test_an_event_type_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(Malformed, match=r'"order\.paid"; there are order\.accepted, coverage'):
        parse_event_types(["order.paid"])


def test_the_payload_has_the_body_exactly_as_it_was_committed() -> None:
    body = '{"order_id":9007199254740991,  "name":"Zo\u00eb", "1.0": 1.0}'
    event = CommittedEvent(id="evt_1", type=EventType.ORDER_ACCEPTED, at=NOON, body=body)

    payload = payload_of(event)

    assert payload.endswith(f',"data":{body}}}')
    assert {
        "type": "order.accepted",
        "timestamp": "2026-11-23T12:00:00+00:00",
        "data": json.loads(body),
    } == json.loads(payload)


def test_a_secret_is_not_shown_by_printing_it() -> None:
    secret = WebhookSecret("whsec_c2VjcmV0")

    assert "c2VjcmV0" not in f"{secret} {secret!r}"

"""Sending again what was sent, given up or missed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from orderguard.actions import replay_webhook_events as replaying
from orderguard.actions.register_webhook_endpoint import disable_webhook_endpoint
from orderguard.actions.replay_webhook_events import replay_webhook_events
from orderguard.domain.errors import Malformed, NotFound
from orderguard.domain.ids import MerchantId
from orderguard.domain.orders.event import EventType
from orderguard.domain.people.audit import Change
from orderguard.domain.webhooks.webhook import RetrySchedule, WebhookEndpoint
from orderguard.running.wiring import now
from tests.support.shop import A_TESTER
from tests.webhooks.house import House
from tests.webhooks.receiver import Receiver

EARLIER = timedelta(hours=1)


def replay(house: House, endpoint: WebhookEndpoint, *event_ids: str) -> int:
    """These events, or without any, everything of the last hour."""
    since = None if event_ids else now() - EARLIER
    return replay_webhook_events(
        house.database,
        endpoint.id,
        event_ids=event_ids,
        since=since,
        change=Change(A_TESTER, now()),
    )


def test_a_replayed_event_arrives_once_more_under_the_same_id(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    endpoint = house.an_endpoint(merchant, receiver.url)
    first, _ = house.happen(merchant, 1, 1, 2)
    house.dispatch_all(endpoint)

    replayed = replay(house, endpoint, first)
    house.dispatch_all(endpoint)

    assert 1 == replayed
    assert [1, 2, 1] == receiver.accepted_of(1)
    assert first == receiver.accepted[-1].event_id
    assert 2 == len(house.deliveries(endpoint)[0].attempts)


def test_everything_since_a_time_arrives_in_order_per_order(
    house: House, merchant: MerchantId, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "BATCH", 4)
    endpoint = house.an_endpoint(merchant, receiver.url)
    for number in range(1, 5):
        for order in range(3):
            house.happen(merchant, order, number)
    house.dispatch_all(endpoint)

    replayed = replay(house, endpoint)
    house.dispatch_all(endpoint)

    assert 12 == replayed
    assert [[1, 2, 3, 4] * 2] * 3 == [receiver.accepted_of(order) for order in range(3)]


def test_what_happened_before_that_time_is_not_sent_again(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    endpoint = house.an_endpoint(merchant, receiver.url)
    house.happen(merchant, 1, 1)
    house.dispatch_all(endpoint)

    replayed = replay_webhook_events(
        house.database, endpoint.id, since=now(), change=Change(A_TESTER, now())
    )

    assert 0 == replayed


def test_an_event_that_was_given_up_can_be_sent_again(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    endpoint = house.an_endpoint(merchant, receiver.url)
    receiver.answer = lambda _request: 500
    (event_id,) = house.happen(merchant, 1, 1)
    house.dispatch_all(endpoint, schedule=RetrySchedule(patience=timedelta()))
    given_up = house.states(endpoint)
    receiver.answer = lambda _request: 204

    replay(house, endpoint, event_id)
    house.dispatch_all(endpoint)

    assert ["failed"] == given_up
    assert ["delivered"] == house.states(endpoint)
    assert [500, 204] == [each.status for each in house.deliveries(endpoint)[0].attempts]


def test_what_waits_to_be_tried_again_is_tried_at_once(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    # Given an event that will be tried again in half an hour, and one behind it
    endpoint = house.an_endpoint(merchant, receiver.url)
    receiver.answer = lambda _request: 500
    house.happen(merchant, 1, 1, 2)
    slow = RetrySchedule(first_wait=timedelta(minutes=30))
    house.dispatch_until(
        lambda: any(each.attempts for each in house.deliveries(endpoint)), schedule=slow
    )
    receiver.answer = lambda _request: 204

    # When everything is replayed
    replay(house, endpoint)
    house.dispatch_all(endpoint, schedule=slow)

    # Then it arrives now, in order
    assert [1, 2] == receiver.accepted_of(1)


def test_an_endpoint_can_be_told_what_happened_before_it_was_registered(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    house.happen(merchant, 1, 1, 2)
    endpoint = house.an_endpoint(merchant, receiver.url)

    replay(house, endpoint)
    house.dispatch_all(endpoint)

    assert [1, 2] == receiver.accepted_of(1)


def test_since_a_time_respects_what_the_endpoint_asked_for(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    house.happen(merchant, 1, 1, type_=EventType.ORDER_ACCEPTED)
    house.happen(merchant, 1, 2, type_=EventType.COVERAGE_ACTIVATED)
    endpoint = house.an_endpoint(merchant, receiver.url, "coverage.activated")

    replayed = replay(house, endpoint)
    house.dispatch_all(endpoint)

    assert 1 == replayed
    assert [2] == receiver.accepted_of(1)


def test_an_event_named_by_its_id_is_sent_whatever_its_type(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    (event_id,) = house.happen(merchant, 1, 1, type_=EventType.ORDER_ACCEPTED)
    endpoint = house.an_endpoint(merchant, receiver.url, "coverage.activated")

    replay(house, endpoint, event_id)
    house.dispatch_all(endpoint)

    assert [1] == receiver.accepted_of(1)


def test_an_event_of_another_merchant_looks_missing_and_nothing_is_sent(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    endpoint = house.an_endpoint(merchant, receiver.url)
    (own,) = house.happen(merchant, 1, 1)
    (foreign,) = house.happen(house.a_merchant(), 1, 1)
    house.dispatch_all(endpoint)

    with pytest.raises(NotFound, match=foreign):
        replay(house, endpoint, own, foreign)

    assert ["delivered"] == house.states(endpoint)


def test_a_disabled_endpoint_has_to_be_enabled_first(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    endpoint = house.an_endpoint(merchant, receiver.url)
    disable_webhook_endpoint(house.database, endpoint.id, change=Change(A_TESTER, now()))

    with pytest.raises(Malformed, match="orderguard webhooks enable"):
        replay(house, endpoint)


def test_it_has_to_be_said_which_events(house: House, merchant: MerchantId) -> None:
    endpoint = house.an_endpoint(merchant, "http://127.0.0.1:9/")

    with pytest.raises(Malformed, match="either --event-id or --since"):
        replay_webhook_events(house.database, endpoint.id, change=Change(A_TESTER, now()))
    with pytest.raises(Malformed, match="either --event-id or --since"):
        replay_webhook_events(
            house.database,
            endpoint.id,
            event_ids=["evt_1"],
            since=now(),
            change=Change(A_TESTER, now()),
        )

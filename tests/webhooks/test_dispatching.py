"""At least once, in order per order, and nobody waits for anybody else."""

from __future__ import annotations

import asyncio
import io
import json
import threading
import time
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from orderguard.actions.dispatch_webhooks import DispatchLimits, DispatchWebhooks
from orderguard.actions.register_webhook_endpoint import (
    disable_webhook_endpoint,
    enable_webhook_endpoint,
    remove_webhook_endpoint,
)
from orderguard.domain.ids import MerchantId
from orderguard.domain.orders.event import EventType
from orderguard.domain.people.audit import Change
from orderguard.domain.webhooks.claimed_delivery import ClaimedDelivery
from orderguard.domain.webhooks.webhook import Attempt, RetrySchedule
from orderguard.randomness import jitter, new_lease
from orderguard.running import repeating
from orderguard.running.wiring import now
from tests.support.shop import A_TESTER
from tests.webhooks.house import HASTY, House
from tests.webhooks.receiver import Answer, Received, Receiver


def test_what_happened_arrives_signed_and_as_it_was_committed(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    endpoint = house.an_endpoint(merchant, receiver.url)
    (event_id,) = house.happen(merchant, 9007199254740991, 1)

    house.dispatch_all(endpoint)

    (request,) = receiver.received
    document = request.verify(house.secrets[endpoint.id].text)
    assert event_id == request.event_id
    assert ["type", "timestamp", "data"] == list(document)
    assert "coverage.changed" == document["type"]
    assert {"order_id": 9007199254740991, "number": 1} == document["data"]
    assert "application/json" == request.headers["content-type"]


def test_the_signature_of_another_secret_does_not_fit(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    first = house.an_endpoint(merchant, f"{receiver.url}/first")
    second = house.an_endpoint(merchant, f"{receiver.url}/second")
    house.happen(merchant, 1, 1)

    house.dispatch_until(lambda: len(receiver.accepted) == 2)

    by_path = {request.path: request for request in receiver.received}
    assert by_path["/hooks/first"].verify(house.secrets[first.id].text)
    with pytest.raises(Exception, match="No matching signature"):
        by_path["/hooks/first"].verify(house.secrets[second.id].text)


def test_what_happened_before_the_endpoint_was_registered_is_not_sent(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    house.happen(merchant, 1, 1)
    endpoint = house.an_endpoint(merchant, receiver.url)
    house.happen(merchant, 1, 2)

    house.dispatch_all(endpoint)

    assert [2] == receiver.accepted_of(1)


def test_a_consumer_that_fails_for_a_while_gets_everything_in_order_per_order(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    # Given eight orders with five events each, mixed, and a consumer that refuses two of three
    endpoint = house.an_endpoint(merchant, receiver.url)
    for number in range(1, 6):
        for order in range(8):
            house.happen(merchant, order, number)
    tries: Counter[str] = Counter()

    def moody(request: Received) -> Answer:
        tries[request.event_id] += 1
        return 204 if tries[request.event_id] == 3 else 500

    receiver.answer = moody

    # When they are delivered
    house.dispatch_all(endpoint)

    # Then all of them arrive, each order's in order, and none more often than it was refused
    assert {order: [1, 2, 3, 4, 5] for order in range(8)} == {
        order: receiver.accepted_of(order) for order in range(8)
    }
    assert {3} == set(tries.values())


def test_all_attempts_at_an_event_carry_the_same_id_and_body(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    endpoint = house.an_endpoint(merchant, receiver.url)
    house.happen(merchant, 1, 1)
    receiver.answer = lambda _request: 204 if len(receiver.received) == 3 else 503

    house.dispatch_all(endpoint)

    assert 1 == len({(request.event_id, request.body) for request in receiver.received})
    assert all(each.verify(house.secrets[endpoint.id].text) for each in receiver.received)


def test_the_log_keeps_every_attempt(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    endpoint = house.an_endpoint(merchant, receiver.url)
    house.happen(merchant, 1, 1)
    receiver.answer = lambda _request: 204 if len(receiver.received) == 3 else 503

    house.dispatch_all(endpoint)

    (delivery,) = house.deliveries(endpoint)
    assert "delivered" == delivery.state
    assert delivery.due_at is None
    assert [503, 503, 204] == [attempt.status for attempt in delivery.attempts]
    assert ["Answered 503.", "Answered 503.", None] == [each.error for each in delivery.attempts]
    assert all(attempt.duration > timedelta() for attempt in delivery.attempts)


def test_one_order_that_is_never_taken_holds_up_no_other(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    endpoint = house.an_endpoint(merchant, receiver.url)
    receiver.answer = lambda request: 500 if request.order == 1 else 204
    house.happen(merchant, 1, 1, 2)
    for order in range(2, 12):
        house.happen(merchant, order, 1, 2)

    house.dispatch_until(lambda: len(receiver.accepted) == 20)

    assert ["pending", "waiting"] == house.states(endpoint)[:2]
    assert {1} == {request.number for request in receiver.received if request.order == 1}


def test_a_slow_consumer_holds_up_no_other(house: House, receiver: Receiver) -> None:
    # Given five merchants whose consumers do not answer, and one whose consumer does
    released = threading.Event()

    def hang(_request: Received) -> Answer:
        released.wait(20)
        return 204

    slow, quick = [house.a_merchant() for _ in range(5)], house.a_merchant()
    with Receiver(hang) as hanging:
        for each in slow:
            house.an_endpoint(each, hanging.url)
            for order in range(20):
                house.happen(each, order, 1)
        house.an_endpoint(quick, receiver.url)
        for order in range(20):
            house.happen(quick, order, 1)

        # When there is room for 16 attempts, and an endpoint may take three
        started = time.monotonic()
        house.dispatch_until(
            lambda: len(receiver.accepted) == 20 or released.is_set(),
            timeout_seconds=1,
            under_way=16,
            under_way_per_endpoint=3,
        )
        took = time.monotonic() - started
        released.set()

    # Then the quick one gets everything without waiting for the others
    assert 20 == len(receiver.accepted)
    assert took < 8


def test_an_endpoint_that_failed_gets_one_attempt_at_a_time(
    house: House, merchant: MerchantId
) -> None:
    at_once = []
    busy = threading.Semaphore(0)

    def fail(_request: Received) -> Answer:
        busy.release()
        at_once.append(busy._value)
        time.sleep(0.02)
        busy.acquire()
        return 500

    with Receiver(fail) as failing:
        house.an_endpoint(merchant, failing.url)
        for order in range(30):
            house.happen(merchant, order, 1)

        house.dispatch_until(lambda: len(failing.received) >= 30, under_way_per_endpoint=4)

    assert 4 >= max(at_once)
    assert {1} == set(at_once[8:])


def test_several_endpoints_of_a_merchant_do_not_wait_for_each_other(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    with Receiver(lambda _request: 500) as broken:
        failing = house.an_endpoint(merchant, broken.url)
        fine = house.an_endpoint(merchant, receiver.url)
        house.happen(merchant, 1, 1, 2, 3)

        house.dispatch_all(fine)

    assert [1, 2, 3] == receiver.accepted_of(1)
    assert ["pending", "waiting", "waiting"] == house.states(failing)


def test_an_endpoint_gets_the_types_it_asked_for(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    endpoint = house.an_endpoint(merchant, receiver.url, "order.accepted", "coverage.voided")
    for number, type_ in enumerate(EventType, start=1):
        house.happen(merchant, 1, number, type_=type_)

    house.dispatch_all(endpoint)

    assert ["order.accepted", "coverage.voided"] == [
        request.document["type"] for request in receiver.accepted
    ]


def test_an_endpoint_never_gets_what_is_another_merchants(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    endpoint = house.an_endpoint(merchant, receiver.url)
    house.happen(house.a_merchant(), 1, 1)
    house.happen(merchant, 2, 1)

    house.dispatch_all(endpoint)

    assert [2] == [request.order for request in receiver.received]


def test_an_endpoint_that_is_gone_is_disabled_and_keeps_its_events(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    # Given an endpoint that says 410
    endpoint = house.an_endpoint(merchant, receiver.url)
    receiver.answer = lambda _request: 410
    house.happen(merchant, 1, 1, 2)
    house.dispatch_until(lambda: not (house.find(endpoint) or endpoint).is_enabled)

    # When it is enabled again
    disabled = house.find(endpoint)
    receiver.answer = lambda _request: 204
    enable_webhook_endpoint(house.database, endpoint.id, change=Change(A_TESTER, now()))
    house.dispatch_all(endpoint)

    # Then nothing is missing
    assert disabled
    assert "gone" == disabled.disabled_because
    assert [1, 2] == receiver.accepted_of(1)


def test_a_disabled_endpoint_is_left_alone_and_gets_everything_later(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    # Given an endpoint that is disabled while things happen, and another merchant's that is not
    endpoint = house.an_endpoint(merchant, receiver.url)
    disable_webhook_endpoint(house.database, endpoint.id, change=Change(A_TESTER, now()))
    house.happen(merchant, 1, 1, 2)
    with Receiver() as elsewhere:
        other = house.an_endpoint(house.a_merchant(), elsewhere.url)
        house.happen(other.merchant, 1, 1)
        house.dispatch_all(other)
    meanwhile = list(receiver.received)

    # When it is enabled
    enable_webhook_endpoint(house.database, endpoint.id, change=Change(A_TESTER, now()))
    house.dispatch_all(endpoint)

    # Then it was left alone, and is told now
    assert [] == meanwhile
    assert [1, 2] == receiver.accepted_of(1)


def test_an_endpoint_removed_during_an_attempt_does_no_harm(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    endpoint = house.an_endpoint(merchant, receiver.url)
    house.happen(merchant, 1, 1, 2)

    def removing(_request: Received) -> Answer:
        remove_webhook_endpoint(house.database, endpoint.id, change=Change(A_TESTER, now()))
        return 204

    receiver.answer = removing
    house.dispatch_until(lambda: house.find(endpoint) is None)

    assert 1 == len(receiver.received)
    assert [] == house.deliveries(endpoint)


def test_after_giving_up_the_next_event_has_its_turn(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    endpoint = house.an_endpoint(merchant, receiver.url)
    receiver.answer = lambda request: 500 if request.number == 1 else 204
    house.happen(merchant, 1, 1, 2)
    impatient = RetrySchedule(
        first_wait=timedelta(milliseconds=10), patience=timedelta(milliseconds=100)
    )

    house.dispatch_all(endpoint, schedule=impatient)

    assert ["failed", "delivered"] == house.states(endpoint)
    assert len(receiver.received) > 2


def test_a_redirect_is_not_followed(house: House, merchant: MerchantId, receiver: Receiver) -> None:
    with Receiver() as elsewhere:
        endpoint = house.an_endpoint(merchant, receiver.url)
        receiver.answer = lambda _request: (307, {"Location": elsewhere.url}, b"")
        house.happen(merchant, 1, 1)

        house.dispatch_until(lambda: len(receiver.received) == 2)

        assert [] == elsewhere.received
    assert 307 == house.deliveries(endpoint)[0].attempts[0].status


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_an_answer_without_end_is_read_only_for_a_while(
    house: House, merchant: MerchantId, receiver: Receiver, encoding: str
) -> None:
    endpoint = house.an_endpoint(merchant, receiver.url)
    long = b"x" * 5_000_000
    receiver.answer = lambda _request: (200, {"Content-Encoding": encoding}, long)
    house.happen(merchant, 1, 1)

    house.dispatch_all(endpoint, seconds=5)

    assert ["delivered"] == house.states(endpoint)


def test_an_endpoint_that_does_not_answer_in_time_has_failed(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    endpoint = house.an_endpoint(merchant, receiver.url)

    def late(_request: Received) -> Answer:
        time.sleep(0.6)
        return 204

    receiver.answer = late
    house.happen(merchant, 1, 1)

    house.dispatch_until(
        lambda: bool(house.deliveries(endpoint) and house.deliveries(endpoint)[0].attempts),
        timeout_seconds=0.3,
    )

    attempt = house.deliveries(endpoint)[0].attempts[0]
    assert (None, "No answer within 0.3 seconds.") == (attempt.status, attempt.error)


def test_nobody_listening_is_a_failed_attempt(house: House, merchant: MerchantId) -> None:
    with Receiver() as closed:
        pass
    endpoint = house.an_endpoint(merchant, closed.url)
    house.happen(merchant, 1, 1)

    house.dispatch_until(
        lambda: bool(house.deliveries(endpoint) and house.deliveries(endpoint)[0].attempts)
    )

    attempt = house.deliveries(endpoint)[0].attempts[0]
    assert attempt.status is None
    assert attempt.error
    assert attempt.error.startswith("ConnectError")


def test_two_dispatchers_do_not_send_anything_twice(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    endpoint = house.an_endpoint(merchant, receiver.url)
    for number in range(1, 6):
        for order in range(40):
            house.happen(merchant, order, number)

    other = threading.Thread(target=house.dispatch_all, args=(endpoint,))
    other.start()
    house.dispatch_all(endpoint)
    other.join()

    assert 200 == len(receiver.received)
    assert all([1, 2, 3, 4, 5] == receiver.accepted_of(order) for order in range(40))


def a_dispatcher(house: House, send: Any, **limits: Any) -> DispatchWebhooks:
    return DispatchWebhooks(
        house.database,
        send,
        now,
        jitter,
        new_lease,
        HASTY,
        DispatchLimits(**limits),
    )


async def never(_claimed: ClaimedDelivery) -> Attempt:
    await asyncio.sleep(60)
    raise AssertionError


def test_what_a_dead_sender_was_sending_is_sent_by_another_when_its_lease_expires(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    # Given a sender that died after it had claimed an event
    endpoint = house.an_endpoint(merchant, receiver.url)
    house.happen(merchant, 1, 1, 2)

    async def die() -> None:
        await a_dispatcher(house, never, lease=timedelta(seconds=0.5)).dispatch()

    asyncio.run(die())
    died_at = time.monotonic()

    # When another one takes over
    house.dispatch_all(endpoint)

    # Then it does so not before the lease has expired, and in order
    assert [1, 2] == receiver.accepted_of(1)
    assert receiver.received[0].at - died_at > 0.3


def test_an_outcome_that_comes_after_the_lease_was_lost_changes_nothing(
    house: House, merchant: MerchantId, log_lines: io.StringIO
) -> None:
    # Given an attempt that takes longer than its lease
    endpoint = house.an_endpoint(merchant, "http://127.0.0.1:9/")
    house.happen(merchant, 1, 1)

    async def slow(_claimed: ClaimedDelivery) -> Attempt:
        await asyncio.sleep(0.2)
        return Attempt(at=now(), duration=timedelta(), status=500)

    async def race() -> None:
        first = a_dispatcher(house, slow, lease=timedelta(milliseconds=50))
        second = a_dispatcher(house, never)
        await first.dispatch()
        await asyncio.sleep(0.1)
        await second.dispatch()
        # When it ends while another sender has the event
        await asyncio.sleep(0.2)
        await first.dispatch()

    asyncio.run(race())

    # Then the other one's lease stands
    assert "webhook.lease_lost" in log_lines.getvalue()
    (delivery,) = house.deliveries(endpoint)
    assert () == delivery.attempts
    assert delivery.due_at
    assert delivery.due_at > now() + timedelta(seconds=10)


def test_attempts_that_end_together_are_recorded_each_with_its_own_outcome(
    house: House, merchant: MerchantId
) -> None:
    fine, gone = (house.an_endpoint(merchant, f"http://127.0.0.1:9/{name}") for name in "ab")
    for order in (1, 2, 3):
        house.happen(merchant, order, order)

    async def some_fail(claimed: ClaimedDelivery) -> Attempt:
        if claimed.endpoint.id == gone.id:
            return Attempt(at=now(), duration=timedelta(), status=410)
        taken = json.loads(claimed.event.body)["order_id"] != 2
        return Attempt(at=now(), duration=timedelta(), status=204 if taken else 500)

    async def two_rounds() -> None:
        dispatcher = a_dispatcher(house, some_fail, started_at_once=10)
        await dispatcher.dispatch()
        await asyncio.sleep(0.05)
        await dispatcher.dispatch()

    asyncio.run(two_rounds())

    assert ["delivered", "pending", "delivered"] == house.states(fine)
    assert [[204], [500], [204]] == [
        [attempt.status for attempt in each.attempts] for each in house.deliveries(fine)
    ]
    assert {"pending"} == set(house.states(gone))
    found = house.find(gone)
    assert found
    assert found.disabled_because


def test_recording_many_attempts_takes_as_many_statements_as_one(
    house: House, merchant: MerchantId
) -> None:
    endpoint = house.an_endpoint(merchant, "http://127.0.0.1:9/")

    def recording(orders: range) -> list[str]:
        for order in orders:
            house.happen(merchant, order, order)
        statements: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            statements.append(statement)

        async def fine(_claimed: ClaimedDelivery) -> Attempt:
            return Attempt(at=now(), duration=timedelta(), status=204)

        async def two_rounds() -> None:
            dispatcher = a_dispatcher(house, fine, started_at_once=10)
            await dispatcher.dispatch()
            await asyncio.sleep(0.05)
            event.listen(house.database.engine, "before_cursor_execute", note)
            await dispatcher.dispatch()
            event.remove(house.database.engine, "before_cursor_execute", note)

        asyncio.run(two_rounds())
        return statements

    one, eight = recording(range(1, 2)), recording(range(2, 10))

    assert ["delivered"] * 9 == house.states(endpoint)
    assert len(one) == len(eight)


def test_a_dispatcher_that_stops_hands_back_what_is_under_way(
    house: House, merchant: MerchantId, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orderguard.actions.dispatch_webhooks.STOP_WITHIN_SECONDS", 0.05)
    endpoint = house.an_endpoint(merchant, receiver.url)
    house.happen(merchant, 1, 1)

    async def stop() -> None:
        dispatcher = a_dispatcher(house, never)
        await dispatcher.dispatch()
        await dispatcher.stop()

    asyncio.run(stop())
    house.dispatch_all(endpoint, seconds=5)

    assert [1] == receiver.accepted_of(1)
    assert 1 == len(house.deliveries(endpoint)[0].attempts)


def test_a_dispatcher_cancelled_in_the_middle_of_a_round_hands_back_what_it_claimed(
    house: House, merchant: MerchantId, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orderguard.actions.dispatch_webhooks.STOP_WITHIN_SECONDS", 0.05)
    endpoint = house.an_endpoint(merchant, receiver.url)
    house.happen(merchant, 1, 1)

    async def stop() -> None:
        dispatcher = a_dispatcher(house, never)
        round_ = asyncio.create_task(dispatcher.dispatch())
        await asyncio.sleep(0)
        round_.cancel()
        await asyncio.gather(round_, return_exceptions=True)
        await dispatcher.stop()

    asyncio.run(stop())
    house.dispatch_all(endpoint, seconds=5)

    assert [1] == receiver.accepted_of(1)


def test_a_mishap_of_ours_is_an_attempt_like_any_other(
    house: House, merchant: MerchantId, log_lines: io.StringIO
) -> None:
    endpoint = house.an_endpoint(merchant, "http://127.0.0.1:9/")
    house.happen(merchant, 1, 1)

    async def crash(claimed: ClaimedDelivery) -> Attempt:
        raise ValueError(f"about {claimed}")

    async def run() -> None:
        dispatcher = a_dispatcher(house, crash)
        for _ in range(2):
            await dispatcher.dispatch()
            await asyncio.sleep(0.01)
        await dispatcher.stop()

    asyncio.run(run())

    assert "Internal error." == house.deliveries(endpoint)[0].attempts[0].error
    assert "webhook.crashed" in log_lines.getvalue()
    assert house.secrets[endpoint.id].text not in log_lines.getvalue()


def test_the_log_tells_what_became_of_a_webhook_without_its_secret_or_url(
    house: House, merchant: MerchantId, receiver: Receiver, log_lines: io.StringIO
) -> None:
    endpoint = house.an_endpoint(merchant, f"{receiver.url}?token=hush")
    receiver.answer = lambda _request: 204 if len(receiver.received) == 2 else 500
    house.happen(merchant, 1, 1)

    house.dispatch_all(endpoint)

    lines = [json.loads(line) for line in log_lines.getvalue().splitlines()]
    assert ["webhook.failed", "webhook.delivered"] == [line["event"] for line in lines]
    assert "whsec_" not in log_lines.getvalue()
    assert house.secrets[endpoint.id].text[6:] not in log_lines.getvalue()
    assert "hush" not in log_lines.getvalue()


def test_an_idle_dispatcher_writes_nothing(house: House, merchant: MerchantId) -> None:
    # Given an endpoint, and nothing to tell; and somebody who holds the database's write lock
    house.an_endpoint(merchant, "http://127.0.0.1:9/")

    async def look() -> None:
        await a_dispatcher(house, never).dispatch()

    with house.database.begin():
        started = time.monotonic()
        asyncio.run(look())

    # Then looking does not wait for the lock
    assert time.monotonic() - started < 1


def test_a_backlog_is_begun_in_small_rounds(house: House, merchant: MerchantId) -> None:
    house.an_endpoint(merchant, "http://127.0.0.1:9/")
    for order in range(10):
        house.happen(merchant, order, 1)
    under_way = []

    async def two_rounds() -> None:
        dispatcher = a_dispatcher(house, never)
        for _ in range(2):
            await dispatcher.dispatch()
            under_way.append(len(dispatcher._under_way))
        for each in dispatcher._under_way:
            each.cancel()

    asyncio.run(two_rounds())

    assert [4, 8] == under_way


def test_after_a_long_round_the_rest_is_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    rested: list[float] = []
    took = iter([0.25, 0.0625, 2.0])

    async def work() -> None:
        clock[0] += next(took)

    async def sleep(seconds: float) -> None:
        rested.append(seconds)
        if len(rested) == 3:
            raise asyncio.CancelledError

    monkeypatch.setattr(repeating, "monotonic", lambda: clock[0])
    monkeypatch.setattr(asyncio, "sleep", sleep)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(repeating.every(0.125, work, at_once=True, rests=1))

    assert [0.25, 0.125, 2.0] == rested


A_CLOCK_AHEAD = timedelta(days=40)


def test_what_was_lined_up_by_a_clock_that_was_ahead_is_not_kept_until_that_time(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    endpoint = house.an_endpoint(merchant, receiver.url)
    house.happen(merchant, 1, 1)
    with house.database.begin() as work:
        work.webhook_deliveries.line_up_new(endpoint, limit=10, at=now() + A_CLOCK_AHEAD)

    house.dispatch_all(endpoint)

    assert [1] == receiver.accepted_of(1)


def test_an_idle_dispatcher_goes_on_after_the_clock_was_set_back(
    house: House, merchant: MerchantId
) -> None:
    endpoint = house.an_endpoint(merchant, "https://127.0.0.1:9/hook")
    clock = Clock(now() + timedelta(hours=2))

    async def take(claimed: ClaimedDelivery) -> Attempt:
        return Attempt(at=clock.at, duration=timedelta(0), status=204)

    async def run() -> None:
        dispatcher = DispatchWebhooks(house.database, take, clock, jitter, new_lease)
        await dispatcher.dispatch()  # nothing to do, so it rests
        clock.at = now()
        house.happen(merchant, 1, 1)
        await dispatcher.dispatch()
        await dispatcher.stop()

    asyncio.run(run())

    assert ["delivered"] == house.states(endpoint)


class Clock:
    """A clock that can be set."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

"""Rows of the request log: how many stay, for how long, and with several writers at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from orderguard.actions.follow_requests import FollowRequests
from orderguard.actions.record_requests import RecordRequests
from orderguard.actions.run_sandbox import reset_sandbox
from orderguard.domain.errors import Problem
from orderguard.domain.ids import ApiKeyId, MerchantId
from orderguard.domain.integration.logged_request import (
    KEPT,
    LoggedRequest,
    RequestFilter,
    RequestOutcome,
    place_at,
)
from orderguard.domain.people.audit import Change
from orderguard.running.wiring import now
from orderguard.storage.database import SqlDatabase
from orderguard.storage.retention import forget_requests
from orderguard.storage.tables import merchants
from tests.support.databases import new_database_url
from tests.support.shop import A_TESTER

MERCHANT = MerchantId("mer_a")
OTHER = MerchantId("mer_b")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SqlDatabase]:
    opened = SqlDatabase(new_database_url(tmp_path))
    with opened.begin() as work:
        for merchant, is_sandbox in ((MERCHANT, True), (OTHER, False)):
            values = {"id": merchant, "name": merchant, "is_sandbox": is_sandbox}
            work.connection.execute(merchants.insert().values(**values, created_at=now()))
    yield opened
    opened.dispose()


def a_request(
    merchant: MerchantId = MERCHANT, *, number: int = 0, at: datetime | None = None
) -> LoggedRequest:
    at = at or now()
    return LoggedRequest(
        place=place_at(at) + number,
        merchant=merchant,
        at=at,
        request_id=f"req_{number}",
        key=ApiKeyId("key_a1b2c3d4e5f6"),
        method="POST",
        path="/v1/analyze",
        status=503,
        outcome=RequestOutcome.FAILED,
        microseconds=1_500,
        code="service_unavailable",
        problems=(Problem("cart", "is \\u0000 odd, ümlaut."),),
        body='{"a":"\\u0000 ü"}',
        body_bytes=12,
    )


def _stored(database: SqlDatabase, merchant: MerchantId = MERCHANT) -> list[LoggedRequest]:
    with database.read() as work:
        return list(work.request_log.page(merchant, RequestFilter(), limit=10 * KEPT))


def test_a_request_is_read_as_it_was_written(database: SqlDatabase) -> None:
    request = a_request()

    RecordRequests(database)([request, request])

    [found] = _stored(database)
    assert list(request.problems) == found.problems
    assert (request.body, request.at, request.milliseconds) == (
        found.body,
        found.at,
        found.milliseconds,
    )


def test_the_latest_thousand_of_each_merchant_stay(database: SqlDatabase) -> None:
    at = now()
    requests = [a_request(number=number, at=at) for number in range(KEPT + 30)]
    record = RecordRequests(database)

    record([a_request(OTHER)])
    record(requests[:KEPT])
    record(requests[KEPT:])

    assert [each.request_id for each in requests[:29:-1]] == [
        each.request_id for each in _stored(database)
    ]
    assert 1 == len(_stored(database, OTHER))


def test_several_processes_write_at_once_and_the_bound_holds(database: SqlDatabase) -> None:
    begun = threading.Barrier(4)
    at = now()

    def write(writer: int) -> None:
        begun.wait()
        for batch in range(8):
            numbers = range(batch * 50, batch * 50 + 50)
            with database.begin() as work:
                work.request_log.add(
                    [a_request(number=4 * number + writer, at=at) for number in numbers], kept=100
                )

    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(write, each) for each in range(4)]:
            done.result()
    # Each of the writers trimmed without the rows that the others had not committed yet.
    with database.begin() as work:
        work.request_log.add([a_request(number=1_600, at=at)], kept=100)

    assert 100 == len(_stored(database))
    assert "req_1600" == _stored(database)[0].request_id


def test_a_request_that_another_process_adds_late_is_followed_too(database: SqlDatabase) -> None:
    """Its place is below those that were told already: it was made before them."""
    at, record = now(), RecordRequests(database)
    record([a_request(number=number, at=at) for number in (0, 3)])
    followed = FollowRequests(database, MERCHANT)

    told = [[each.request_id for each in followed.latest()]]
    for numbers in ((4, 2), (), (1, 5)):
        record([a_request(number=number, at=at) for number in numbers])
        told.append([each.request_id for each in followed.new()])

    assert [["req_3", "req_0"], ["req_2", "req_4"], [], ["req_1", "req_5"]] == told


def test_requests_are_forgotten_after_their_time(database: SqlDatabase) -> None:
    at = now()
    old = at - timedelta(days=31)
    RecordRequests(database)(
        [a_request(at=old), a_request(OTHER, at=old), a_request(number=1, at=at)]
    )

    forget_requests(database, before=at - timedelta(days=30), pause=lambda _seconds: None)

    assert (["req_1"], []) == (
        [each.request_id for each in _stored(database)],
        _stored(database, OTHER),
    )


def test_a_reset_of_the_sandbox_empties_its_log_alone(database: SqlDatabase) -> None:
    RecordRequests(database)([a_request(), a_request(OTHER)])

    reset_sandbox(database, MERCHANT, change=Change(A_TESTER, now()))

    assert (0, 1) == (len(_stored(database)), len(_stored(database, OTHER)))

"""`orderguard logs tail`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from orderguard.domain.errors import Problem
from orderguard.domain.ids import ApiKeyId, MerchantId
from orderguard.domain.integration.logged_request import LoggedRequest, RequestOutcome, place_at
from orderguard.running.wiring import now
from orderguard.storage.database import SqlDatabase
from tests.cli.shell import Shell


class Log:
    """A merchant, `acme`, and what is written to its log."""

    def __init__(self, shell: Shell) -> None:
        self.merchant = MerchantId(shell.a_merchant("acme"))
        self.database = SqlDatabase(f"sqlite:///{shell.directory / 'orderguard.db'}")
        self.first = now() - timedelta(minutes=5)

    def add(self, number: int, *, path: str = "/api/v1/orders") -> None:
        at = self.first + timedelta(seconds=number)
        request = LoggedRequest(
            place=place_at(at),
            merchant=self.merchant,
            at=at,
            request_id=f"req_{number}",
            key=ApiKeyId("key_a1b2c3d4e5f6"),
            method="PUT",
            path=path,
            status=422,
            outcome=RequestOutcome.REFUSED,
            microseconds=1_400,
            code="422",
            problems=[Problem("fees.0.amount", "is missing; expected an object.")],
            body='{"fees":[{}]}',
            body_bytes=13,
        )
        if number == 2:
            request = replace(request, status=0, outcome=RequestOutcome.GAVE_UP, problems=())
        with self.database.begin() as work:
            work.request_log.add([request])


@pytest.fixture
def log(shell: Shell) -> Iterator[Log]:
    log = Log(shell)
    yield log
    log.database.dispose()


def test_the_latest_requests_are_told_oldest_first(shell: Shell, log: Log) -> None:
    nothing = shell.run("logs", "tail", "acme").stdout
    for number in range(4):
        log.add(number)

    told = shell.run("logs", "tail", "acme", "--lines", "3").stdout.splitlines()

    assert "No requests of " in nothing
    assert "422 PUT /api/v1/orders 2 ms req_1 refused" in told[0]
    assert "    fees.0.amount: is missing; expected an object." == told[1]
    assert "--- PUT /api/v1/orders 2 ms req_2 gave up" in told[2]
    assert "req_3" in told[3]


def test_a_path_of_a_stranger_commands_no_terminal(shell: Shell, log: Log) -> None:
    log.add(1, path="/api/v1/orders/external/\x1b[2J\x9b31m")

    told = shell.run("logs", "tail", "acme").stdout

    assert r"/api/v1/orders/external/\x1b[2J\x9b31m" in told
    assert "\x1b" not in told


def test_programs_get_a_document_a_line(shell: Shell, log: Log) -> None:
    log.add(1)
    log.add(2)

    lines = shell.run("logs", "tail", "acme", "--json").stdout.splitlines()

    one, two = map(json.loads, lines)
    assert ("req_1", 422, "refused", "422") == tuple(
        one[name] for name in ("request_id", "status", "outcome", "code")
    )
    assert [{"field": "fees.0.amount", "message": "is missing; expected an object."}] == one[
        "problems"
    ]
    assert ('{"fees":[{}]}', 13, None) == (one["body"], one["body_bytes"], two["status"])


def test_new_requests_follow_until_it_is_stopped(shell: Shell, log: Log) -> None:
    log.add(1)

    told = []
    with shell.running("logs", "tail", "acme", "--follow", "--json") as process:
        assert process.stdout
        for number in (2, 3, 4):
            told.append(json.loads(process.stdout.readline()))
            log.add(number)
        told.append(json.loads(process.stdout.readline()))

    assert ["req_1", "req_2", "req_3", "req_4"] == [each["request_id"] for each in told]

"""A server that does not answer is left in peace, so that nobody waits for it again and again."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from orderguard.client import Breaker, Offer
from orderguard.client.breaker import ServerRests
from tests.client.conftest import MakeClient
from tests.client.examples import a_wire_cart, an_answer
from tests.client.pretend_server import PretendServer, Reply


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(failures_in_a_row=3, rest_seconds=2, clock=clock)


@pytest.fixture
def dead_url() -> Iterator[str]:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{nobody.getsockname()[1]}"


def reasons(client: Any, number: int) -> list[str]:
    answers = [client.analyze(a_wire_cart(), region="US") for _ in range(number)]
    return ["offer" if isinstance(each, Offer) else each.reason for each in answers]


def test_after_three_silent_analyses_nobody_waits(
    make_client: MakeClient, breaker: Breaker, dead_url: str
) -> None:
    client = make_client(dead_url, breaker=breaker)

    assert ["network"] * 3 + ["resting"] * 2 == reasons(client, 5)


def test_time_outs_count_as_silence(make_client: MakeClient, breaker: Breaker) -> None:
    with PretendServer(lambda *_: Reply(delay_seconds=5)) as server:
        client = make_client(server.url, budget_ms=100, breaker=breaker)

        assert ["timeout"] * 3 + ["resting"] == reasons(client, 4)
        assert 3 == len(server.received)


def test_after_a_rest_one_analysis_tries_and_the_others_go_on_resting(
    make_client: MakeClient, breaker: Breaker, clock: Clock, dead_url: str
) -> None:
    client = make_client(dead_url, breaker=breaker)
    reasons(client, 3)

    clock.now += 2

    assert ["network", "resting"] == reasons(client, 2)


def test_nobody_waits_while_one_tries(breaker: Breaker, clock: Clock) -> None:
    # Given a rest that is over
    for _ in range(3):
        breaker.note_silence()
    clock.now += 2

    # When one asks, and has no answer yet
    breaker.before_asking()

    # Then the next is turned away
    with pytest.raises(ServerRests):
        breaker.before_asking()


def test_a_server_that_is_back_is_asked_as_before(
    make_client: MakeClient, breaker: Breaker, clock: Clock
) -> None:
    def reply(_received: Any, number: int) -> Reply:
        # Each analysis asks twice: a connection may have been closed at the moment of its use
        return Reply(drops=True) if number <= 6 else Reply(body=an_answer())

    with PretendServer(reply) as server:
        client = make_client(server.url, breaker=breaker)
        assert "resting" in reasons(client, 4)

        clock.now += 2

        assert ["offer"] * 5 == reasons(client, 5)


@pytest.mark.parametrize("reply", [Reply(500, {}), Reply(body=an_answer())])
def test_silence_counts_only_in_a_row(
    make_client: MakeClient, breaker: Breaker, reply: Reply
) -> None:
    breaker.note_silence()
    breaker.note_silence()
    with PretendServer(lambda *_: reply) as server:
        client = make_client(server.url, breaker=breaker)
        reasons(client, 1)

    breaker.note_silence()

    breaker.before_asking()


def test_a_server_that_refuses_is_asked_every_time(make_client: MakeClient) -> None:
    with PretendServer(lambda *_: Reply(503, {})) as server:
        assert ["http_503"] * 10 == reasons(make_client(server.url), 10)


def test_an_empty_cart_needs_no_server(
    make_client: MakeClient, breaker: Breaker, dead_url: str
) -> None:
    client = make_client(dead_url, breaker=breaker)
    reasons(client, 3)

    answer = client.analyze(a_wire_cart() | {"lines": []}, region="US")

    assert ("empty_cart", True) == (answer.reason, answer.decided)


def test_each_client_has_a_breaker_of_its_own(make_client: MakeClient, dead_url: str) -> None:
    assert ["network"] * 6 == reasons(make_client(dead_url), 3) + reasons(make_client(dead_url), 3)

"""What was answered is on disk: after a kill, and after an orderly stop (contract §6)."""

from __future__ import annotations

import json
import signal
import socket
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.raw_http import RawConnection, head
from tests.support.server_process import ServerProcess, wait_until
from tests.support.shop import Shop
from tests.support.wire import wire_request

STOPS = [signal.SIGTERM, signal.SIGINT]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "orderguard.db"


class Load:
    """Callers that keep analysing until the server is gone, and remember every answer."""

    def __init__(self, shop: Shop, callers: int) -> None:
        self.answers: list[dict[str, Any]] = []
        self._threads = [
            threading.Thread(target=self._call, args=(shop, caller)) for caller in range(callers)
        ]
        for thread in self._threads:
            thread.start()

    def _call(self, shop: Shop, caller: int) -> None:
        client = shop.running.client(**{"X-Authorization": shop.key})
        try:
            for number in range(100_000):
                # Every cart is analysed three times, so that old and new sessions are at risk.
                request = wire_request(cartId=f"{caller}-{number // 3}")
                answer = client.post("/v1/analyze", json=request)
                assert 200 == answer.status_code
                self.answers.append(answer.json())
        except httpx.TransportError:
            return

    def finish(self) -> None:
        for thread in self._threads:
            thread.join()


def test_a_kill_under_load_loses_no_session_whose_answer_was_sent(database: Path) -> None:
    answers: list[dict[str, Any]] = []
    shop: Shop | None = None

    # Killed twice, because recovery is the moment to lose something, too.
    for _ in range(2):
        with ServerProcess(database) as server:
            shop = shop.at(server) if shop else server.a_shop()
            load = Load(shop, callers=8)
            wait_until(lambda sent=load.answers: len(sent) >= 200)
            server.kill()
            load.finish()
        answers += load.answers

    counts: dict[str, int] = {}
    for answer in answers:
        session, count = answer["sessionId"], answer["metadata"]["analysisCount"]
        counts[session] = max(count, counts.get(session, 0))
    with ServerProcess(database) as server:
        assert shop
        shop = shop.at(server)
        for session, count in counts.items():
            shown = shop.session(session)
            assert 200 == shown.status_code
            assert shown.json()["metadata"]["analysisCount"] >= count


def _begun_request(shop: Shop, cart_id: str) -> tuple[RawConnection, bytes]:
    """A request of which the server has the first half, and the second half."""
    body = json.dumps(wire_request(cartId=cart_id)).encode()
    connection = RawConnection(shop.running.url)
    headers = {"X-Authorization": shop.key, "Content-Length": str(len(body))}
    connection.send(head("POST", "/v1/analyze", headers), body[:100], pause_seconds=0.2)
    return connection, body[100:]


@pytest.mark.parametrize("stop", STOPS)
def test_an_orderly_stop_finishes_requests_in_flight(database: Path, stop: signal.Signals) -> None:
    with ServerProcess(database) as server:
        shop = server.a_shop()
        connection, second_half = _begun_request(shop, "in flight")
        server.ask(stop)
        server.wait_until_it_takes_no_more()
        with connection:
            connection.send(second_half)
            answer = connection.answer()

        assert 200 == answer.status
        assert 0 == server.exit_code()
        with server.database.read() as work:
            assert work.offer_sessions.find(answer.json()["sessionId"])


def test_an_orderly_stop_writes_down_the_last_use_of_keys(database: Path) -> None:
    with ServerProcess(database) as server:
        shop = server.a_shop()
        shop.analyze()
        server.ask(signal.SIGTERM)
        assert 0 == server.exit_code()

        with server.database.read() as work:
            key = work.api_keys.find(shop.issued.key.id)
        assert key
        assert key.last_used_at


def test_an_orderly_stop_ends_the_operations_port_as_well(database: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    with ServerProcess(database, operations_port=str(port)) as server:
        assert 200 == httpx.get(f"http://127.0.0.1:{port}/readyz").status_code
        shop = server.a_shop()
        shop.analyze()
        server.ask(signal.SIGTERM)

        assert 0 == server.exit_code()
        with server.database.read() as work:
            key = work.api_keys.find(shop.issued.key.id)
        assert key
        assert key.last_used_at


def test_a_request_that_never_ends_holds_up_a_stop_only_for_so_long(database: Path) -> None:
    with ServerProcess(database, shutdown_seconds="1") as server:
        connection, _ = _begun_request(server.a_shop(), "never")
        with connection:
            server.ask(signal.SIGTERM)
            assert 0 == server.exit_code()


def test_asking_twice_stops_at_once(database: Path) -> None:
    with ServerProcess(database, shutdown_seconds="600") as server:
        connection, _ = _begun_request(server.a_shop(), "never")
        with connection:
            server.ask(signal.SIGTERM)
            server.wait_until_it_takes_no_more()
            server.ask(signal.SIGTERM)
            assert 0 == server.exit_code()

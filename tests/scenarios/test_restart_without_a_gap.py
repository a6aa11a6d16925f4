"""Restarts under load: no request is lost, no offer is hidden, and every fee is billed once."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from signal import SIGHUP, SIGTERM
from typing import Any
from urllib.parse import urlsplit

import pytest

from orderguard.http import connection
from orderguard.running import sockets
from tests.support.databases import postgresql_only, sqlite_only
from tests.support.order_desk import OrderShop, accepted_order, trial_balance
from tests.support.server_process import ServerProcess, wait_until
from tests.support.shop import RunningServer
from tests.support.wire import wire_request

SHOPPERS = 4
ENOUGH = 5


class Shoppers:
    """Backends that analyse a cart and push its order, one after the other, without a pause.

    Half of them keep their connections, the others open one for each request.
    """

    def __init__(self, shop: OrderShop, url: str) -> None:
        self.bought = 0
        self.failed: list[str] = []
        self._shop = shop
        self._address = urlsplit(url).netloc
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._shop_on, args=(n,)) for n in range(SHOPPERS)]

    def _shop_on(self, shopper: int) -> None:
        server = HTTPConnection(self._address, timeout=60)
        number = 0
        while not self._over.is_set():
            number += 1
            try:
                self._buy(server, f"{shopper}-{number}")
            except (OSError, HTTPException, AssertionError) as error:
                self.failed.append(repr(error))
            if shopper % 2:
                server.close()
        server.close()

    def _buy(self, server: HTTPConnection, name: str) -> None:
        offered = self._send(server, "POST", "/v1/analyze", wire_request(cartId=name))
        assert offered["mode"], offered
        order = accepted_order(offered["sessionId"], external_id=name)
        self._send(server, "PUT", "/api/v1/orders", order)
        with self._lock:
            self.bought += 1

    def _send(self, server: HTTPConnection, method: str, path: str, body: Any) -> Any:
        headers = {"X-Authorization": self._shop.key, "Content-Type": "application/json"}
        is_kept = server.sock is not None
        try:
            server.request(method, path, json.dumps(body), headers)
            response = server.getresponse()
        except (ConnectionError, HTTPException):
            # As every client does it: a kept connection that ends before an answer is tried anew.
            if not is_kept:
                raise
            server.close()
            server.request(method, path, json.dumps(body), headers)
            response = server.getresponse()
        answer = response.read()
        assert response.status in (200, 201), (response.status, answer)
        return json.loads(answer)

    def wait_for_more(self) -> None:
        enough = self.bought + ENOUGH * SHOPPERS
        wait_until(lambda: self.bought >= enough)

    def __enter__(self) -> Shoppers:
        for thread in self._threads:
            thread.start()
        self.wait_for_more()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()


def assert_nothing_was_missed(shoppers: Shoppers, shop: OrderShop, server: ServerProcess) -> None:
    assert [] == shoppers.failed
    assert shoppers.bought * 4_98 == sum(shop.billed().values())
    assert {0} == trial_balance(server.database, shop.id)


@contextmanager
def a_socket() -> Iterator[socket.socket]:
    """A listening socket that outlives the servers, as systemd's does."""
    listener = sockets.listen("127.0.0.1", 0)
    yield listener
    listener.close()


def test_a_server_that_stops_and_starts_on_a_socket_of_systemd_misses_nobody(
    tmp_path: Path,
) -> None:
    database = tmp_path / "orderguard.db"
    with a_socket() as listener, ServerProcess(database, listener=listener) as first:
        assert listener.getsockname()[1] == urlsplit(first.url).port
        shop = OrderShop(first.a_shop())

        with ExitStack() as later, Shoppers(shop, first.url) as shoppers:
            first.ask(SIGTERM)
            assert 0 == first.exit_code()
            later.enter_context(ServerProcess(database, listener=listener))
            shoppers.wait_for_more()
        assert_nothing_was_missed(shoppers, shop, first)


def test_a_server_that_begins_anew_keeps_its_process_and_misses_nobody(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "orderguard.db") as server:
        shop = OrderShop(server.a_shop())

        with Shoppers(shop, server.url) as shoppers:
            server.ask(SIGHUP)
            again = server.wait_until_it_answers()
            shoppers.wait_for_more()

        assert (server.url, server.pid) == (again["url"], again["pid"])
        assert server.chores_pid()
        assert_nothing_was_missed(shoppers, shop, server)


@postgresql_only  # on SQLite, workers that write without a pause keep each other from it
def test_workers_are_replaced_one_by_one_and_nobody_is_missed(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "orderguard.db", workers=2) as server:
        shop = OrderShop(server.a_shop())
        before = set(server.worker_pids())

        with Shoppers(shop, server.url) as shoppers:
            server.ask(SIGHUP)
            wait_until(lambda: not before & set(server.worker_pids()))
            shoppers.wait_for_more()

        assert 2 == len(server.worker_pids())
        assert_nothing_was_missed(shoppers, shop, server)


@sqlite_only
def test_a_kept_connection_gets_one_more_answer_while_the_server_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "LAST_REQUEST_SECONDS", 20.0)
    server = RunningServer(tmp_path)
    address = urlsplit(server.url)
    kept = HTTPConnection(address.netloc, timeout=30)
    kept.request("GET", "/healthz")
    first = kept.getresponse()
    first.read()

    server.ask_to_stop()
    wait_until(lambda: refuses(address.hostname, address.port))
    kept.request("GET", "/healthz")
    last = kept.getresponse()

    assert (200, None) == (first.status, first.getheader("Connection"))
    assert (200, "close") == (last.status, last.getheader("Connection"))
    kept.close()
    server.stop()


def refuses(host: str | None, port: int | None) -> bool:
    try:
        with socket.create_connection((host or "", port or 0), timeout=5):
            return False
    except ConnectionRefusedError:
        return True

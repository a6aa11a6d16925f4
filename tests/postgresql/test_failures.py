"""PostgreSQL restarted, slow, silent, full or read-only: 503 soon, and well again by itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from orderguard.storage.database import SqlDatabase
from orderguard.storage.round_trip import Query, send_together
from tests.postgresql.proxy import Network
from tests.support.databases import new_database, postgresql_only
from tests.support.order_desk import OrderShop, accepted_order
from tests.support.postgresql import PostgresqlCluster
from tests.support.server_process import wait_until
from tests.support.shop import RunningServer, Shop
from tests.support.wire import wire_request

pytestmark = postgresql_only

SOON_SECONDS = 5.0
"""A generous bound on what "soon" means; the journal gives up after two."""


@pytest.fixture
def network(cluster: PostgresqlCluster) -> Iterator[Network]:
    with Network(cluster.port) as network:
        yield network


@pytest.fixture
def far_server(cluster: PostgresqlCluster, network: Network, tmp_path: Path) -> Iterator[
    RunningServer
]:  # fmt: skip
    """A server that reaches its database through the network."""
    url = new_database(cluster).replace(f":{cluster.port}/", f":{network.port}/")
    running = RunningServer(tmp_path, database_url=url)
    yield running
    network.speak()
    running.stop()


def _unavailable_soon(shop: Shop, **changes: str) -> httpx.Response:
    asked_at = time.monotonic()
    response = shop.post(wire_request(**changes))
    assert 503 == response.status_code, response.text
    assert "service_unavailable" == response.json()["error"]["code"]
    assert int(response.headers["retry-after"]) >= 1
    assert "*" == response.headers["access-control-allow-origin"]
    assert time.monotonic() - asked_at < SOON_SECONDS
    return response


def _status(shop: Shop, path: str) -> int:
    return shop.http.get(path).status_code


def _assert_well_again(shop: Shop) -> None:
    wait_until(lambda: 200 == shop.post(wire_request()).status_code)
    wait_until(lambda: 200 == _status(shop, "/readyz"))


def test_a_restart_while_nobody_calls_is_not_noticed(
    server: RunningServer, cluster: PostgresqlCluster
) -> None:
    shop = OrderShop(server.a_shop())
    open_cart = shop.analyze(cartId="open")
    session = shop.analyze(cartId="ordered")
    shop.push(accepted_order(session))

    cluster.restart()

    assert open_cart == shop.analyze(cartId="open")
    assert 200 == shop.shop.session(session).status_code
    assert 200 == shop.put(accepted_order(session)).status_code
    assert 200 == _status(shop.shop, "/readyz")


def test_while_it_is_down_everything_else_goes_on(
    server: RunningServer, cluster: PostgresqlCluster
) -> None:
    shop = OrderShop(server.a_shop())
    shop.analyze(cartId="open")
    session = shop.analyze(cartId="ordered")
    shop.push(accepted_order(session))

    cluster.stop("immediate")
    try:
        _unavailable_soon(shop.shop, cartId="open")
        assert 503 == shop.shop.session(session).status_code
        assert 503 == shop.put(accepted_order(session)).status_code
        assert 503 == _status(shop.shop, "/readyz")
        assert 200 == _status(shop.shop, "/healthz")
    finally:
        cluster.start()

    _assert_well_again(shop.shop)
    assert 2 == shop.shop.analyze(cartId="open")["metadata"]["analysisCount"]


def test_a_slow_network_makes_answers_late_but_right(
    far_server: RunningServer, network: Network
) -> None:
    shop = far_server.a_shop()
    session = shop.analyze(cartId="c")["sessionId"]

    network.delay_seconds = 0.02
    answer = shop.analyze(cartId="c")

    assert (session, 2) == (answer["sessionId"], answer["metadata"]["analysisCount"])


@pytest.mark.parametrize("is_silent", [False, True], ids=["very slow", "silent"])
def test_a_database_that_does_not_answer_is_a_503_soon(
    far_server: RunningServer, network: Network, is_silent: bool
) -> None:
    shop = far_server.a_shop()
    session = shop.analyze(cartId="c")["sessionId"]
    stranger = shop.issue_key("cart")

    if is_silent:
        network.fall_silent()
    else:
        network.delay_seconds = 1.5

    with ThreadPoolExecutor(16) as callers:
        list(callers.map(lambda n: _unavailable_soon(shop, cartId=f"c{n}"), range(16)))
    asked_at = time.monotonic()
    assert 503 == shop.session(session).status_code
    assert 503 == _status(shop, "/readyz")
    # Whether an unknown key is good nobody can know.
    unknown = {"X-Authorization": stranger.text}
    assert 503 == shop.post(wire_request(), headers=unknown).status_code
    assert time.monotonic() - asked_at < 3 * SOON_SECONDS

    network.speak()
    _assert_well_again(shop)
    assert 200 == shop.session(session).status_code


def test_while_the_database_is_silent_known_keys_are_known_and_the_process_is_healthy(
    far_server: RunningServer, network: Network
) -> None:
    shop = far_server.a_shop()
    shop.analyze()

    network.fall_silent()

    with ThreadPoolExecutor(8) as callers:
        waiting = [callers.submit(shop.post, wire_request()) for _ in range(8)]
        # What needs no database does not wait for those who do.
        assert 400 == shop.post({"cart": "none"}).status_code
        assert 200 == _status(shop, "/healthz")
        assert not all(each.done() for each in waiting)
    network.speak()
    _assert_well_again(shop)


def test_exhausted_connections_are_a_503_until_there_are_some_again(
    cluster: PostgresqlCluster, tmp_path: Path
) -> None:
    url = new_database(cluster)
    cluster.execute("CREATE ROLE guest LOGIN IN ROLE pg_read_all_data, pg_write_all_data")
    running = RunningServer(tmp_path, database_url=url.replace("orderguard@", "guest@"))
    shop = running.a_shop()
    session = shop.analyze(cartId="c")["sessionId"]

    cluster.execute("ALTER ROLE guest CONNECTION LIMIT 0")
    cluster.execute(_HANG_UP_ON_GUESTS)
    try:
        _unavailable_soon(shop, cartId="c")
        assert 503 == shop.session(session).status_code
        assert 503 == _status(shop, "/readyz")
    finally:
        cluster.execute("ALTER ROLE guest CONNECTION LIMIT -1")

    _assert_well_again(shop)
    assert session == shop.analyze(cartId="c")["sessionId"]
    running.stop()
    cluster.execute(_HANG_UP_ON_GUESTS)


_HANG_UP_ON_GUESTS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'guest'"
)


def test_a_read_only_server_is_a_503_but_shows_its_sessions(
    server: RunningServer, cluster: PostgresqlCluster
) -> None:
    shop = OrderShop(server.a_shop())
    session = shop.analyze()

    cluster.execute("ALTER SYSTEM SET default_transaction_read_only = on")
    cluster.execute("SELECT pg_reload_conf()")
    try:
        wait_until(lambda: 503 == _status(shop.shop, "/readyz"))
        _unavailable_soon(shop.shop)
        assert 503 == shop.put(accepted_order(session)).status_code
        assert 200 == shop.shop.session(session).status_code
    finally:
        cluster.execute("ALTER SYSTEM RESET default_transaction_read_only")
        cluster.execute("SELECT pg_reload_conf()")

    _assert_well_again(shop.shop)
    assert 201 == shop.put(accepted_order(session)).status_code


def test_a_locked_session_fails_alone(server: RunningServer, database_url: str) -> None:
    shop = server.a_shop()
    locked = shop.analyze(cartId="locked")["sessionId"]

    with psycopg.connect(database_url) as somebody, ThreadPoolExecutor(16) as callers:
        somebody.execute("SELECT * FROM offer_sessions WHERE id = %s FOR UPDATE", (locked,))
        carts = ["locked", *(f"free {number}" for number in range(31))]
        statuses = callers.map(lambda c: shop.post(wire_request(cartId=c)).status_code, carts)
        assert [503, *[200] * 31] == list(statuses)

    assert 2 == shop.analyze(cartId="locked")["metadata"]["analysisCount"]


def test_a_server_that_freezes_within_an_order_holds_up_the_others_for_seconds_only(
    server: RunningServer, database_url: str
) -> None:
    # Given an order that a frozen server has begun, and which holds the merchant's row
    shop = OrderShop(server.a_shop())
    session = shop.analyze(cartId="ordered")
    frozen = SqlDatabase(database_url, lock_timeout_ms=500)
    with frozen.engine.connect() as begun:
        held = "SELECT id FROM merchants WHERE id = :id FOR NO KEY UPDATE"
        send_together(begun, [Query(held, {"id": shop.id})])

        # When another server is sent orders
        wait_until(lambda: shop.put(accepted_order(session)).status_code in (200, 201))

        # Then they are taken in, because PostgreSQL has ended what was begun
        with pytest.raises(DBAPIError, match="idle-in-transaction"):
            begun.execute(select(1))
        begun.invalidate()
    assert 4_98 == sum(shop.billed().values())
    frozen.dispose()


def test_a_connection_that_was_closed_from_the_other_side_costs_nobody_an_answer(
    server: RunningServer, cluster: PostgresqlCluster, database_url: str
) -> None:
    shop = server.a_shop()
    shop.analyze()
    database = urlsplit(database_url).path.strip("/")

    cluster.execute(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
    )
    time.sleep(0.2)  # the news has to reach the server's event loop

    assert shop.analyze()["sessionId"]
    assert 200 == _status(shop, "/readyz")

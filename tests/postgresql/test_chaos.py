"""PostgreSQL killed again and again under load: nothing answered is lost, nothing is there twice.

The whole product: `orderguard serve --workers 2` as a process, on a durable cluster.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Table, func, select

from orderguard.storage.tables import analyses, cart_bindings, coverages, offer_sessions, orders
from tests.postgresql.load import Answer, Backend, Load, Outcome
from tests.support.databases import new_database, postgresql_only
from tests.support.order_desk import OrderShop, accepted_order, billed, trial_balance, wire_order
from tests.support.postgresql import PostgresqlCluster
from tests.support.server_process import ServerProcess, wait_until
from tests.support.wire import wire_request

pytestmark = postgresql_only

KILLS = 5

ANALYSES = 20_000
CARTS = 2_500
"""Eight analyses each, so that new and old sessions are at risk."""
ANALYSERS = 24

ORDERS = 2_000
PUSHERS = 4

REFUSED_WITHIN_SECONDS = 5.0
"""A generous bound: the journal gives up after two."""
RECOVERED_WITHIN_SECONDS = 5.0


@pytest.fixture
def server(cluster: PostgresqlCluster, tmp_path: Path) -> Iterator[ServerProcess]:
    url = new_database(cluster)
    with ServerProcess(url, workers=2, log=tmp_path / "server.log") as server:
        yield server


def test_kills_of_postgresql_lose_nothing_answered_and_double_nothing(
    server: ServerProcess, cluster: PostgresqlCluster
) -> None:
    shop = OrderShop(server.a_shop())
    documents = the_orders(shop)
    with closing(Backend(server.url, shop.key)) as backend:

        def analyze(number: int) -> Answer:
            request = wire_request(cartId=_cart_of(number))
            return backend.send("POST", "/v1/analyze", json.dumps(request).encode())

        def push(number: int) -> Answer:
            return backend.send("PUT", "/api/v1/orders", documents[number])

        # Given shoppers and a backend that go on whatever happens
        loads = [Load(ANALYSERS, ANALYSES, analyze), Load(PUSHERS, ORDERS, push)]

        # When PostgreSQL is killed under them, several times
        recoveries = [kill_and_restart(cluster, Random(kill), loads) for kill in range(KILLS)]
        assert not any(load.is_done() for load in loads)
        analysed, pushed = (load.finish() for load in loads)

        # Then they were told so soon, and it was soon over
        assert analysed.refused
        assert pushed.refused
        assert REFUSED_WITHIN_SECONDS > analysed.slowest_refusal_seconds
        assert RECOVERED_WITHIN_SECONDS > max(recoveries)

        # And what they were told is true
        _assert_no_analysis_is_lost_or_double(analysed, backend)
        _assert_the_rows_agree(shop, analysed)
        _assert_no_order_is_lost_or_double(shop, pushed, push)


def the_orders(shop: OrderShop) -> list[bytes]:
    """Every fourth one is declined, the others are accepted for 4.98; some name a session."""
    documents = []
    for number in range(ORDERS):
        session = shop.analyze(cartId=f"order {number}") if number % 20 == 0 else None
        order = (
            wire_order(str(number))
            if number % 4 == 3
            else accepted_order(session, external_id=str(number))
        )
        documents.append(json.dumps(order).encode())
    return documents


ACCEPTED = ORDERS * 3 // 4
WITH_SESSION = ORDERS // 20


def _cart_of(number: int) -> str:
    """Calls at the same time are for different carts; every cart comes back."""
    return f"cart {number % CARTS}"


def kill_and_restart(cluster: PostgresqlCluster, random: Random, loads: list[Load]) -> float:
    """The seconds until every kind of call was answered again."""
    time.sleep(random.uniform(0.3, 1.5))
    cluster.stop("immediate")
    time.sleep(random.uniform(0.1, 1.0))
    cluster.start()
    returned_at = time.monotonic()
    for load in loads:
        wait_until(partial(load.is_answered_since, returned_at))
    return time.monotonic() - returned_at


def _assert_no_analysis_is_lost_or_double(analysed: Outcome, backend: Backend) -> None:
    counts: dict[str, list[int]] = {}
    sessions: dict[str, set[str]] = {}
    for number, answer in analysed.answered.items():
        session = answer["sessionId"]
        counts.setdefault(session, []).append(answer["metadata"]["analysisCount"])
        sessions.setdefault(_cart_of(number), set()).add(session)

    assert {1} == {len(each) for each in sessions.values()}
    assert all(len(each) == len(set(each)) for each in counts.values())
    with ThreadPoolExecutor(ANALYSERS) as callers:
        shown = callers.map(lambda session: backend.send("GET", f"/v1/session/{session}"), counts)
        for told, answer in zip(counts.values(), shown, strict=True):
            assert 200 == answer.status, answer.body
            assert answer.json()["metadata"]["analysisCount"] >= max(told)


def _assert_the_rows_agree(shop: OrderShop, analysed: Outcome) -> None:
    recorded = _number(shop, func.count(), analyses) - WITH_SESSION

    assert recorded + WITH_SESSION == _number(
        shop, func.sum(offer_sessions.c.analysis_count), offer_sessions
    )
    assert _number(shop, func.count(), offer_sessions) == _number(shop, func.count(), cart_bindings)
    # A commit whose confirmation was lost is there although it got a 503.
    assert len(analysed.answered) <= recorded <= ANALYSES


def _number(shop: OrderShop, column: Any, table: Table) -> int:
    query = select(column).select_from(table).where(table.c.merchant_id == shop.id)
    with shop.shop.running.database.engine.connect() as connection:
        return int(connection.scalar(query) or 0)


def _assert_no_order_is_lost_or_double(
    shop: OrderShop, pushed: Outcome, push: Callable[[int], Answer]
) -> None:
    ids = {number: answer["order"]["id"] for number, answer in pushed.answered.items()}

    # A backend sends again what got a 503; this one sends some of the others as well, to see that
    # they are there already.
    some = pushed.refused | set(range(0, ORDERS, 10))
    with ThreadPoolExecutor(PUSHERS) as callers:
        again = dict(zip(some, callers.map(push, some), strict=True))
    assert {number for number, each in again.items() if each.status == 201} <= pushed.refused
    known = {number: each.json()["order"]["id"] for number, each in again.items() if number in ids}
    assert known == {number: ids[number] for number in known}

    assert ORDERS == _number(shop, func.count(), orders)
    assert 2 * ACCEPTED == _number(shop, func.count(), coverages)
    database = shop.shop.running.database
    assert 4_98 * ACCEPTED == sum(billed(database, shop.id).values())
    assert {0} == trial_balance(database, shop.id)

"""`kill -9` while 2,000 orders are pushed, and the same push again: everything is there once."""

from __future__ import annotations

import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import httpx
from sqlalchemy import Connection, Table, func, select

from orderguard.storage.database import SqlDatabase
from orderguard.storage.tables import coverages, orders, postings
from tests.support.order_desk import (
    OrderShop,
    accepted_order,
    an_order_shop,
    billed,
    counts,
    trial_balance,
    wire_order,
)
from tests.support.server_process import ServerProcess, wait_until

ORDERS = 2_000
KILLS = 4
PUSHERS = 4


def the_orders() -> list[bytes]:
    """Every fourth one is declined; the others are accepted for 4.98 each."""
    return [
        json.dumps(
            wire_order(str(n)) if n % 4 == 3 else accepted_order(external_id=str(n))
        ).encode()
        for n in range(ORDERS)
    ]


class Push:
    """A push of all orders, by several connections, until its end or the server's."""

    def __init__(self, server: ServerProcess, key: str, orders: list[bytes]) -> None:
        self.answered: dict[int, dict[str, Any]] = {}
        self._client = server.client(**{"X-Authorization": key})
        self._orders = orders
        self._next = itertools.count()
        self._pool = ThreadPoolExecutor(PUSHERS)
        self._pushers = [self._pool.submit(self._push) for _ in range(PUSHERS)]

    def _push(self) -> None:
        try:
            while (number := next(self._next)) < len(self._orders):
                answer = self._client.put("/api/v1/orders", content=self._orders[number])
                assert answer.status_code in (200, 201), answer.text
                self.answered[number] = answer.json()["order"]
        except httpx.TransportError:
            return

    def finish(self) -> None:
        for pusher in self._pushers:
            pusher.result()
        self._pool.shutdown()


def test_kills_during_a_push_of_2_000_orders_lose_and_double_nothing(tmp_path: Path) -> None:
    random, pushed = Random(1), the_orders()
    path = tmp_path / "orderguard.db"
    answered: dict[int, dict[str, Any]] = {}
    with ServerProcess(path) as server:
        shop = an_order_shop(server)

    # Each round gets a little further than the one before, and dies at a random moment there.
    for kill in range(KILLS):
        with ServerProcess(path) as server:
            push = Push(server, shop.key, pushed)
            reach = random.randrange(50, 150) * (kill + 1)
            wait_until(lambda sent=push.answered, reach=reach: len(sent) >= reach)
            server.kill()
            push.finish()
        answered |= push.answered
    assert len(answered) < ORDERS
    with ServerProcess(path) as server:
        push = Push(server, shop.key, pushed)
        push.finish()
        assert ORDERS == len(push.answered)

        # What was answered before a kill is the very order that is there now.
        assert answered == {number: push.answered[number] for number in answered}
        _assert_each_order_once(server.database, shop)


def _assert_each_order_once(database: SqlDatabase, shop: OrderShop) -> None:
    accepted = ORDERS * 3 // 4
    found = counts(database, shop.id)
    assert {"orders": ORDERS, "coverages": 2 * accepted, "postings": accepted} == {
        name: found[name] for name in ("orders", "coverages", "postings")
    }
    assert 3 * accepted == found["outbox"]
    assert {
        ("returnCoverage", "USD"): 2_49 * accepted,
        ("shippingProtection", "USD"): 2_49 * accepted,
    } == billed(database, shop.id)
    assert {0} == trial_balance(database, shop.id)
    with database.engine.connect() as connection:
        names = connection.scalars(select(orders.c.external_id).where(orders.c.revision == 1))
        assert {str(number) for number in range(ORDERS)} == set(names)
        assert {(2, accepted)} == _rows_per_order(connection, coverages)
        assert {(1, accepted)} == _rows_per_order(connection, postings)


def _rows_per_order(connection: Connection, table: Table) -> set[tuple[int, int]]:
    """How many rows orders have, with the number of orders that have so many."""
    each = select(func.count(table.c.order_id).label("rows")).group_by(table.c.order_id).subquery()
    found = connection.execute(select(each.c.rows, func.count()).group_by(each.c.rows))
    return {(row[0], row[1]) for row in found}

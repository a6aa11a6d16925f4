"""The pooler that the operating guide documents is started, and the shop sells through it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from orderguard.running.preparing import prepare_to_serve
from orderguard.settings import Settings
from orderguard.storage.postgresql_session import SharedSession
from tests.support.order_desk import OrderShop, accepted_order
from tests.support.pgbouncer import pgbouncer
from tests.support.programs import find_program
from tests.support.shop import RunningServer
from tests.support.wire import wire_request

GUIDE = Path(__file__).parents[2] / "docs" / "operating.md"
DOCUMENTED = re.search(r"<!-- pgbouncer -->\n```ini\n(.*?)```", GUIDE.read_text(), re.DOTALL)


@pytest.fixture
def program() -> str:
    found = find_program("pgbouncer")
    if found is None:
        assert not os.environ.get("CI"), "PgBouncer is missing; .ci/run installs it"
        pytest.skip("PgBouncer is not installed")
    return found


@pytest.fixture
def pooled(program: str, database_url: str, tmp_path: Path) -> Iterator[RunningServer]:
    assert DOCUMENTED, "the guide shows PgBouncer's settings"
    with pgbouncer(program, database_url, DOCUMENTED[1]) as url:
        running = RunningServer(tmp_path, database_url=url)
        yield running
        running.stop()


def test_carts_get_offers_and_orders_get_covered_through_the_documented_pooler(
    pooled: RunningServer,
) -> None:
    shop = OrderShop(pooled.a_shop())
    with ThreadPoolExecutor(8) as shoppers:
        sessions = list(shoppers.map(lambda _: shop.analyze(), range(40)))
        pushes = [accepted_order(session, external_id=session) for session in sessions]
        answers = list(shoppers.map(shop.put, pushes))

    assert [201] * 40 == [answer.status_code for answer in answers]
    orders = [answer.json()["order"] for answer in answers]
    assert {"exact"} == {order["acceptance"]["verdict"] for order in orders}
    assert {50_00} == {each["amount"]["amount"] for order in orders for each in order["coverages"]}
    assert {
        ("returnCoverage", "USD"): 40 * 2_98,
        ("shippingProtection", "USD"): 40 * 2_00,
    } == shop.billed()


def test_a_checkout_behind_the_documented_pooler_keeps_its_time_limit(
    pooled: RunningServer, database_url: str
) -> None:
    """PgBouncer used to drop the limit with the start-up parameter that asked for it."""
    shop = pooled.a_shop()
    locked = shop.analyze(cartId="locked")["sessionId"]

    with psycopg.connect(database_url) as other, ThreadPoolExecutor(8) as callers:
        other.execute("SELECT * FROM offer_sessions WHERE id = %s FOR UPDATE", (locked,))
        carts = ["locked", *(f"free {number}" for number in range(7))]
        statuses = callers.map(lambda c: shop.post(wire_request(cartId=c)).status_code, carts)
        assert [503, *[200] * 7] == list(statuses)

    assert 2 == shop.analyze(cartId="locked")["metadata"]["analysisCount"]


def test_a_pooler_in_transaction_mode_is_refused_before_a_checkout_meets_it(
    program: str, database_url: str
) -> None:
    with (
        pgbouncer(program, database_url, "pool_mode = transaction") as url,
        pytest.raises(SharedSession, match="pool_mode = session"),
    ):
        prepare_to_serve(Settings(database_url=url))

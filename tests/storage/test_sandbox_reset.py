"""A sandbox is emptied while it is in use; a live merchant's books are refused to (ADR 0076)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import and_, delete, func, insert, select, update
from sqlalchemy.exc import DatabaseError, DBAPIError

from orderguard.actions import run_sandbox
from orderguard.actions.run_sandbox import advance_clock, reset_sandbox
from orderguard.domain.analytics.analytics import Measure
from orderguard.domain.errors import StorageUnavailable
from orderguard.domain.ids import MerchantId
from orderguard.domain.people.audit import Change
from orderguard.domain.people.sandbox import parse_advance
from orderguard.running.wiring import now, wire_roll_up
from orderguard.storage import sandbox_data
from orderguard.storage.database import SqlDatabase
from orderguard.storage.tables import (
    analytics_rollups,
    coverages,
    entries,
    merchants,
    offer_sessions,
    orders,
    outbox,
    postings,
    statements,
    webhook_endpoints,
)
from tests.support.databases import postgresql_only
from tests.support.order_desk import NOTHING_ON_RECORD, OrderShop, accepted_order, billed, counts
from tests.support.shop import A_TESTER, RunningServer

BOOKS = (postings, entries, statements)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    server = RunningServer(tmp_path, rate_limit_per_minute=0)
    yield server
    server.stop()


def _reset(database: SqlDatabase, merchant: str) -> None:
    reset_sandbox(database, MerchantId(merchant), change=Change(A_TESTER, now()))


def _buys(shop: OrderShop, number: str) -> None:
    shop.push(accepted_order(shop.analyze(), external_id=number))


def _without_a_parent(database: SqlDatabase, merchant: str) -> dict[str, int]:
    """Rows of this merchant whose order, posting or session is gone."""
    order = select(orders.c.id).where(orders.c.merchant_id == merchant)
    posting = select(postings.c.id).where(postings.c.merchant_id == merchant)
    session = select(offer_sessions.c.id).where(offer_sessions.c.merchant_id == merchant)
    linked = orders.c.session_id.is_not(None)
    lost = {
        coverages: coverages.c.order_id.not_in(order),
        postings: postings.c.order_id.not_in(order),
        entries: entries.c.posting_id.not_in(posting),
        orders: and_(linked, orders.c.session_id.not_in(session)),
    }
    with database.engine.connect() as connection:
        return {
            table.name: connection.execute(
                select(func.count())
                .select_from(table)
                .where(table.c.merchant_id == merchant, condition)
            ).scalar_one()
            for table, condition in lost.items()
        }


def test_a_reset_under_load_leaves_whole_orders_and_a_live_merchant_alone(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox_data, "ORDERS_AT_ONCE", 3)
    monkeypatch.setattr(sandbox_data, "SESSIONS_AT_ONCE", 3)
    sandbox = OrderShop(server.a_shop(is_sandbox=True))
    live = OrderShop(server.a_shop())
    for number in range(10):
        _buys(sandbox, f"before-{number}")
    advance_clock(
        server.database,
        MerchantId(sandbox.id),
        parse_advance("40d"),
        change=Change(A_TESTER, now()),
    )
    is_over = threading.Event()

    def keep_buying(shop: OrderShop, name: str) -> int:
        number = 0
        # Slower than orders are deleted, or the reset would go on for minutes.
        while not is_over.wait(0.1):
            number += 1
            _buys(shop, f"{name}-{number}")
        return number

    with ThreadPoolExecutor(2) as buyers:
        bought = [
            buyers.submit(keep_buying, shop, name)
            for shop, name in ((sandbox, "sandbox"), (live, "live"))
        ]
        try:
            for _ in range(5):
                _reset(server.database, sandbox.id)
        finally:
            is_over.set()
        number_live = bought[1].result()

    assert {"coverages": 0, "postings": 0, "entries": 0, "orders": 0} == _without_a_parent(
        server.database, sandbox.id
    )
    for merchant in (sandbox, live):
        with server.database.read() as work:
            assert set(work.ledger.trial_balance(MerchantId(merchant.id)).values()) <= {0}
    assert number_live * 4_98 == sum(billed(server.database, live.id).values())
    _reset(server.database, sandbox.id)
    assert NOTHING_ON_RECORD == counts(server.database, sandbox.id)


def test_an_order_names_no_session_that_is_deleted_while_it_arrives(
    server: RunningServer,
) -> None:
    sandbox = OrderShop(server.a_shop(is_sandbox=True))
    merchant = MerchantId(sandbox.id)
    order = accepted_order(sandbox.analyze(), external_id="meanwhile")

    with ThreadPoolExecutor(1) as buyer:
        with server.database.begin() as work:
            work.merchants.lock(merchant)
            work.sandbox_data.empty_some(merchant)
            pushing = buyer.submit(sandbox.push, order)
            time.sleep(0.5)  # the order waits for the lock, with all that it reads before
            work.sandbox_data.empty_rest(merchant)
        pushing.result()

    assert {"coverages": 0, "postings": 0, "entries": 0, "orders": 0} == _without_a_parent(
        server.database, sandbox.id
    )
    # A shopper who paid is covered, also when the session is unknown.
    assert 4_98 == sum(billed(server.database, sandbox.id).values())


@postgresql_only
def test_an_order_that_waits_for_its_merchant_leaves_its_session_to_analyses(
    server: RunningServer,
) -> None:
    shop = OrderShop(server.a_shop())
    session = shop.analyze()

    with ThreadPoolExecutor(1) as buyer:
        with server.database.begin() as work:
            work.merchants.lock(MerchantId(shop.id))
            pushing = buyer.submit(shop.push, accepted_order(session, external_id="waits"))
            time.sleep(0.5)  # the order waits for the lock, with all that it reads before
            mine = select(offer_sessions.c.id).where(offer_sessions.c.id == session)
            # As an analysis does that cannot be recorded by one statement.
            assert work.connection.execute(mine.with_for_update(nowait=True)).all()
        pushing.result()

    assert 4_98 == sum(billed(server.database, shop.id).values())


def test_after_a_reset_reports_count_and_endpoints_hear_of_new_orders_only(
    server: RunningServer,
) -> None:
    sandbox = OrderShop(server.a_shop(is_sandbox=True))
    merchant = MerchantId(sandbox.id)
    with server.database.begin() as work:
        work.connection.execute(
            insert(webhook_endpoints).values(
                merchant_id=merchant,
                id="whe_a",
                url="https://shop.example",
                event_types=[],
                secret="whsec_a",
                created_at=now(),
                disabled_at=now(),
                lined_up_through=0,
            )
        )
    _buys(sandbox, "1")
    with server.database.begin() as work:
        newest = work.connection.execute(
            select(func.max(outbox.c.sequence)).where(outbox.c.merchant_id == merchant)
        ).scalar_one()
        work.connection.execute(update(webhook_endpoints).values(lined_up_through=newest))
    _reset(server.database, sandbox.id)
    _buys(sandbox, "2")

    for _ in wire_roll_up(server.database).catch_up(merchant, at=now()):
        pass

    with server.database.engine.connect() as connection:
        waiting = connection.execute(
            select(func.count())
            .select_from(outbox.join(webhook_endpoints, outbox.c.merchant_id == merchant))
            .where(outbox.c.sequence > webhook_endpoints.c.lined_up_through)
        ).scalar_one()
        analysed = connection.execute(
            select(func.max(analytics_rollups.c.total)).where(
                analytics_rollups.c.merchant_id == merchant,
                analytics_rollups.c.measure == Measure.ANALYSED,
            )
        ).scalar_one()
    assert (newest, 1) == (waiting, analysed)


def test_the_books_of_a_live_merchant_are_not_deleted_and_no_merchant_changes_its_kind(
    server: RunningServer,
) -> None:
    live = OrderShop(server.a_shop())
    _buys(live, "1")

    for table in (postings, entries):
        with pytest.raises(DBAPIError, match="append-only"), server.database.engine.begin() as one:
            one.execute(delete(table).where(table.c.merchant_id == live.id))
    with (
        pytest.raises(DatabaseError, match="stays what it is"),
        server.database.engine.begin() as one,
    ):
        one.execute(update(merchants).where(merchants.c.id == live.id).values(is_sandbox=True))
    assert 4_98 == sum(billed(server.database, live.id).values())


def test_a_sandbox_that_fills_faster_than_it_empties_is_not_emptied_for_ever(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = OrderShop(server.a_shop(is_sandbox=True))
    for number in range(3):
        _buys(sandbox, f"{number}")
    monkeypatch.setattr(sandbox_data, "ORDERS_AT_ONCE", 1)
    monkeypatch.setattr(run_sandbox, "BATCHES_AT_MOST", 2)

    with pytest.raises(StorageUnavailable, match="faster"):
        _reset(server.database, sandbox.id)

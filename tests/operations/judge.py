"""Whether the ledger of the shops and ours agree, from sessions to the statement of the month."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from orderguard.actions.close_statement import draw_up_statement
from orderguard.domain.books.month import Month
from orderguard.storage.tables import analyses, cart_bindings, offer_sessions
from tests.operations.checkouts import (
    REACHED_NOBODY,
    UNAVAILABLE,
    Checkouts,
    Ledger,
    order_of,
)
from tests.operations.machines import wait_for
from tests.support.order_desk import OrderShop, billed, counts, trial_balance

FEE = 4_98


def assert_nothing_is_lost_or_double(checkouts: Checkouts) -> None:
    shop = checkouts.shop
    _every_session_is_there(checkouts)
    _the_rows_agree(shop, checkouts.ledger)
    _every_order_is_there_once(shop, checkouts)
    _the_money_agrees(shop, checkouts)


def _every_session_is_there(checkouts: Checkouts) -> None:
    ledger = checkouts.ledger
    assert {1} == {len(each) for each in ledger.sessions_of_carts.values()}
    assert all(len(each) == len(set(each)) for each in ledger.sessions.values())

    with ThreadPoolExecutor(4) as callers:
        found = callers.map(lambda session: _looked_at(checkouts, session), ledger.sessions)
        for told, (status, answer) in zip(ledger.sessions.values(), found, strict=True):
            assert 200 == status, (status, answer)
            assert answer["metadata"]["analysisCount"] >= max(told)


def _looked_at(checkouts: Checkouts, session: str) -> tuple[int, Any]:
    """Asked again after a refusal: what came back a moment ago may refuse once more."""
    answers: list[tuple[int, Any]] = []

    def is_answered() -> bool:
        answers.append(checkouts.send("GET", f"/v1/session/{session}"))
        return answers[-1][0] not in (REACHED_NOBODY, *UNAVAILABLE)

    wait_for(f"session {session}", is_answered)
    return answers[-1]


def _the_rows_agree(shop: OrderShop, ledger: Ledger) -> None:
    recorded = _number(shop, analyses)
    with shop.shop.running.database.engine.connect() as connection:
        counted = connection.scalar(
            select(func.sum(offer_sessions.c.analysis_count)).where(
                offer_sessions.c.merchant_id == shop.id
            )
        )
    assert recorded == int(counted or 0)
    assert _number(shop, offer_sessions) == _number(shop, cart_bindings)
    # A commit whose confirmation was lost is there although the shop was refused.
    answered = len(ledger.answered_at)
    assert answered <= recorded <= answered + ledger.refused


def _every_order_is_there_once(shop: OrderShop, checkouts: Checkouts) -> None:
    ledger = checkouts.ledger
    assert checkouts.orders == len(ledger.orders)
    # Pushed once more they are the same ones.
    for number in range(0, checkouts.orders, 10):
        order = order_of(number, None)
        status, answer = checkouts.send("GET", f"/api/v1/orders/{ledger.orders[number]}")
        assert 200 == status, (status, answer)
        assert order["external_id"] == answer["order"]["external_id"]


def _the_money_agrees(shop: OrderShop, checkouts: Checkouts) -> None:
    database, covered = shop.shop.running.database, len(checkouts.ledger.covered)
    found = counts(database, shop.id)
    assert {"orders": checkouts.orders, "coverages": 2 * covered, "postings": covered} == {
        name: found[name] for name in ("orders", "coverages", "postings")
    }
    assert FEE * covered == sum(billed(database, shop.id).values())
    assert {0} == trial_balance(database, shop.id)
    assert (covered, FEE * covered) == _of_the_statements(shop)


def _of_the_statements(shop: OrderShop) -> tuple[int, int]:
    """Orders and fees of the last two months, because the run may pass the end of one."""
    now = datetime.now(UTC)
    months = {f"{each:%Y-%m}" for each in (now, now - timedelta(hours=2))}
    with shop.shop.running.database.read() as work:
        drawn_up = [draw_up_statement(work, shop.id, Month.parse(each)) for each in months]
    currencies = [each for month in drawn_up for each in month.currencies]
    return sum(each.orders_accepted for each in currencies), sum(each.fees for each in currencies)


def _number(shop: OrderShop, table: Any) -> int:
    query = select(func.count()).select_from(table).where(table.c.merchant_id == shop.id)
    with shop.shop.running.database.engine.connect() as connection:
        return int(connection.scalar(query) or 0)

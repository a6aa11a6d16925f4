"""`POST orders/batch`: one outcome per order, as the upsert of that order alone would have it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import httpx
import pytest

from orderguard.actions.close_statement import draw_up_statement
from orderguard.actions.push_order import PushOrder
from orderguard.actions.push_orders import TOGETHER, PushOrders
from orderguard.actions.run_sandbox import advance_clock
from orderguard.domain.books.month import Month
from orderguard.domain.errors import StorageUnavailable
from orderguard.domain.ids import MerchantId
from orderguard.domain.people.audit import Change
from orderguard.http.wire.order_batch import ORDERS_AT_MOST
from orderguard.running.wiring import now
from orderguard.storage.order_intake import SqlOrderIntake
from tests.support.order_desk import (
    OrderShop,
    accepted_order,
    amounts,
    an_order_shop,
    codes,
    trial_balance,
    usd,
    wire_fee,
    wire_order,
)
from tests.support.server_process import wait_until
from tests.support.shop import A_TESTER, RunningServer

FEE = 4_98
WORTH = 50_00


@pytest.fixture
def shop(running_server: RunningServer) -> OrderShop:
    return an_order_shop(running_server)


def _send(shop: OrderShop, orders: Any, **options: Any) -> httpx.Response:
    path = options.pop("path", "/api/v1/orders/batch")
    return shop.http.post(path, json={"orders": orders}, **options)


def _outcomes(shop: OrderShop, orders: Any, **options: Any) -> list[dict[str, Any]]:
    response = _send(shop, orders, **options)
    assert 200 == response.status_code, response.text
    outcomes: list[dict[str, Any]] = response.json()["outcomes"]
    assert len(orders) == len(outcomes)
    return outcomes


def _statuses(outcomes: list[dict[str, Any]]) -> list[int]:
    return [each["status"] for each in outcomes]


def _money(shop: OrderShop) -> tuple[int, int, set[int]]:
    """What was billed, what this month's statement says of it, and the trial balance."""
    database = shop.shop.running.database
    with database.read() as work:
        statement = draw_up_statement(work, shop.id, Month.of(now()))
    stated = sum(each.fees - each.reversals for each in statement.currencies)
    return sum(shop.billed().values()), stated, trial_balance(database, shop.id)


def test_a_batch_is_covered_billed_and_stated_as_its_orders_would_be_alone(
    shop: OrderShop,
) -> None:
    orders = [accepted_order(shop.analyze(), external_id=f"b-{n}") for n in range(3)]
    orders.append(wire_order("declined"))

    outcomes = _outcomes(shop, orders)

    assert [201] * 4 == _statuses(outcomes)
    answered = [each["body"]["order"] for each in outcomes]
    assert [[WORTH, WORTH]] * 3 + [[]] == [amounts(each) for each in answered]
    assert ["exact"] * 3 == [each["acceptance"]["verdict"] for each in answered[:3]]
    assert (3 * FEE, 3 * FEE, {0}) == _money(shop)
    for each in answered:
        alone = shop.http.get(f"/api/v1/orders/{each['id']}").json()["order"]
        assert alone == each | {"warnings": alone["warnings"]}

    again = _outcomes(shop, orders)
    assert [200] * 4 == _statuses(again)
    assert answered == [each["body"]["order"] for each in again]
    assert (3 * FEE, 3 * FEE, {0}) == _money(shop)


def test_a_broken_order_costs_the_others_nothing(shop: OrderShop) -> None:
    orders: list[Any] = [accepted_order(shop.analyze(), external_id=f"b-{n}") for n in range(2)]
    broken = [
        wire_order("no-name") | {"name": None},
        wire_order(None),
        accepted_order(external_id="float", fees=[wire_fee(4.98)]),
        "no order",
        wire_order("deep", customer=_nested(120)),
        wire_order("nul\0"),
    ]

    outcomes = _outcomes(shop, [orders[0], *broken, orders[1]])

    assert [201, 422, 422, 422, 422, 400, 422, 201] == _statuses(outcomes)
    for order, outcome in zip(broken, outcomes[1:-1], strict=True):
        if isinstance(order, dict):
            alone = shop.put(order)
            assert alone.status_code == outcome["status"]
            assert _without_request_id(alone.json()) == _without_request_id(outcome["body"])
    assert 2 == shop.counts()["orders"]
    assert (2 * FEE, 2 * FEE, {0}) == _money(shop)


def _without_request_id(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "requestId"}


def _nested(levels: int) -> Any:
    return {"a": _nested(levels - 1)} if levels else {}


def test_orders_that_depend_on_one_before_find_it_settled(shop: OrderShop) -> None:
    session, other = shop.analyze(), shop.analyze()
    first = accepted_order(session, external_id="first")
    orders = [
        first,
        accepted_order(session, external_id="same-session"),
        {"external_id": "first", "status": "cancelled"},
        # The first has ended, so its session is free for this one.
        accepted_order(session, external_id="third"),
        accepted_order(other, external_id="moves"),
        {"external_id": "moves", "total_price": usd(99_98)},
    ]

    outcomes = _outcomes(shop, orders)

    assert [201, 201, 200, 201, 201, 200] == _statuses(outcomes)
    answered = [each["body"]["order"] for each in outcomes]
    assert "session_linked_elsewhere" in codes(answered[1])
    assert [[WORTH] * 2, [WORTH] * 2, [], [WORTH] * 2, [WORTH] * 2, [WORTH] * 2] == [
        amounts(each) for each in answered
    ]
    assert [session, None, session, session] == [
        each["acceptance"]["session_id"] for each in answered[:4]
    ]
    assert 99_98 == answered[5]["total_price"]["amount"]
    assert 4 == shop.counts()["orders"]
    assert (3 * FEE, 3 * FEE, {0}) == _money(shop)


def test_a_batch_is_what_its_orders_are_one_after_another(running_server: RunningServer) -> None:
    """The same pushes, in one batch and one by one, leave the same money."""

    def pushes(shop: OrderShop) -> list[dict[str, Any]]:
        a, b = shop.analyze(), shop.analyze()
        return [
            accepted_order(a, external_id="1"),
            accepted_order(b, external_id="2", fees=[wire_fee(6_00)]),
            accepted_order(a, external_id="3"),
            accepted_order(b, external_id="1"),
            {"external_id": "2", "refunds": [{"external_id": "r", "type": "fee"}]},
            wire_order("1", metadata=[], fees=[]),
            accepted_order(a, external_id="3"),
        ]

    batched, alone = an_order_shop(running_server), an_order_shop(running_server)
    statuses = _statuses(_outcomes(batched, pushes(batched)))
    assert statuses == [alone.put(order).status_code for order in pushes(alone)]
    assert batched.counts() == alone.counts()
    assert batched.billed() == alone.billed()
    assert _money(batched) == _money(alone)
    assert _listed(batched) == _listed(alone)


def _listed(shop: OrderShop) -> list[tuple[Any, ...]]:
    orders = shop.http.get("/api/v1/orders").json()["orders"]
    return sorted(
        (each["external_id"], each["acceptance"]["verdict"], codes(each), amounts(each))
        for each in orders
    )


def test_an_order_that_crashes_is_a_500_of_its_own(
    shop: OrderShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = SqlOrderIntake.write

    def fails(self: SqlOrderIntake, merchant: MerchantId, writes: Any, **options: Any) -> None:
        if any(each.external_id == "cursed" for each in writes.new):
            raise ZeroDivisionError("a fault of ours")
        write(self, merchant, writes, **options)

    monkeypatch.setattr(SqlOrderIntake, "write", fails)
    names = ["a", "cursed", "b"]
    orders = [accepted_order(shop.analyze(), external_id=name) for name in names]

    outcomes = _outcomes(shop, orders)

    assert [201, 500, 201] == _statuses(outcomes)
    assert "internal_error" == outcomes[1]["body"]["error"]["code"]
    assert 2 == shop.counts()["orders"]
    assert (2 * FEE, 2 * FEE, {0}) == _money(shop)


def test_a_batch_that_is_broken_off_says_which_orders_to_send_again(
    shop: OrderShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in, calls = PushOrders.__call__, 0

    def second_fails(self: PushOrders, *arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise StorageUnavailable("gone")
        return take_in(self, *arguments, **options)

    orders = [wire_order(f"b-{n}") for n in range(TOGETHER + 2)]
    with monkeypatch.context() as context:
        context.setattr(PushOrders, "__call__", second_fails)
        outcomes = _outcomes(shop, orders)
        assert [201] * TOGETHER + [503] * 2 == _statuses(outcomes)
        assert "service_unavailable" == outcomes[-1]["body"]["error"]["code"]
        calls = 1
        nothing = _send(shop, orders)
    assert 503 == nothing.status_code
    assert int(nothing.headers["retry-after"]) >= 1

    assert [200] * TOGETHER + [201] * 2 == _statuses(_outcomes(shop, orders))
    assert len(orders) == shop.counts()["orders"]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, "is missing; expected a list of orders."),
        ({"orders": {}}, "expected a list of orders, found an object."),
        ({"orders": []}, "expected 1 to 100 orders, found 0."),
        ({"orders": [{}] * (ORDERS_AT_MOST + 1)}, "expected 1 to 100 orders, found 101."),
    ],
)
def test_what_is_no_batch_is_refused_as_a_whole(
    shop: OrderShop, body: dict[str, Any], problem: str
) -> None:
    response = shop.http.post("/api/v1/orders/batch", json=body)
    assert (422, {"orders": [problem]}) == (response.status_code, response.json()["errors"])


def test_a_batch_is_bounded_in_bytes_and_needs_the_scope(
    shop: OrderShop, running_server: RunningServer
) -> None:
    fat = wire_order("fat") | {"note": "x" * 20_000}
    response = _send(shop, [fat | {"external_id": f"f-{n}"} for n in range(60)])
    assert 400 == response.status_code
    assert "too large" in response.json()["error"]["message"]
    assert 0 == shop.counts()["orders"]

    cart_only = running_server.client(**{"X-Authorization": shop.shop.issue_key("cart").text})
    refused = cart_only.post("/api/v1/orders/batch", json={"orders": [wire_order()]})
    assert 401 == refused.status_code
    assert 405 == shop.http.get("/api/v1/orders/batch").status_code


def test_dated_versions_require_the_date_of_each_order(shop: OrderShop) -> None:
    dated = wire_order("dated", created_at="2026-04-23T13:25:00+00:00")
    outcomes = _outcomes(shop, [dated, wire_order("undated")], path="/api/2026-10/orders/batch")
    assert [201, 422] == _statuses(outcomes)
    assert ["created_at"] == list(outcomes[1]["body"]["errors"])


def test_a_full_batch_shares_transactions(shop: OrderShop, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = 0
    begin = SqlOrderIntake.begin

    def counted(self: SqlOrderIntake, *arguments: Any, **options: Any) -> Any:
        nonlocal begun
        begun += 1
        return begin(self, *arguments, **options)

    monkeypatch.setattr(SqlOrderIntake, "begin", counted)
    monkeypatch.setattr(PushOrder, "upsert_read", None)  # none of them is taken in alone
    orders = [wire_order(f"b-{n}") for n in range(ORDERS_AT_MOST)]
    outcomes = _outcomes(shop, orders, headers={"X-Loop-Global-Identifier-Type": "string"})
    assert [201] * ORDERS_AT_MOST == _statuses(outcomes)
    assert {str} == {type(each["body"]["order"]["id"]) for each in outcomes}
    assert -(-ORDERS_AT_MOST // TOGETHER) == begun
    assert ORDERS_AT_MOST == shop.counts()["orders"]


def test_a_batch_of_a_sandbox_goes_by_its_test_clock(running_server: RunningServer) -> None:
    sandbox = OrderShop(running_server.a_shop(is_sandbox=True))
    advance_clock(
        running_server.database, sandbox.id, timedelta(days=40), change=Change(A_TESTER, now())
    )
    names = count()

    def began() -> datetime:
        order = accepted_order(sandbox.analyze(), external_id=f"s-{next(names)}")
        [outcome] = _outcomes(sandbox, [order])
        [coverage, _] = outcome["body"]["order"]["coverages"]
        assert WORTH == coverage["amount"]["amount"]
        return datetime.fromisoformat(coverage["active_from"])

    # The key with the clock is remembered until the change is noticed.
    wait_until(lambda: began() > now() + timedelta(days=39))

"""A session is for one order; an order that no longer stands lets go of it (contract §6)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.order_desk import (
    OrderShop,
    accepted_order,
    amounts,
    an_order_shop,
    codes,
    usd,
    wire_item,
    wire_order,
)
from tests.support.shop import RunningServer


@pytest.fixture
def desk(running_server: RunningServer) -> OrderShop:
    return an_order_shop(running_server)


def linked(order: dict[str, Any]) -> tuple[Any, Any]:
    return order["acceptance"]["session_id"], order["acceptance"]["verdict"]


def find(desk: OrderShop, external_id: str) -> dict[str, Any]:
    order: dict[str, Any] = desk.http.get(f"/api/v1/orders/external/{external_id}").json()["order"]
    return order


@pytest.mark.parametrize(
    "change",
    [
        {"status": "cancelled"},
        {"status": "refunded"},
        {"refunds": [{"amount": usd(54_98)}]},
    ],
)
def test_an_order_that_no_longer_stands_lets_go_of_its_session(
    desk: OrderShop, change: dict[str, Any]
) -> None:
    # Given an accepted order that has ended
    session = desk.analyze()
    first = accepted_order(session, external_id="first")
    desk.push(first)
    assert [] == amounts(desk.push(first | change))

    # When another order claims the session
    second = accepted_order(session, external_id="second", line_items=[wire_item("vase", 1)])
    taken = desk.push(second)

    # Then it is compared with the quote, covered for its own goods, and billed once
    assert ((session, "exact"), [25_00, 25_00]) == (linked(taken), amounts(taken))
    assert ([], 4_98) == (codes(taken), sum(desk.billed().values()))
    # And the first one is what it was, without the session.
    ended = find(desk, "first")
    assert ((None, "exact"), []) == (linked(ended), codes(ended))
    again = desk.push(first | change)
    assert ((None, "exact"), []) == (linked(again), amounts(again))
    assert (session, "exact") == linked(desk.push(second))


def test_a_deleted_order_lets_go_of_its_session(desk: OrderShop) -> None:
    session = desk.analyze()
    desk.push(accepted_order(session, external_id="first"))
    desk.http.delete("/api/v1/orders/external/first")

    second = desk.push(accepted_order(session, external_id="second"))

    assert ((session, "exact"), [50_00, 50_00]) == (linked(second), amounts(second))


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"status": "pending"},
        {"refunds": [{"type": "fee", "amount": usd(4_98)}]},
        {"refunds": [{"amount": usd(54_97)}]},
    ],
)
def test_an_order_that_stands_keeps_its_session(desk: OrderShop, change: dict[str, Any]) -> None:
    session = desk.analyze()
    first = accepted_order(session, external_id="first") | change
    desk.push(first)

    second = desk.push(accepted_order(session, external_id="second"))

    assert (None, "unlinked") == linked(second)
    assert (["session_linked_elsewhere"], [50_00, 50_00]) == (codes(second), amounts(second))
    assert session == find(desk, "first")["acceptance"]["session_id"]


def test_an_order_that_comes_back_to_life_does_not_take_the_session_back(desk: OrderShop) -> None:
    session = desk.analyze()
    first = accepted_order(session, external_id="first")
    desk.push(first)
    desk.push(first | {"status": "cancelled"})
    desk.push(accepted_order(session, external_id="second"))

    revived = desk.push(first | {"status": "active"})

    assert ((None, "unlinked"), [50_00, 50_00]) == (linked(revived), amounts(revived))
    assert ["session_linked_elsewhere"] == codes(revived)
    assert (session, "exact") == linked(find(desk, "second"))


def test_a_declined_order_that_was_cancelled_lets_go_too(desk: OrderShop) -> None:
    session = desk.analyze()
    first = wire_order("first", metadata=[{"key": "session_id", "value": session}])
    desk.push(first)
    desk.push(first | {"status": "cancelled"})

    assert (session, "exact") == linked(desk.push(accepted_order(session, external_id="second")))
    assert "declined" == find(desk, "first")["acceptance"]["outcome"]


def test_pushing_again_takes_a_session_that_has_become_free(desk: OrderShop) -> None:
    # Given an order that came while another one had its session
    session = desk.analyze()
    first, second = (accepted_order(session, external_id=each) for each in ("first", "second"))
    desk.push(first)
    desk.push(second)

    # When that one was cancelled, and the order is pushed once more as it is
    desk.push(first | {"status": "cancelled"})
    again = desk.push(second)

    assert ((session, "exact"), []) == (linked(again), codes(again))
    assert [50_00, 50_00] == amounts(again)

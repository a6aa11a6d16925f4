"""What an order carries beside is bounded, and never a reason to refuse it (ADR 0069)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import func, select

from orderguard.storage.tables import orders
from tests.support.order_desk import (
    OrderShop,
    accepted_order,
    amounts,
    an_order_shop,
    billed,
    codes,
    of_session,
    usd,
    wire_fee,
    wire_item,
)
from tests.support.shop import RunningServer

MUCH = "m" * 900_000
BILLED = {("returnCoverage", "USD"): 2_98, ("shippingProtection", "USD"): 2_00}


@pytest.fixture
def desk(running_server: RunningServer) -> OrderShop:
    return an_order_shop(running_server)


@pytest.fixture
def session(desk: OrderShop) -> str:
    return desk.analyze()


def stored_bytes(desk: OrderShop) -> int:
    """What the documents of this merchant's orders take."""
    query = select(func.sum(func.length(orders.c.document))).where(orders.c.merchant_id == desk.id)
    with desk.shop.running.database.engine.connect() as connection:
        return int(connection.execute(query).scalar_one())


def is_covered_and_billed(desk: OrderShop, order: dict[str, Any]) -> bool:
    return (
        amounts(order) == [50_00, 50_00]
        and order["acceptance"]["verdict"] == "exact"
        and billed(desk.shop.running.database, desk.id) == BILLED
    )


def an_item(**more: Any) -> dict[str, Any]:
    return wire_item() | more


CARRIED: dict[str, dict[str, Any]] = {
    "note": {"note": MUCH},
    "note_attributes": {"note_attributes": [{"name": f"n{n}", "value": n} for n in range(30_000)]},
    "unknown names": {f"u{number:05}": "u" * 20 for number in range(25_000)},
    "a long name": {"n" * 900_000: 1},
    "in lines": {"line_items": [an_item(properties={"image": MUCH})]},
    "in money": {"total_price": usd(54_98) | {"formatted": MUCH}},
    "in a fee": {"fees": [wire_fee() | {"html": MUCH}]},
    "in a refund of a line": {"line_items": [an_item(refunds=[{"status": "failed", "x": MUCH}])]},
    "in a refund": {"refunds": [{"external_id": "r", "status": "failed", "gateway": MUCH}]},
    "customer": {"customer": {"first_name": "Ada", "history": MUCH}},
    "shipping_address": {"shipping_address": {"city": "Bern", "map": MUCH}},
    "billing_address": {"billing_address": {f"a{n}": "b" * 50 for n in range(10_000)}},
    "source": {"source": {"name": "web", "blob": MUCH}},
    "order_discounts": {"order_discounts": [{"title": "d" * 90} for _ in range(8_000)]},
    "shipping_lines": {"shipping_lines": [MUCH]},
    "fulfillments": {"fulfillments": [{"lines": list(range(30))} for _ in range(8_000)]},
    "tags": {"tags": [f"tag-{number}" for number in range(60_000)]},
    "tags of a line": {"line_items": [an_item(tags=["t" * 50] * 15_000)]},
    "vendor of a line": {"line_items": [an_item(vendor=MUCH)]},
    "metadata of a line": {"line_items": [an_item(metadata=[{"key": "k", "value": MUCH}])]},
}


@pytest.mark.parametrize("carried", CARRIED.values(), ids=CARRIED)
def test_a_megabyte_beside_costs_neither_the_order_nor_the_disk(
    desk: OrderShop, session: str, carried: dict[str, Any]
) -> None:
    order = accepted_order(session) | carried
    first = desk.put(order)
    pushed = first.json()["order"]
    again = desk.put(order)

    assert (201, 200) == (first.status_code, again.status_code)
    assert ["members_not_kept"] == codes(pushed)
    assert is_covered_and_billed(desk, pushed)
    assert stored_bytes(desk) < 135_000
    assert pushed == again.json()["order"]
    assert pushed == desk.http.get("/api/v1/orders/external/1001").json()["order"]


def test_a_hundred_thousand_entries_leave_the_session_where_it_is(
    desk: OrderShop, session: str
) -> None:
    entries = [{"key": f"k{number}"} for number in range(50_000)]

    pushed = desk.push(accepted_order(metadata=[*entries, *of_session(session)]))

    assert ["members_not_kept"] == codes(pushed)
    assert (session, True) == (
        pushed["acceptance"]["session_id"],
        is_covered_and_billed(desk, pushed),
    )
    assert stored_bytes(desk) < 70_000
    assert "session_id" == pushed["metadata"][-1]["key"]
    assert entries[:1_000] == [{"key": each["key"]} for each in pushed["metadata"][:1_000]]


def test_the_largest_is_named_and_the_rest_is_kept(desk: OrderShop, session: str) -> None:
    pushed = desk.push(
        accepted_order(session, note=MUCH, color="red", line_items=[an_item(engraving="Ada")])
    )

    (warning,) = pushed["warnings"]
    assert "note (900" in warning["message"]
    assert "note" not in pushed
    assert ("red", "Ada") == (pushed["color"], pushed["line_items"][0]["engraving"])


def test_what_was_kept_stays_and_later_pushes_share_the_room(desk: OrderShop, session: str) -> None:
    desk.push(accepted_order(session))
    for number in range(1, 6):
        part = {"external_id": "1001", f"part_{number}": "p" * 20_000}
        answers = [desk.put(accepted_order(session) | part).json()["order"] for _ in range(2)]
        assert answers[0] == answers[1]

    assert ["members_not_kept"] == codes(answers[0])
    assert [1, 2, 3] == [number for number in range(1, 6) if f"part_{number}" in answers[0]]
    assert stored_bytes(desk) < 66_500
    assert is_covered_and_billed(desk, answers[0])


def test_an_order_of_usual_size_keeps_all_it_carries(desk: OrderShop, session: str) -> None:
    order = accepted_order(
        session,
        note="Please ring twice. " * 100,
        custom={"a": [{"b": "c" * 20_000}]},
        customer={"first_name": "Ada", "note": "n" * 10_000},
        fulfillments=[{"tracking": "t" * 200} for _ in range(200)],
        tags=["wholesale"] * 1_000,
    )

    pushed = desk.push(order)

    assert [] == codes(pushed)
    assert {name: pushed[name] for name in ("note", "custom", "customer", "fulfillments")} == {
        name: order[name] for name in ("note", "custom", "customer", "fulfillments")
    }
    assert order["tags"] == pushed["tags"]


def test_texts_for_reading_are_cut(desk: OrderShop, session: str) -> None:
    long = "€" * 5_000
    pushed = desk.push(
        accepted_order(
            session,
            line_items=[an_item(title=long)],
            fees=[wire_fee() | {"name": long}],
            refunds=[{"external_id": "r", "type": long, "status": "failed"}],
            metadata=[*of_session(session + " " * 5_000), {"key": long, "value": 1}],
        )
    )

    assert [] == codes(pushed)
    assert is_covered_and_billed(desk, pushed)
    assert long[:1_000] == pushed["line_items"][0]["title"]
    assert (long[:255], long[:64]) == (pushed["fees"][0]["name"], pushed["refunds"][0]["type"])
    assert long[:255] == pushed["metadata"][1]["key"]


def test_a_refund_that_carries_much_counts_once(desk: OrderShop, session: str) -> None:
    lamp = {"line_items": [{"external_id": "lamp", "quantity": 1}], "amount": usd(25_00)}
    refunds = [lamp | {"raw": MUCH[:300_000], "id": 1}, lamp | {"raw": MUCH[:300_000], "id": 2}]

    for sent in (refunds[:1], refunds[:1]):
        pushed = desk.push(accepted_order(session, refunds=sent))
    assert ([25_00, 25_00], ["members_not_kept"]) == (amounts(pushed), codes(pushed))

    for _ in range(2):
        pushed = desk.push(accepted_order(session, refunds=refunds[1:]))

    assert [1, 2] == [each["id"] for each in pushed["refunds"]]
    assert [0, 0] == amounts(pushed)  # both pieces came back
    assert stored_bytes(desk) < 2_000


def test_what_means_nothing_is_still_refused(desk: OrderShop, session: str) -> None:
    for refused in ({"customer": MUCH}, {"tags": {}}, {"line_items": [MUCH]}, {"fees": [5]}):
        assert 422 == desk.put(accepted_order(session) | refused).status_code

    assert 0 == desk.counts()["orders"]


def test_an_order_that_was_kept_whole_is_bounded_by_its_next_push(
    desk: OrderShop, session: str
) -> None:
    desk.push(accepted_order(session))
    database = desk.shop.running.database
    with database.begin() as work:
        row = work.connection.execute(
            select(orders.c.document).where(orders.c.merchant_id == desk.id)
        ).one()
        document = json.loads(row.document) | {
            "note": MUCH,
            "refunds": [{"amount": usd(1), "raw": MUCH}],
        }
        work.connection.execute(
            orders.update()
            .where(orders.c.merchant_id == desk.id)
            .values(document=json.dumps(document).encode())
        )

    pushed = desk.push(
        accepted_order(session, refunds=[{"amount": usd(1), "raw": MUCH}], color="red")
    )

    assert [{"amount": usd(1)}] == pushed["refunds"]
    assert ["members_not_kept"] == codes(pushed)
    assert stored_bytes(desk) < 2_000
    assert is_covered_and_billed(desk, pushed)

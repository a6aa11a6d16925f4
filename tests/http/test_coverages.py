"""`GET coverages`: what the shop has to honour (contract §1, §9)."""

from __future__ import annotations

import pytest

from tests.support.order_desk import (
    BOTH_MODES,
    OrderShop,
    accepted_order,
    an_order_shop,
    usd,
    wire_item,
)
from tests.support.shop import RunningServer

STRINGS = {"X-Loop-Global-Identifier-Type": "string"}


@pytest.fixture
def desk(running_server: RunningServer) -> OrderShop:
    return an_order_shop(running_server)


def test_a_coverage_says_what_it_covers_until_when_and_what_happened(desk: OrderShop) -> None:
    order = desk.push(accepted_order(created_at="2024-04-23T13:25:00+00:00"))

    coverage = order["coverages"][0]
    shown = desk.http.get(f"/api/v1/coverages/{coverage['id']}").json()["coverage"]

    activation = {"event": "activated", "because": None, "amount": 50_00}
    assert {
        "id": coverage["id"],
        "order_id": order["id"],
        "mode": "returnCoverage",
        "state": "active",
        "void_reason": None,
        "active_from": "2024-04-23T13:25:00+00:00",
        "expires_at": "2024-05-23T13:25:00+00:00",
        "amount": usd(50_00),
        "lines": [{"line_id": "lamp", "quantity": 2, "amount": 50_00}],
        "history": [activation | {k: shown["history"][0][k] for k in ("at", "by")}],
    } == shown
    assert shown["history"][0]["by"].startswith("key_")


def test_the_history_tells_who_did_what_and_why(desk: OrderShop) -> None:
    desk.push(accepted_order())
    desk.push(accepted_order(line_items=[wire_item(quantity=1)]))
    order = desk.push(accepted_order(line_items=[wire_item(quantity=1)], status="cancelled"))

    history = order["coverages"][0]["history"]

    assert [
        ("activated", None, 50_00),
        ("changed", None, 25_00),
        ("voided", "order_cancelled", 25_00),
    ] == [(entry["event"], entry["because"], entry["amount"]) for entry in history]


def test_terms_are_those_of_the_configuration_under_which_the_order_came(
    running_server: RunningServer,
) -> None:
    desk = an_order_shop(running_server, terms={"returnCoverage": {"days": 10}})
    order = accepted_order(created_at="2024-04-23T13:25:00+00:00")

    terms = {each["mode"]: each["expires_at"][:10] for each in desk.push(order)["coverages"]}

    assert {"returnCoverage": "2024-05-03", "shippingProtection": "2024-06-22"} == terms


def test_lines_that_are_never_covered_are_not(running_server: RunningServer) -> None:
    desk = an_order_shop(
        running_server, exclusions=[{"sku": "GC-*"}], coverage_products=[{"product_id": "cov"}]
    )
    lines = [
        wire_item("lamp", 1, 10_00),
        wire_item("card", 1, 20_00) | {"sku": "GC-20"},
        wire_item("fee", 1, 4_98) | {"product": {"external_id": "cov"}},
    ]

    order = desk.push(accepted_order(line_items=lines))

    assert usd(10_00) == order["coverages"][0]["amount"]


def test_pages_contain_every_coverage_once(desk: OrderShop) -> None:
    made = [
        coverage["id"]
        for number in range(4)
        for coverage in desk.push(accepted_order(external_id=str(number)))["coverages"]
    ]

    found, url = [], "/api/v1/coverages?limit=3"
    while url:
        page = desk.http.get(url).json()
        found += [coverage["id"] for coverage in page["coverages"]]
        url = page["next_page_url"]

    assert sorted(made) == found


def test_the_coverages_of_one_order_are_never_paged(desk: OrderShop) -> None:
    order = desk.push(accepted_order())
    desk.push(accepted_order(external_id="other"))

    page = desk.http.get(f"/api/v1/coverages?order_id={order['id']}&limit=1").json()

    assert BOTH_MODES == [coverage["mode"] for coverage in page["coverages"]]
    assert page["next_page_url"] is None


def test_ids_are_strings_on_request(desk: OrderShop) -> None:
    order = desk.push(accepted_order())
    id_ = order["coverages"][0]["id"]

    shown = desk.http.get(f"/api/v1/coverages/{id_}", headers=STRINGS).json()["coverage"]

    assert (str(id_), str(order["id"])) == (shown["id"], shown["order_id"])


@pytest.mark.parametrize("id_", ["1", "0", "x", "-1", "9007199254740992", "9" * 100, "%00"])
def test_a_coverage_that_is_not_there_is_not_found(desk: OrderShop, id_: str) -> None:
    answer = desk.http.get(f"/api/v1/coverages/{id_}")

    assert (404, "COVERAGE_NOT_FOUND") == (answer.status_code, answer.json()["errors"]["code"])


def test_coverages_of_another_merchant_look_missing(desk: OrderShop) -> None:
    theirs = an_order_shop(desk.shop.running).push(accepted_order())

    shown = desk.http.get(f"/api/v1/coverages/{theirs['coverages'][0]['id']}")
    listed = desk.http.get("/api/v1/coverages")
    of_order = desk.http.get(f"/api/v1/coverages?order_id={theirs['id']}")

    assert 404 == shown.status_code
    assert [] == listed.json()["coverages"] == of_order.json()["coverages"]

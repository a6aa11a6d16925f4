"""Lists of orders and coverages: forwards, backwards, in either order, and filtered."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.order_desk import (
    OrderShop,
    accepted_order,
    amounts,
    an_order_shop,
    usd,
    wire_order,
)
from tests.support.shop import RunningServer


@pytest.fixture
def desk(running_server: RunningServer) -> OrderShop:
    return an_order_shop(running_server)


@pytest.fixture
def seven(desk: OrderShop) -> list[str]:
    """The external ids of seven orders, oldest first; each is covered for 50.00."""
    ids = [f"{number}" for number in range(1, 8)]
    for id_ in ids:
        assert [50_00, 50_00] == amounts(desk.push(accepted_order(external_id=id_)))
    return ids


def page(desk: OrderShop, url: str) -> dict[str, Any]:
    answer = desk.http.get(url)
    assert 200 == answer.status_code, answer.text
    found: dict[str, Any] = answer.json()
    return found


def ids(found: dict[str, Any]) -> list[str]:
    return [order["external_id"] for order in found["orders"]]


@pytest.mark.parametrize("order", ["asc", "desc", "ASC"])
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
def test_all_pages_forwards_and_then_backwards_are_the_whole_list(
    desk: OrderShop, seven: list[str], order: str, limit: int
) -> None:
    url: str | None = f"/api/v1/orders?limit={limit}&sort_order={order}"
    forwards: list[list[str]] = []
    last: dict[str, Any] = {}
    while url:
        last = page(desk, url)
        forwards.append(ids(last))
        url = last["next_page_url"]

    backwards = [ids(last)]
    while last["previous_page_url"]:
        last = page(desk, last["previous_page_url"])
        backwards.append(ids(last))

    expected = seven if order.lower() == "asc" else seven[::-1]
    assert expected == [id_ for each in forwards for id_ in each]
    assert forwards == backwards[::-1]
    assert last["next_page_url"] is None or len(forwards) > 1


def test_the_first_page_has_none_before_it(desk: OrderShop, seven: list[str]) -> None:
    first = page(desk, "/api/v1/orders?limit=3")

    second = page(desk, first["next_page_url"])
    assert first["previous_page_url"] is None
    assert first == page(desk, second["previous_page_url"])


def test_pages_keep_the_filters(desk: OrderShop, seven: list[str]) -> None:
    for id_ in seven[:3]:
        desk.push({"external_id": id_, "status": "cancelled"})

    found = page(desk, "/api/v1/orders?status=Canceled&limit=2&sort_order=asc")

    query = parse_qs(urlsplit(found["next_page_url"]).query)
    assert (["Canceled"], ["asc"]) == (query["status"], query["sort_order"])
    rest = page(desk, found["next_page_url"])
    assert (["1", "2"], ["3"]) == (ids(found), ids(rest))
    assert ["cancelled"] == [order["status"] for order in rest["orders"]]
    assert seven[:2:-1] == ids(page(desk, "/api/v1/orders?status=active"))


def test_one_order_is_found_by_the_platforms_id(desk: OrderShop, seven: list[str]) -> None:
    assert ["4"] == ids(page(desk, "/api/v1/orders?external_id=4"))
    assert [] == ids(page(desk, "/api/v1/orders?external_id=nobody"))
    assert [] == ids(page(desk, "/api/v1/orders?external_id=%00"))


def test_orders_that_a_push_has_changed_since(desk: OrderShop, seven: list[str]) -> None:
    assert seven[::-1] == ids(page(desk, "/api/v1/orders?updated_since=2026-01-01T00:00:00+00:00"))
    assert [] == ids(page(desk, "/api/v1/orders?updated_since=2999-01-01T00:00:00Z"))


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("sort_order=up", "sort_order"),
        ("status=on-hold", "status"),
        ("updated_since=yesterday", "updated_since"),
        ("cursor=before-x", "cursor"),
        ("cursor=before-", "cursor"),
    ],
)
def test_what_a_list_does_not_understand_is_named(desk: OrderShop, query: str, name: str) -> None:
    answer = desk.http.get(f"/api/v1/orders?{query}")

    assert (422, [name]) == (answer.status_code, list(answer.json()["errors"]))


def test_a_page_beyond_the_end_is_empty(desk: OrderShop, seven: list[str]) -> None:
    found = page(desk, "/api/v1/orders?cursor=19000101T000000.000000Z~1")

    assert ([], None, None) == (ids(found), found["next_page_url"], found["previous_page_url"])


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_coverages_are_paged_in_the_same_way(desk: OrderShop, seven: list[str], order: str) -> None:
    first = page(desk, f"/api/v1/coverages?limit=10&sort_order={order}")
    rest = page(desk, first["next_page_url"])

    found = [each["id"] for each in (*first["coverages"], *rest["coverages"])]
    assert sorted(found, reverse=order == "desc") == found
    assert 14 == len(set(found))
    assert first == page(desk, rest["previous_page_url"])
    assert {50_00} == {each["amount"]["amount"] for each in first["coverages"]}


def test_a_list_has_the_coverages_of_each_order(desk: OrderShop) -> None:
    desk.push(accepted_order(external_id="covered"))
    desk.push(wire_order("declined", total_price=usd(50_00)))

    listed = page(desk, "/api/v1/orders")["orders"]

    assert [("declined", []), ("covered", [50_00, 50_00])] == [
        (order["external_id"], amounts(order)) for order in listed
    ]

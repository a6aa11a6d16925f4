"""Routes, shapes and pages of orders (contract §1, §7, §9)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.order_desk import (
    NOTHING_ON_RECORD,
    OrderShop,
    accepted_order,
    an_order_shop,
    as_pushed,
    wire_item,
    wire_order,
)
from tests.support.shop import RunningServer

VERSIONS = ["v1", "2026-07", "2026-10"]
STRINGS = {"X-Loop-Global-Identifier-Type": "string"}
DATE = "2026-04-23T13:25:00+00:00"


@pytest.fixture
def desk(running_server: RunningServer) -> OrderShop:
    return an_order_shop(running_server)


@pytest.fixture
def stranger(running_server: RunningServer) -> OrderShop:
    """Another merchant."""
    return an_order_shop(running_server)


@pytest.mark.parametrize("version", VERSIONS)
def test_an_order_lives_through_all_routes_of_every_version(desk: OrderShop, version: str) -> None:
    orders, order = f"/api/{version}/orders", accepted_order(created_at=DATE)

    created = desk.http.post(orders, json=order)
    updated = desk.http.put(orders, json=order | {"name": "#2"})
    by_id = desk.http.get(f"{orders}/{created.json()['order']['id']}")
    by_external_id = desk.http.get(f"{orders}/external/1001")
    listed = desk.http.get(orders)
    deleted = desk.http.delete(f"{orders}/external/1001")

    assert [201, 200, 200, 200, 200, 204] == [
        each.status_code for each in (created, updated, by_id, by_external_id, listed, deleted)
    ]
    assert updated.json() == by_id.json() == by_external_id.json()
    assert [updated.json()["order"]] == listed.json()["orders"]
    assert b"" == deleted.content


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("without", [{}, {"created_at": None}])
def test_2026_10_requires_the_date_of_the_order(
    desk: OrderShop, method: str, without: dict[str, Any]
) -> None:
    answer = desk.http.request(method, "/api/2026-10/orders", json=wire_order(**without))

    assert (422, ["created_at"]) == (answer.status_code, list(answer.json()["errors"]))
    assert NOTHING_ON_RECORD == desk.counts()


@pytest.mark.parametrize("word", ["string", "String", "STRING"])
def test_ids_are_integers_or_on_request_strings(desk: OrderShop, word: str) -> None:
    as_number = desk.push(accepted_order())
    headers = {"X-Loop-Global-Identifier-Type": word}

    as_string = desk.http.get("/api/v1/orders/external/1001", headers=headers).json()["order"]

    assert 0 < as_number["id"] < 2**53
    assert str(as_number["id"]) == as_string["id"]
    for number, text in zip(as_number["coverages"], as_string["coverages"], strict=True):
        assert (str(number["id"]), str(number["order_id"])) == (text["id"], text["order_id"])
    listed = desk.http.get("/api/v1/orders", headers=headers).json()["orders"]
    pushed = desk.put(accepted_order(), headers=headers).json()["order"]
    assert as_string == listed[0] == pushed


def test_any_other_type_of_ids_is_the_default(desk: OrderShop) -> None:
    order = desk.put(wire_order(), headers={"X-Loop-Global-Identifier-Type": "integer"}).json()

    assert isinstance(order["order"]["id"], int)


def test_pages_are_newest_first_and_new_orders_do_not_shift_them(desk: OrderShop) -> None:
    for number in range(7):
        desk.push(wire_order(str(number)))

    names, url = [], "/api/v1/orders?limit=3"
    while url:
        page = desk.http.get(url).json()
        names += [order["external_id"] for order in page["orders"]]
        url = page["next_page_url"]
        desk.push(wire_order(f"later {len(names)}"))

    assert ["6", "5", "4", "3", "2", "1", "0"] == names


def test_an_order_that_is_deleted_meanwhile_shifts_no_page(desk: OrderShop) -> None:
    for number in range(4):
        desk.push(wire_order(str(number)))
    page = desk.http.get("/api/v1/orders?limit=2").json()

    desk.http.delete("/api/v1/orders/external/2")

    rest = desk.http.get(page["next_page_url"]).json()
    assert ["1", "0"] == [order["external_id"] for order in rest["orders"]]
    assert rest["next_page_url"] is None


def test_a_page_that_is_just_full_is_the_last(desk: OrderShop) -> None:
    for number in range(2):
        desk.push(wire_order(str(number)))

    assert desk.http.get("/api/v1/orders?limit=2").json()["next_page_url"] is None
    assert desk.http.get("/api/v1/orders?limit=250").status_code == 200


BAD_LIMITS = ["0", "251", "-1", "x", "1.5", "1e2", "٣", "000000100000", "9" * 5_000]


@pytest.mark.parametrize("limit", BAD_LIMITS, ids=lambda limit: limit[:20])
@pytest.mark.parametrize("path", ["orders", "coverages"])
def test_a_limit_that_is_none_is_refused(desk: OrderShop, path: str, limit: str) -> None:
    answer = desk.http.get(f"/api/v1/{path}", params={"limit": limit})

    assert (422, ["limit"]) == (answer.status_code, list(answer.json()["errors"]))


BAD_CURSORS = ["x", "~", "20260423T132500.000000Z", "20260423T132500.000000Z~x", f"{DATE}~{2**53}"]


@pytest.mark.parametrize("cursor", BAD_CURSORS)
@pytest.mark.parametrize("path", ["orders", "coverages"])
def test_a_cursor_that_is_none_is_refused(desk: OrderShop, path: str, cursor: str) -> None:
    answer = desk.http.get(f"/api/v1/{path}", params={"cursor": cursor})

    assert (422, ["cursor"]) == (answer.status_code, list(answer.json()["errors"]))


NO_IDS = ["0", "1", "x", "-1", "1.0", "9007199254740992", "9" * 100, "٣", "%00", "' OR 1=1 --"]


@pytest.mark.parametrize("order_id", [*NO_IDS, "external/1001", "external/%00", "external/%FF"])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_order_that_is_not_there_is_not_found(
    desk: OrderShop, method: str, order_id: str
) -> None:
    answer = desk.http.request(method, f"/api/v1/orders/{order_id}")

    assert 404 == answer.status_code
    body = answer.json()
    assert {"errors", "requestId", "doc_url"} == set(body)
    assert ("ORDER_NOT_FOUND", {"code", "message"}) == (body["errors"]["code"], {*body["errors"]})
    assert answer.headers["x-request-id"] == body["requestId"]
    remedy = "PUT /api/v1/orders" if "external" in order_id else "/orders/external/{external_id}"
    assert remedy in body["errors"]["message"]


def test_an_update_of_an_order_that_is_not_there_is_not_found(desk: OrderShop) -> None:
    answer = desk.http.put("/api/v1/orders/1", json=wire_order())

    assert (404, "ORDER_NOT_FOUND") == (answer.status_code, answer.json()["errors"]["code"])
    assert NOTHING_ON_RECORD == desk.counts()


def test_orders_of_another_merchant_look_missing(desk: OrderShop, stranger: OrderShop) -> None:
    theirs = stranger.push(accepted_order())
    before = stranger.counts()

    answers = [
        desk.http.get(f"/api/v1/orders/{theirs['id']}"),
        desk.http.put(f"/api/v1/orders/{theirs['id']}", json={"status": "cancelled"}),
        desk.http.delete(f"/api/v1/orders/{theirs['id']}"),
        desk.http.get("/api/v1/orders/external/1001"),
        desk.http.delete("/api/v1/orders/external/1001"),
    ]

    assert [404] * 5 == [answer.status_code for answer in answers]
    nowhere = [
        desk.http.get("/api/v1/orders/4711"),
        desk.http.get("/api/v1/orders/external/4711"),
    ]
    assert {each.json()["errors"]["message"] for each in answers} == {
        each.json()["errors"]["message"] for each in nowhere
    }
    assert [] == desk.http.get("/api/v1/orders").json()["orders"]
    assert before == stranger.counts()


def test_two_merchants_may_use_the_same_external_id(desk: OrderShop, stranger: OrderShop) -> None:
    assert desk.push(wire_order())["id"] != stranger.push(wire_order())["id"]


UNAUTHORIZED = {"code": "401", "http_code": "GEN-UNAUTHORIZED", "message": "Unauthorized."}
REQUESTS = [
    ("POST", "orders"),
    ("PUT", "orders"),
    ("GET", "orders"),
    ("GET", "orders/1"),
    ("PUT", "orders/1"),
    ("DELETE", "orders/1"),
    ("GET", "orders/external/1001"),
    ("DELETE", "orders/external/1001"),
    ("GET", "coverages"),
    ("GET", "coverages/1"),
]


@pytest.mark.parametrize(("method", "path"), REQUESTS)
def test_a_key_without_the_orders_scope_is_unauthorized(
    desk: OrderShop, method: str, path: str
) -> None:
    keys = [desk.shop.key, desk.shop.issue_key("admin").text, "og_nonsense", ""]

    for key in keys:
        answer = desk.shop.running.shared_client.request(
            method, f"/api/v1/{path}", headers={"X-Authorization": key}, json=wire_order()
        )
        error = answer.json()["error"]
        assert (401, UNAUTHORIZED | {"hint": error["hint"]}) == (answer.status_code, error)
    assert NOTHING_ON_RECORD == desk.counts()


@pytest.mark.parametrize("path", ["orders", "orders/1", "orders/external/1", "coverages"])
def test_a_wrong_method_is_told_the_right_ones(desk: OrderShop, path: str) -> None:
    answer = desk.http.patch(f"/api/v1/{path}", json={})

    assert (405, True) == (answer.status_code, "GET" in answer.headers["allow"])


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("2026-04-23T13:25:00+00:00", "2026-04-23T13:25:00+00:00"),
        ("2026-04-23T13:25:00Z", "2026-04-23T13:25:00+00:00"),
        ("2026-04-23T13:25:00.987654Z", "2026-04-23T13:25:00+00:00"),
        ("2026-04-23T13:25:00+05:30", "2026-04-23T13:25:00+05:30"),
        ("2026-04-23 13:25:00-0800", "2026-04-23T13:25:00-08:00"),
        ("0001-01-01T00:00:00+00:00", "0001-01-01T00:00:00+00:00"),
        ("9999-12-31T23:59:59+00:00", "9999-12-31T23:59:59+00:00"),
    ],
)
def test_timestamps_are_given_back_in_one_form(desk: OrderShop, sent: str, shown: str) -> None:
    order = desk.push(accepted_order(created_at=sent, updated_at=sent))

    assert (shown, shown) == (order["created_at"], order["updated_at"])


@pytest.mark.parametrize(
    "instant",
    [
        "2026-04-23T13:25:00",
        "2026-04-23",
        "yesterday",
        "",
        "2026-02-30T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-10:00",
        1_776_950_700,
        True,
        [],
    ],
    ids=str,
)
@pytest.mark.parametrize("member", ["created_at", "updated_at"])
def test_a_timestamp_without_zone_or_sense_is_refused(
    desk: OrderShop, member: str, instant: Any
) -> None:
    answer = desk.put(accepted_order(**{member: instant}))

    assert (422, [member]) == (answer.status_code, list(answer.json()["errors"]))
    assert NOTHING_ON_RECORD == desk.counts()


def test_a_coverage_begins_with_the_order_but_never_in_the_future(desk: OrderShop) -> None:
    past = desk.push(accepted_order(created_at="2024-01-31T12:00:00+02:00"))
    future = desk.push(accepted_order(external_id="2", created_at="2999-01-01T00:00:00Z"))

    assert {
        "returnCoverage": ("2024-01-31T10:00:00+00:00", "2024-03-01T10:00:00+00:00"),
        "shippingProtection": ("2024-01-31T10:00:00+00:00", "2024-03-31T10:00:00+00:00"),
    } == {c["mode"]: (c["active_from"], c["expires_at"]) for c in past["coverages"]}
    assert all(c["active_from"] < "2900" for c in future["coverages"])


def test_unknown_members_are_kept_and_given_back_at_every_level(desk: OrderShop) -> None:
    news: dict[str, Any] = {"a": [1, {"b": None}], "float": 1.25, "big": 2**70, "text": "ü\u0000"}
    order = accepted_order(
        news=news,
        customer={"first_name": "Ada", "news": news},
        fulfillments=[{"news": news}],
        line_items=[wire_item() | {"news": news, "product": {"id": 1, "news": news}}],
        metadata=[{"key": "other", "value": news, "news": news}],
        refunds=[{"external_id": "r", "type": "gift", "news": news}],
        total_taxes={"amount": 1, "currency_code": "USD", "news": news},
    )
    order["fees"][0]["news"] = news

    answer = desk.push(order)

    assert order == as_pushed(answer, order)
    assert answer == desk.http.get("/api/v1/orders/external/1001").json()["order"]


def test_what_we_say_of_an_order_cannot_be_pushed(desk: OrderShop) -> None:
    lies = {"id": 5, "acceptance": {"outcome": "accepted"}, "coverages": [1], "warnings": ["x"]}

    order = desk.push(wire_order(**lies))

    assert ("declined", [], []) == (
        order["acceptance"]["outcome"],
        order["coverages"],
        order["warnings"],
    )
    assert 5 != order["id"]


def test_an_answer_may_be_pushed_back_as_it_is(desk: OrderShop) -> None:
    order = desk.push(accepted_order(desk.analyze()))
    before = desk.counts()

    assert order == desk.push(order)
    assert before == desk.counts()


def test_nothing_about_orders_is_kept_by_caches(desk: OrderShop) -> None:
    assert "no-store" == desk.put(wire_order()).headers["cache-control"]
    assert "no-store" == desk.http.get("/api/v1/orders").headers["cache-control"]


@pytest.mark.parametrize("written", ["a/b", "a%2Fb"])
def test_an_external_id_may_contain_slashes(desk: OrderShop, written: str) -> None:
    desk.http.put("/api/v1/orders", json=accepted_order(external_id="a/b"))

    found = desk.http.get(f"/api/v1/orders/external/{written}")

    assert "a/b" == found.json()["order"]["external_id"]


def test_a_mode_may_be_repeated_as_often_as_a_platform_likes(desk: OrderShop) -> None:
    order = accepted_order()
    order["fees"][0]["accepted_offer_mode"] = ["returnCoverage"] * 50

    pushed = desk.http.put("/api/v1/orders", json=order)

    assert ["returnCoverage"] == pushed.json()["order"]["acceptance"]["modes"]

"""Whatever is pushed: a documented refusal or a whole order, never half of one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orderguard.http.request_body import BODY_LIMIT
from orderguard.http.wire.order_document import NESTING_AT_MOST
from tests.support.order_desk import (
    NOTHING_ON_RECORD,
    OrderShop,
    accepted_order,
    amounts,
    an_order_shop,
    as_pushed,
    usd,
    wire_item,
    wire_order,
)
from tests.support.shop import RunningServer

LINE = {"external_id": "l", "quantity": 1, "unit_price": usd(1)}


@pytest.fixture
def desk(running_server: RunningServer) -> OrderShop:
    return an_order_shop(running_server)


def _body(**changes: Any) -> bytes:
    return json.dumps(accepted_order(**changes), separators=(",", ":")).encode()


REFUSED: dict[str, list[Any]] = {
    "external_id": [1.5, True, [], {}, "", "x" * 101],
    "name": [5, None, [], "x" * 101],
    "status": [5, "", "on-hold", "cancel", []],
    "taxes_included": [0, "true", None],
    "total_price": [None, 5, "5", [], {}, {"currency_code": "USD"}],
    "line_items": [None, {}, "x", [5], [None], [[]]],
    "line_items.0.quantity": [-1, -0.5, "1", 10**7, 1e300, True],
    "line_items.0.external_id": [[], {}, True, 1.5, "x" * 256],
    "customer": [5, "Ada", []],
    "fees": [{}, "x", [5], [{}], [{"name": "x"}]],
    "refunds": [{}, [5], [{"amount": 5}], [{"created_at": "today"}], [{"type": 5}]],
    "metadata": [{}, [5], [{}], [{"key": 5}], [{"key": None}]],
    "tags": ["x", [5], {}],
    "fulfillments": [{}, "x"],
}


@pytest.mark.parametrize(
    ("path", "value"),
    [(path, value) for path, values in REFUSED.items() for value in values],
    ids=lambda each: repr(each)[:30],
)
def test_a_member_that_does_not_validate_is_named(desk: OrderShop, path: str, value: Any) -> None:
    order = accepted_order()
    if path.startswith("line_items.0."):
        order["line_items"][0][path.rpartition(".")[2]] = value
    else:
        order[path] = value

    answer = desk.put(order)

    assert 422 == answer.status_code
    body = answer.json()
    assert {"message", "errors", "requestId", "doc_url"} == set(body)
    assert all(name == path or name.startswith(f"{path}.") for name in body["errors"])
    assert all(isinstance(text, str) for texts in body["errors"].values() for text in texts)
    assert NOTHING_ON_RECORD == desk.counts()


def test_what_is_required_is_missed_by_name(desk: OrderShop) -> None:
    answer = desk.put({"external_id": "1"})

    assert {"name", "taxes_included", "total_price", "line_items"} == set(answer.json()["errors"])


def test_an_upsert_must_say_which_order(desk: OrderShop) -> None:
    answer = desk.put(wire_order(external_id=None))

    assert (422, ["external_id"]) == (answer.status_code, list(answer.json()["errors"]))


def test_a_refused_update_leaves_the_order_as_it_was(desk: OrderShop) -> None:
    session = desk.analyze()
    order = desk.push(accepted_order(session))
    before, billed = desk.counts(), desk.billed()

    refusals = [
        {"status": "cancelled", "total_price": None},
        {"fees": [{"name": "x", "amount": usd(4.98)}]},
        {"refunds": [{"type": "fee", "amount": usd(-4_98)}]},
        {"status": "cancelled", "updated_at": "2026-04-23T13:25:00"},
        {"line_items": [{"quantity": -1}], "fees": []},
    ]

    for refused in refusals:
        assert 422 == desk.put({"external_id": "1001"} | refused).status_code
    assert (before, billed) == (desk.counts(), desk.billed())
    assert order == desk.http.get("/api/v1/orders/external/1001").json()["order"]


def test_a_large_order_is_accepted_with_all_its_lines(desk: OrderShop) -> None:
    body = _body(line_items=[LINE] * 12_500)
    assert BODY_LIMIT - 50_000 < len(body) <= BODY_LIMIT

    answer = desk.http.put("/api/v1/orders", content=body)

    assert 201 == answer.status_code
    assert usd(12_500) == answer.json()["order"]["coverages"][0]["amount"]
    assert 200 == desk.http.put("/api/v1/orders", content=body).status_code


def test_a_million_line_order_is_too_large(desk: OrderShop) -> None:
    body = b'{"external_id":"1","line_items":[' + b"{}," * 999_999 + b"{}]}"

    answer = desk.http.put("/api/v1/orders", content=body)

    assert 400 == answer.status_code
    assert answer.json()["error"]["message"].startswith("Request body too large")
    assert NOTHING_ON_RECORD == desk.counts()


def test_a_hundred_thousand_bad_lines_make_twenty_problems(desk: OrderShop) -> None:
    answer = desk.http.put("/api/v1/orders", content=_body(line_items=[5] * 100_000))

    assert (422, 20) == (answer.status_code, len(answer.json()["errors"]))
    assert NOTHING_ON_RECORD == desk.counts()


def test_amounts_beyond_any_integer_of_the_database_can_still_be_covered(desk: OrderShop) -> None:
    order = desk.push(accepted_order(line_items=[wire_item("x", 10**6, 10**12)] * 40))

    assert usd(40 * 10**18) == order["coverages"][0]["amount"]
    assert order == desk.http.get(f"/api/v1/orders/{order['id']}").json()["order"]


def _nested(levels: int) -> Any:
    nested: Any = 1
    for _ in range(levels):
        nested = [nested]
    return nested


@pytest.mark.parametrize("member", ["news", "fulfillments", "refunds"])
def test_the_nesting_of_an_order_is_bounded(desk: OrderShop, member: str) -> None:
    # The order itself is a level, and so are the list and the object around a refund's news.
    around = 3 if member == "refunds" else 1
    for levels, status in ((NESTING_AT_MOST, 201), (NESTING_AT_MOST + 1, 400)):
        deep = _nested(levels - around)
        value = [{"news": deep}] if member == "refunds" else deep
        assert status == desk.put(wire_order(f"{levels}", **{member: value})).status_code

    assert 1 == len(desk.http.get("/api/v1/orders").json()["orders"])


@pytest.mark.parametrize("nest", [b"[]", b'{"a":}'], ids=["lists", "objects"])
def test_no_depth_of_nesting_crashes(desk: OrderShop, nest: bytes) -> None:
    outside, inside = nest[:-1], nest[-1:]
    for levels in (500, 900, 950, 970, 980, 985, 990, 995, 1_000, 1_100, 50_000):
        body = _body()[:-1] + b',"x":' + outside * levels + b"1" + inside * levels + b"}"
        assert 400 == desk.http.put("/api/v1/orders", content=body).status_code

    assert NOTHING_ON_RECORD == desk.counts()


NOT_JSON = {
    "nothing": b"",
    "a list": b"[]",
    "null": b"null",
    "half of it": _body()[:-10],
    "more than one": _body() + _body(),
    "NaN": _body()[:-1] + b',"x":NaN}',
    "invalid UTF-8": _body()[:-1] + b',"x":"\xff"}',
    "a repeated key": _body()[:-1] + b',"status":"cancelled"}',
    "a repeated key in a fee": _body().replace(b'"amount":498', b'"amount":498,"amount":1'),
    "a repeated key further in": _body()[:-1] + b',"x":{"a":1,"a":2}}',
}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_what_is_not_a_json_object_is_refused(desk: OrderShop, method: str, body: bytes) -> None:
    answer = desk.http.request(method, "/api/v1/orders", content=body)

    assert 400 == answer.status_code
    assert "invalid_request" == answer.json()["error"]["code"]
    assert NOTHING_ON_RECORD == desk.counts()


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        (r"half \ud83d of it", "half \ufffd of it"),
        (r"other \uDE00 half", "other \ufffd half"),
        (r"halves \ude00\ud83d turned", "halves \ufffd\ufffd turned"),
        (r"whole \ud83d\ude00 one", "whole \U0001f600 one"),
        (r"no escape \\ud83d at all", r"no escape \ud83d at all"),
    ],
)
def test_half_an_emoji_does_not_cost_a_shop_its_order(
    desk: OrderShop, escaped: str, text: str
) -> None:
    body = _body(name="NAME").replace(b"NAME", escaped.encode())

    answer = desk.http.put("/api/v1/orders", content=body)

    assert (201, text) == (answer.status_code, answer.json()["order"]["name"])
    assert [50_00, 50_00] == amounts(answer.json()["order"])


def test_nor_does_a_byte_order_mark(desk: OrderShop) -> None:
    answer = desk.http.put("/api/v1/orders", content=b"\xef\xbb\xbf" + _body())

    assert 201 == answer.status_code
    assert [50_00, 50_00] == amounts(answer.json()["order"])


HOSTILE = [
    "'; DROP TABLE orders; --",
    "<script>alert(1)</script>",
    "{{7*7}}${7*7}",
    "../../etc/passwd",
    "\u202eevil\u0007\u001b[31m",
    "%s%n%x",
    "😀" * 50,
    "\ufeff",
    "a b?c#d&e=f+g",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_are_data_and_come_back_unchanged(desk: OrderShop, text: str) -> None:
    order = accepted_order(
        external_id=text[:100],
        name=text[:100],
        line_items=[wire_item(text)],
        metadata=[{"key": text, "value": text}, {"key": "session_id", "value": text}],
        tags=[text],
    )

    answer = desk.put(order)

    assert "application/json" == answer.headers["content-type"]
    pushed = answer.json()["order"]
    assert order == as_pushed(pushed, order)
    found = desk.http.put("/api/v1/orders", json=order)
    assert (200, pushed["id"]) == (found.status_code, found.json()["order"]["id"])


def test_a_zero_character_is_no_part_of_an_external_id(desk: OrderShop) -> None:
    answer = desk.put(wire_order("a\0b"))

    assert (422, ["external_id"]) == (answer.status_code, list(answer.json()["errors"]))


@pytest.mark.parametrize(
    "place", ["status", "external_id", "name", "accepted_offer_mode", "currency", "amount", "date"]
)
def test_a_key_in_the_wrong_place_is_not_repeated(desk: OrderShop, place: str) -> None:
    order = accepted_order()
    if place == "accepted_offer_mode":
        order["fees"][0][place] = [desk.key]
    elif place == "currency":
        order["total_price"] = {"amount": 1, "currency_code": desk.key}
    elif place == "amount":
        order["total_price"] = usd(desk.key)
    elif place == "date":
        order["created_at"] = desk.key
    else:
        order[place] = desk.key * 3

    answer = desk.put(order)

    assert 422 == answer.status_code
    assert desk.key[:12] not in answer.text

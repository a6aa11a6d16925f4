"""Whatever is sent: the documented error names the field, and nothing is stored."""

from __future__ import annotations

import copy
import json
from typing import Any

import httpx
import pytest

from tests.support.shop import NOTHING_STORED, Shop
from tests.support.wire import wire_line, wire_request


def _nested(depth: int) -> list[Any]:
    nested: list[Any] = []
    for _ in range(depth):
        nested = [nested]
    return nested


NESTED = _nested(200)

TEXT = [5, 1.5, True, [], {}, NESTED]
ID = [True, 1.5, [], {}, NESTED, "", "x" * 256, 10**255]
PIECES = ["1", True, [], {}, NESTED, -1, 10**10]
MONEY = [True, [], {}, NESTED, 19.99, "19.99", "", "1e3", -1, 10**12 + 1, 10**400, 1e300]
DISCOUNT = [each for each in MONEY if each != -1]
LINE_TOTAL = [each for each in MONEY if each != 19.99]
WORDS = [5, "x", NESTED, [True], [{"a": 1}]]
SWITCH = [0, 1, "true", NESTED]

REQUIRED: dict[str, list[Any]] = {
    "platform": [*TEXT, "", "x" * 65],
    "region": [5, True, [], {}, NESTED, "", "U", "USA-X", "1S", {"country": 5}, {"country": "X"}],
    "cart": [5, "x", [], NESTED],
    "cart.lines": [5, "x", {}, [5], [[]], [None]],
    "cart.currencyCode": [*TEXT, "", "US", "DOLLAR", "US1", "\u017fek"],
    "cart.subtotalAmount": MONEY,
    "cart.totalDiscountAmount": DISCOUNT,
    "cart.discountedSubtotalAmount": MONEY,
    "cart.totalTaxAmount": MONEY,
    "cart.totalAmount": MONEY,
    "cart.itemCount": [*PIECES, -0.5],
    "cart.lines[0].id": ID,
    "cart.lines[0].productId": ID,
    "cart.lines[0].quantity": [*PIECES, 0, 0.0],
    "cart.lines[0].totalPrice": LINE_TOTAL,
    "cart.lines[0].originalTotalPrice": LINE_TOTAL,
    "cart.lines[0].title": TEXT,
}
OPTIONAL: dict[str, list[Any]] = {
    "cartId": [True, 1.5, NESTED, "x" * 256, 10**255, "line\nbreak", "nul\x00"],
    "sessionId": [5, 1.5, True, NESTED, "lop_short", "LOP_a1b2c3d4e5f6g7h8i9j0",
                  "lop_a1b2c3d4e5f6g7h8i9j0\n"],
    "customer": [5, "x", NESTED],
    "customer.isB2B": SWITCH,
    "customer.groups": WORDS,
    "deliveryGroups": [5, "SHIPPING", [5], ["PICKUP"]],
    "deliveryGroups[0].deliveryMethod": [5, 1.5, True, NESTED, "DRONE", "pick up"],
    "debug": SWITCH,
    "experimentationConsent": SWITCH,
    "cart.lines[0].unitPrice": [True, NESTED, "19.99", "1e3", -1, -0.5, 10**12 + 1, 10**400, 1e300],
    "cart.lines[0].currencyCode": [5, True, NESTED, "EUR", "x" * 2000],
    "cart.lines[0].variantId": [True, 1.5, NESTED],
    "cart.lines[0].sku": [True, 1.5, NESTED],
    "cart.lines[0].productType": [True, 1.5, NESTED],
    "cart.lines[0].vendor": [True, 1.5, NESTED],
    "cart.lines[0].tags": WORDS,
    "cart.lines[0].collections": WORDS,
    "cart.lines[0].requiresShipping": SWITCH,
}  # fmt: skip


def _request() -> dict[str, Any]:
    """A good request in which every optional object is there."""
    return wire_request(customer={}, deliveryGroups=[{"deliveryMethod": "SHIPPING"}])


def _place(document: Any, path: str) -> tuple[Any, Any]:
    *parents, last = path.replace("]", "").replace("[", ".").split(".")
    for part in parents:
        document = document[int(part) if isinstance(document, list) else part]
    return document, last


def _with(path: str, value: Any) -> dict[str, Any]:
    request = _request()
    parent, last = _place(request, path)
    parent[last] = value
    return request


def _without(path: str) -> dict[str, Any]:
    request = _request()
    parent, last = _place(request, path)
    parent.pop(last, None)
    return request


def _assert_refused(response: httpx.Response, path: str) -> None:
    assert 400 == response.status_code, response.text
    error = response.json()["error"]
    assert "invalid_request" == error["code"]
    fields = [each["field"] for each in error["details"]]
    assert any(field.startswith(path) for field in fields), fields
    assert 1 == len(fields), fields


@pytest.mark.parametrize("path", REQUIRED)
def test_a_required_field_may_be_neither_missing_nor_null(shop: Shop, path: str) -> None:
    for request in (_without(path), _with(path, None)):
        _assert_refused(shop.post(request), path)

    assert NOTHING_STORED == shop.row_counts()


@pytest.mark.parametrize("path", [each for each in OPTIONAL if "Groups[0]" not in each])
def test_an_optional_field_may_be_missing_or_null(shop: Shop, path: str) -> None:
    for request in (_without(path), _with(path, None)):
        assert 200 == shop.post(request).status_code


@pytest.mark.parametrize("path", REQUIRED | OPTIONAL)
def test_a_field_of_the_wrong_type_or_size_is_refused_by_name(shop: Shop, path: str) -> None:
    for value in (REQUIRED | OPTIONAL)[path]:
        _assert_refused(shop.post(_with(path, value)), path)

    assert NOTHING_STORED == shop.row_counts()


def test_wrong_shapes_and_wrong_values_are_listed_together(shop: Shop) -> None:
    request = _with("cart.lines[0].quantity", "two") | {"sessionId": "lop_short", "region": {}}
    request["cart"]["totalTaxAmount"] = 19.99
    request["cart"]["lines"].append(wire_line(19.99, title=None))

    error = shop.post(request).json()["error"]

    assert {
        "cart.lines[0].quantity",
        "cart.lines[1].title",
        "cart.lines[1].totalPrice",
        "cart.lines[1].originalTotalPrice",
        "cart.totalTaxAmount",
        "region",
        "sessionId",
    } == {each["field"] for each in error["details"]}


def test_the_message_of_a_fraction_says_that_minor_units_are_expected(shop: Shop) -> None:
    error = shop.post(_with("cart.totalAmount", 19.99)).json()["error"]

    assert "minor units" in error["details"][0]["message"]


def _body(**changes: Any) -> bytes:
    return json.dumps(_request() | changes).encode()


REPEATED = {
    "at the top": _body()[:-1] + b', "platform": "other"}',
    "in a line": _body().replace(b'"quantity": 1', b'"quantity": 1, "quantity": 2'),
    "in something we ignore": _body()[:-1] + b', "x": {"a": 1, "a": 1}}',
    "spelt differently": _body()[:-1] + b', "plat\\u0066orm": "other"}',
    "beside a colon in a text": _body(offerOrigin="a:b")[:-1] + b', "platform": "other"}',
    "dropping as many keys as there are colons": (
        _body(offerOrigin="a:b")[:-1] + b', "offerOrigin": "x"}'
    ),
}


@pytest.mark.parametrize("body", REPEATED.values(), ids=REPEATED)
def test_a_repeated_key_is_refused(shop: Shop, body: bytes) -> None:
    response = shop.http.post("/v1/analyze", content=body)

    assert 400 == response.status_code
    assert "twice" in response.json()["error"]["message"]
    assert NOTHING_STORED == shop.row_counts()


def test_colons_in_texts_are_no_repeated_keys(shop: Shop) -> None:
    response = shop.post(wire_request(wire_line(title='a:b":"c'), **{"x:y": {"::": [":"]}}))

    assert 200 == response.status_code


NOT_JSON = {
    "nothing": b"",
    "white space": b" \n",
    "a word": b"platform=custom",
    "half of it": _body()[:-20],
    "more than one": _body() + _body(),
    "a comma too much": _body()[:-1] + b",}",
    "single quotes": _body().replace(b'"', b"'"),
    "NaN": _body().replace(b'"totalTaxAmount": 0', b'"totalTaxAmount": NaN'),
    "Infinity": _body().replace(b'"totalTaxAmount": 0', b'"totalTaxAmount": Infinity'),
    "a number without end": _body().replace(b'"totalTaxAmount": 0', b'"totalTaxAmount": 1e400'),
    "5,000 digits": _body().replace(b'"totalTaxAmount": 0', b'"totalTaxAmount": ' + b"1" * 5000),
    "invalid UTF-8": _body().replace(b"Lamp", b"L\xffmp"),
    "overlong UTF-8": _body().replace(b"Lamp", b"L\xc0\xafmp"),
    "a surrogate in UTF-8": _body().replace(b"Lamp", b"L\xed\xa0\x80mp"),
    "UTF-16": _body().decode().encode("utf-16"),
    "two byte order marks": 2 * b"\xef\xbb\xbf" + _body(),
    "a control character": _body().replace(b"Lamp", b"L\x01mp"),
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
    "brackets without end": b"[" * 1_000_000,
    "objects without end": b'{"a":' * 200_000,
    "null": b"null",
    "a list": b"[" + _body() + b"]",
    "a string": b'"cart"',
    "a number": b"5",
}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON)
def test_what_is_not_a_json_object_is_refused(shop: Shop, body: bytes) -> None:
    response = shop.http.post("/v1/analyze", content=body)

    assert 400 == response.status_code
    assert "invalid_request" == response.json()["error"]["code"]
    assert NOTHING_STORED == shop.row_counts()


@pytest.mark.parametrize("nest", ["[{}]", '{{"a":{}}}'])
def test_no_depth_of_nesting_crashes(shop: Shop, nest: str) -> None:
    outside, inside = nest.split("{}")[0].replace("{{", "{"), nest.split("{}")[1].replace("}}", "}")

    for depth in range(850, 1000, 3):
        value = (outside * depth + "1" + inside * depth).encode()
        response = shop.http.post("/v1/analyze", content=_body()[:-1] + b', "x:": ' + value + b"}")
        assert response.status_code in (200, 400), depth


def test_html_in_texts_is_data_and_comes_back_as_json_only(shop: Shop) -> None:
    html = "<script>alert(1)</script>"
    hidden = wire_request(wire_line(title=html, id=html, tags=[html]), cartId=html, debug=True)
    refused = wire_request(wire_line(title=html), region=html, locale=html)

    for response in (shop.post(hidden), shop.post(refused), shop.http.get(f"/v1/{html}")):
        assert "application/json" == response.headers["content-type"]


def test_a_cart_id_is_looked_for_within_the_merchant_only(shop: Shop) -> None:
    neighbour = shop.running.a_shop()
    theirs = neighbour.analyze(cartId="c-1")

    ours = shop.analyze(cartId="c-1")

    assert theirs["sessionId"] != ours["sessionId"]
    assert (True, 1) == (ours["metadata"]["sessionCreated"], ours["metadata"]["analysisCount"])


def test_unknown_members_are_ignored_at_every_level(shop: Shop) -> None:
    request = copy.deepcopy(_request()) | {"news": NESTED, "region": {"country": "US", "news": 1}}
    request["cart"] |= {"news": {}}
    request["cart"]["lines"][0] |= {"news": [1]}
    request["deliveryGroups"][0] |= {"news": None}

    assert 200 == shop.post(request).status_code

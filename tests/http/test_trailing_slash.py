"""A route answers the same with a slash at its end, and below an address that ends in one."""

from __future__ import annotations

import json

import pytest

from tests.support.order_desk import (
    OrderShop,
    accepted_order,
    amounts,
    an_order_shop,
    codes,
    wire_order,
)
from tests.support.raw_http import RawAnswer, RawConnection, head
from tests.support.shop import Reachable, RunningServer, Shop
from tests.support.wire import wire_request


@pytest.fixture
def desk(running_server: RunningServer) -> OrderShop:
    return an_order_shop(running_server)


@pytest.mark.parametrize("base", ["/v1", "/storefront/v1"])
def test_a_cart_and_its_session_are_answered(shop: Shop, base: str) -> None:
    answer = shop.http.post(f"{base}/analyze/", json=wire_request())
    session = answer.json()["sessionId"]

    assert 4_98 == answer.json()["chargeInstructions"]["amount"]
    assert 200 == shop.http.get(f"{base}/session/{session}/").status_code
    assert 204 == shop.http.options(f"{base}/analyze/").status_code


@pytest.mark.parametrize("version", ["v1", "2026-07"])
def test_an_order_is_pushed_and_found(desk: OrderShop, version: str) -> None:
    orders = f"/api/{version}/orders"

    pushed = desk.http.put(f"{orders}/", json=wire_order())
    id_ = pushed.json()["order"]["id"]

    assert 201 == pushed.status_code
    assert [id_] == [each["id"] for each in desk.http.get(f"{orders}/").json()["orders"]]
    assert 200 == desk.http.get(f"{orders}/{id_}/").status_code
    assert 200 == desk.http.put(f"{orders}/", json=wire_order()).status_code
    assert 1 == desk.counts()["orders"]


def test_coverages_and_other_routes_are_found(desk: OrderShop) -> None:
    paths = ["/api/v1/coverages/", "/healthz/", "/readyz/", "/openapi.json/", "/docs/"]

    assert [200] * len(paths) == [desk.http.get(path).status_code for path in paths]


def test_an_external_id_may_end_in_a_slash_itself(desk: OrderShop) -> None:
    for id_ in ("7", "7/"):
        assert 201 == desk.put(wire_order(id_, name=f"of {id_}")).status_code

    found = [desk.http.get(f"/api/v1/orders/external/{id_}").json() for id_ in ("7", "7/")]

    assert ["of 7", "of 7/"] == [each["order"]["name"] for each in found]
    assert 204 == desk.http.delete("/api/v1/orders/external/7/").status_code
    assert 200 == desk.http.get("/api/v1/orders/external/7").status_code


def raw(server: Reachable, method: str, path: str, key: str, body: bytes = b"") -> RawAnswer:
    """The answer to a path as it stands here; HTTP clients write some of them otherwise."""
    headers = {"X-Authorization": key, "Content-Length": str(len(body))}
    with RawConnection(server.url) as connection:
        connection.send(head(method, path, headers), body)
        return connection.answer()


@pytest.mark.parametrize("base", ["//v1", "///v1", "//storefront/v1", "//storefront//v1", "/v1/"])
def test_a_cart_is_answered_below_an_address_with_a_slash(shop: Shop, base: str) -> None:
    body = json.dumps(wire_request()).encode()

    answer = raw(shop.running, "POST", f"{base}/analyze", shop.key, body)
    session = raw(shop.running, "GET", f"{base}/session/{answer.json()['sessionId']}", shop.key)

    assert (200, 4_98) == (answer.status, answer.json()["chargeInstructions"]["amount"])
    assert "*" == answer.headers["access-control-allow-origin"]
    assert (200, 4_98) == (session.status, session.json()["chargeInstructions"]["amount"])
    assert 204 == raw(shop.running, "OPTIONS", f"{base}/analyze", shop.key).status
    assert 1 == shop.row_counts()["analyses"]


@pytest.mark.parametrize("base", ["//api/v1", "/api//v1", "///api/2026-07/"])
def test_an_order_arrives_below_an_address_with_a_slash(desk: OrderShop, base: str) -> None:
    server, id_ = desk.shop.running, "10/02"
    body = json.dumps(accepted_order(desk.analyze(), external_id=id_)).encode()

    pushed = raw(server, "PUT", f"{base}/orders", desk.key, body)
    order = pushed.json()["order"]
    found = raw(server, "GET", f"{base}/orders//external/10%2F02", desk.key)
    coverages = raw(server, "GET", f"{base}//coverages", desk.key)

    assert (201, [50_00, 50_00], []) == (pushed.status, amounts(order), codes(order))
    assert "exact" == order["acceptance"]["verdict"]
    assert order == found.json()["order"]
    assert 2 == len(coverages.json()["coverages"])


def test_the_slashes_of_an_external_id_stay(desk: OrderShop) -> None:
    ids = ["/7", "7//8", "7//", "//v1", "a/../b"]
    for id_ in ids:
        assert 201 == desk.put(wire_order(id_)).status_code

    written = [*ids, "%2F7", "7%2F%2F8", "7%2f%2f", "%2F%2fv1", "a%2F..%2Fb"]
    found = [
        raw(desk.shop.running, "GET", f"//api/v1/orders/external/{id_}", desk.key).json()
        for id_ in written
    ]

    assert [*ids, *ids] == [each["order"]["external_id"] for each in found]


def test_a_method_that_is_none_of_the_routes_is_refused_as_without_the_slash(shop: Shop) -> None:
    for path in ("/v1/analyze", "/v1/analyze/"):
        answer = shop.http.get(path)
        assert (405, "POST, OPTIONS") == (answer.status_code, answer.headers["allow"])

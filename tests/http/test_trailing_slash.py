"""A route answers the same with a slash at its end."""

from __future__ import annotations

import pytest

from tests.support.order_desk import OrderShop, an_order_shop, wire_order
from tests.support.shop import RunningServer, Shop
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


def test_a_method_that_is_none_of_the_routes_is_refused_as_without_the_slash(shop: Shop) -> None:
    for path in ("/v1/analyze", "/v1/analyze/"):
        answer = shop.http.get(path)
        assert (405, "POST, OPTIONS") == (answer.status_code, answer.headers["allow"])

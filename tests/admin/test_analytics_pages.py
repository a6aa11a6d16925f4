"""Analytics in the console."""

from __future__ import annotations

import re

import httpx
import pytest

from orderguard.domain.people.account import Role
from orderguard.running.wiring import now, wire_roll_up
from tests.support.console import Visitor, a_visitor, text_of
from tests.support.order_desk import OrderShop, accepted_order, wire_fee
from tests.support.shop import RunningServer
from tests.support.wire import wire_line

HOSTILE = "</td><script>alert('og')</script>"


@pytest.fixture
def order_shop(running_server: RunningServer) -> OrderShop:
    """A merchant with an acceptance, a hidden offer, and a platform of a hostile name."""
    order_shop = OrderShop(running_server.a_shop())
    order_shop.push(accepted_order(order_shop.analyze(wire_line(), platform=HOSTILE)))
    order_shop.analyze(cart={"lines": []})
    for _ in wire_roll_up(running_server.database).catch_up(order_shop.shop.id, at=now()):
        pass
    return order_shop


@pytest.fixture
def viewer(order_shop: OrderShop) -> Visitor:
    return a_visitor(order_shop.shop, Role.VIEWER)


def _page(
    viewer: Visitor, order_shop: OrderShop, query: str = "", status: int = 200
) -> httpx.Response:
    response = viewer.get(f"/console/m/{order_shop.shop.id}/analytics{query}")
    assert status == response.status_code, response.text
    return response


def test_numbers_are_shown_for_people(viewer: Visitor, order_shop: OrderShop) -> None:
    page = text_of(_page(viewer, order_shop))

    assert "100.0 %" in page
    assert "4.98 USD" in page
    assert "2.4900 USD" in page
    assert "empty cart" in page


def test_what_shops_call_themselves_stays_text(viewer: Visitor, order_shop: OrderShop) -> None:
    assert "<script>alert" not in _page(viewer, order_shop).text


def test_numbers_can_be_narrowed_down(viewer: Visitor, order_shop: OrderShop) -> None:
    page = text_of(_page(viewer, order_shop, "?by=country&only=platform:woocommerce"))

    assert "Only platform woocommerce" in page
    assert "Show everything" in page


def test_days_that_make_no_sense_are_explained(viewer: Visitor, order_shop: OrderShop) -> None:
    page = _page(viewer, order_shop, "?from=2026-12-01&to=2026-11-01", status=422)

    assert "is before the first" in page.text


def test_the_file_is_the_same_numbers(viewer: Visitor, order_shop: OrderShop) -> None:
    response = viewer.get(f"/console/m/{order_shop.shop.id}/analytics/csv?by=country")

    assert "attachment" in response.headers["content-disposition"]
    assert "country,US,2,1,1,1," in response.text


def test_a_merchant_without_sessions_is_told_so(running_server: RunningServer) -> None:
    shop = running_server.a_shop()

    page = a_visitor(shop, Role.VIEWER).get(f"/console/m/{shop.id}/analytics").text

    assert "No sessions in these days." in page


def test_revenue_is_drawn_for_the_currencies_with_most_orders(
    running_server: RunningServer,
) -> None:
    codes = ["AUD", "CAD", "EUR", "USD"]
    prices = [{"base": dict.fromkeys(codes, 2_98)}]
    shop = running_server.a_shop(
        currencies=codes, modes=["returnCoverage"], pricing={"returnCoverage": prices}
    )
    order_shop = OrderShop(shop)
    for number, code in enumerate([*codes, *codes[1:]]):
        session = order_shop.analyze(wire_line(), cart={"currencyCode": code})
        fees = [wire_fee(2_98, ["returnCoverage"], currency=code)]
        order_shop.push(accepted_order(session, external_id=str(number), fees=fees))
    for _ in wire_roll_up(running_server.database).catch_up(shop.id, at=now()):
        pass

    page = a_visitor(shop, Role.VIEWER).get(f"/console/m/{shop.id}/analytics").text

    assert ["CAD", "EUR", "USD"] == re.findall(r'data-columns="Revenue (\w+)"', page)
    assert "with all currencies" in page

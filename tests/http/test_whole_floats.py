"""`1.0` is 1: PHP and JavaScript write whole numbers so, and JSON Schema calls them integers."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.support.shop import Shop
from tests.support.wire import wire_line, wire_request


@pytest.fixture
def orders(shop: Shop) -> httpx.Client:
    """The shop's backend, with a key for orders."""
    return shop.running.client(**{"X-Authorization": shop.issue_key("orders").text})


def an_order(line: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An order of one line, accepted, so that what was read shows in its coverage."""
    usd = {"currency_code": "USD"}
    order = {
        "name": "#1",
        "taxes_included": False,
        "total_price": {"amount": 54_98} | usd,
        "line_items": [{"unit_price": {"amount": 25_00} | usd} | line],
        "fees": [{"amount": {"amount": 4_98} | usd, "accepted_offer_mode": ["returnCoverage"]}],
    }
    return order | changes


def covered_lines(answer: httpx.Response) -> Any:
    assert 201 == answer.status_code, answer.text
    return answer.json()["order"]["coverages"][0]["lines"]


def test_a_whole_float_is_read_like_the_integer(shop: Shop) -> None:
    line = wire_line(quantity=1.0, id=4711.0, productId=1e3, variantId=-0.0, sku=12.0)

    answer = shop.post(wire_request(line, cart={"itemCount": 1.0, "id": 7.0}, cartId=10293.0))

    assert 200 == answer.status_code, answer.text


def test_a_cart_id_is_the_same_as_text_integer_and_float(shop: Shop) -> None:
    spelled: list[Any] = ["10293", 10293, 10293.0]

    sessions = {shop.analyze(cartId=cart_id)["sessionId"] for cart_id in spelled}

    assert 1 == len(sessions)


def test_exclusions_know_a_product_by_its_float(running_server: Any) -> None:
    shop = running_server.a_shop(exclusions=[{"product_id": "4711"}])

    answer = shop.analyze(wire_line(productId=4711.0))

    assert "cart_only_has_excluded_products" == answer["reason"]


@pytest.mark.parametrize(
    ("field", "line", "cart", "expected"),
    [
        ("cart.lines[0].quantity", {"quantity": 0.0}, {}, "a number above 0, up to 1000000"),
        ("cart.itemCount", {}, {"itemCount": -0.5}, "a number from 0 to 1000000000"),
        ("cart.lines[0].id", {"id": 4711.5}, {}, "a string of 1 to 255 characters or a whole"),
        ("cart.lines[0].sku", {"sku": 0.1}, {}, "a string of 0 to 1000 characters or a whole"),
    ],
)
def test_a_number_that_cannot_be_is_refused_and_named(
    shop: Shop, field: str, line: dict[str, Any], cart: dict[str, Any], expected: str
) -> None:
    answer = shop.post(wire_request(wire_line(**line), cart=cart))

    details = answer.json()["error"]["details"]
    assert (400, [field]) == (answer.status_code, [each["field"] for each in details])
    assert details[0]["message"].startswith(f"expected {expected}")


def test_an_order_may_write_quantities_and_ids_so_too(orders: httpx.Client) -> None:
    answer = orders.post(
        "/api/v1/orders", json=an_order({"external_id": 4711.0, "quantity": 2.0, "sku": 12.0})
    )

    assert [{"line_id": "4711", "quantity": 2, "amount": 50_00}] == covered_lines(answer)


def test_a_refund_finds_its_line_in_either_spelling(orders: httpx.Client) -> None:
    refund = {"line_items": [{"external_id": 4711, "quantity": 1.0}]}

    answer = orders.post(
        "/api/v1/orders",
        json=an_order({"external_id": 4711.0, "quantity": 2}, refunds=[refund]),
    )

    assert [{"line_id": "4711", "quantity": 1, "amount": 25_00}] == covered_lines(answer)


def test_a_document_is_given_back_as_it_came(orders: httpx.Client) -> None:
    answer = orders.post("/api/v1/orders", json=an_order({"quantity": 2.0}))

    assert '"quantity":2.0' in answer.text


def test_a_fraction_of_an_id_is_refused(orders: httpx.Client) -> None:
    answer = orders.post("/api/v1/orders", json=an_order({"external_id": 0.5}))

    assert 422 == answer.status_code
    assert {
        "line_items.0.external_id": [
            "expected a string of 0 to 255 characters or a whole number, found 0.5."
        ],
    } == answer.json()["errors"]


def test_pieces_may_be_parts_of_a_piece(orders: httpx.Client) -> None:
    # Given 1.5 m of cloth at 25.00
    answer = orders.post("/api/v1/orders", json=an_order({"quantity": 1.5, "external_id": "c"}))

    assert [{"line_id": "c", "quantity": 1.5, "amount": 37_50}] == covered_lines(answer)


def test_whole_order_money_may_be_written_as_a_float(orders: httpx.Client) -> None:
    fee = {"amount": {"amount": 498.0, "currency_code": "USD"}}

    answer = orders.post("/api/v1/orders", json=an_order({}, fees=[fee]))

    assert 201 == answer.status_code


def test_a_fraction_of_order_money_is_refused_because_it_could_mean_either_unit(
    orders: httpx.Client,
) -> None:
    fee = {"amount": {"amount": 4.98, "currency_code": "USD"}}

    answer = orders.post("/api/v1/orders", json=an_order({}, fees=[fee]))

    assert 422 == answer.status_code
    assert "minor units (498)" in answer.json()["errors"]["fees.0.amount.amount"][0]

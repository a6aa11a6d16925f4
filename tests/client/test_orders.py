"""An order is pushed until somebody confirms it, or the caller knows that nobody did."""

from __future__ import annotations

import socket
from decimal import Decimal
from typing import Any

import pytest

from orderguard.client import (
    OrderNotPushed,
    OrderPushFailed,
    OrderRefused,
    protection_fee,
    session_entry,
    unit_price,
    with_protection,
)
from orderguard.domain.errors import Malformed
from orderguard.domain.money import parse_currency
from orderguard.domain.orders.unit_price import unit_price_from_major_units
from tests.client.conftest import MakeClient
from tests.client.examples import OTHER_SESSION, SESSION, a_wire_cart, an_offer
from tests.client.pretend_server import PretendServer, Received, Reply
from tests.support.shop import Shop

ANSWER = {"order": {"acceptance": {"outcome": "accepted"}, "warnings": []}}


def an_order(**changes: Any) -> dict[str, Any]:
    order: dict[str, Any] = {
        "external_id": "1001",
        "name": "#1001",
        "taxes_included": True,
        "total_price": {"amount": "54.98", "currency_code": "USD"},
        "line_items": [
            {
                "external_id": "1",
                "title": "Lamp",
                "quantity": 1,
                "unit_price": {"amount": "50.00", "currency_code": "USD"},
            }
        ],
    }
    return order | changes


def replying(*replies: Reply) -> PretendServer:
    """These replies in turn; the last one from then on."""

    def reply(_received: Received, number: int) -> Reply:
        return replies[min(number, len(replies)) - 1]

    return PretendServer(reply)


def test_an_order_is_upserted_with_the_key_of_the_orders(make_client: MakeClient) -> None:
    with replying(Reply(201, ANSWER)) as server:
        pushed = make_client(server.url, orders_key="og_orders").push_order(an_order())

    (received,) = server.received
    assert ("PUT", "/api/v1/orders") == (received.method, received.path)
    assert "og_orders" == received.headers["x-authorization"]
    assert an_order() == received.body
    assert (True, "accepted") == (pushed.created, pushed.outcome)


@pytest.mark.parametrize(
    "trouble",
    [
        Reply(500, {}),
        Reply(503, {}),
        Reply(429, {}),
        Reply(408, {}),
        Reply(drops=True),
        Reply(200, text=b"<!doctype html>"),
    ],
    ids=["500", "503", "429", "408", "no answer", "not our answer"],
)
def test_trouble_that_passes_costs_a_moment_and_not_the_order(
    make_client: MakeClient, trouble: Reply
) -> None:
    waits: list[float] = []
    with replying(trouble, trouble, Reply(200, ANSWER)) as server:
        pushed = make_client(server.url, sleep=waits.append).push_order(an_order())

    assert (False, 3) == (pushed.created, len(server.received))
    first, second = waits
    assert 0.125 <= first <= 0.25 <= second <= 0.5


def test_an_order_that_nobody_confirms_is_an_error(make_client: MakeClient) -> None:
    with replying(Reply(503, {})) as server:
        client = make_client(server.url, sleep=lambda _seconds: None)
        with pytest.raises(OrderNotPushed, match="4 times and not confirmed: status 503") as raised:
            client.push_order(an_order())

    assert (4, 4) == (raised.value.attempts, len(server.received))


def test_an_order_to_a_dead_server_is_an_error(make_client: MakeClient) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"

        with pytest.raises(OrderNotPushed, match="ConnectError"):
            make_client(url, sleep=lambda _seconds: None).push_order(an_order())


@pytest.mark.parametrize(("asked", "waited"), [("2", 2.0), ("86400", 30.0)])
def test_a_server_that_says_when_is_heard_within_reason(
    make_client: MakeClient, asked: str, waited: float
) -> None:
    waits: list[float] = []
    busy = Reply(429, {}, headers={"Retry-After": asked})
    with replying(busy, Reply(200, ANSWER)) as server:
        make_client(server.url, sleep=waits.append).push_order(an_order())

    assert [waited] == waits


@pytest.mark.parametrize("status", [301, 400, 401, 404, 422])
def test_a_refused_order_is_not_pushed_again(make_client: MakeClient, status: int) -> None:
    body = {"message": "name is missing", "errors": {"name": ["is missing"]}}
    with (
        replying(Reply(status, body)) as server,
        pytest.raises(OrderRefused, match=f"refused with {status}: name is missing") as raised,
    ):
        make_client(server.url).push_order(an_order())

    assert (status, body) == (raised.value.status, raised.value.body)
    assert 1 == len(server.received)


def test_an_order_that_is_no_json_is_refused_before_it_is_sent(make_client: MakeClient) -> None:
    with pytest.raises(OrderRefused, match="set is not JSON"):
        make_client("http://127.0.0.1:9").push_order(an_order(tags={"vip"}))


def test_both_errors_are_caught_as_one() -> None:
    assert issubclass(OrderNotPushed, OrderPushFailed)
    assert issubclass(OrderRefused, OrderPushFailed)


def test_a_refusal_says_why_in_whatever_shape(make_client: MakeClient, shop: Shop) -> None:
    orders = shop.issue_key("orders").text
    client = make_client(shop.running.url, shop.key, orders_key=orders)

    with pytest.raises(OrderRefused, match=r"422: .*line_items") as raised:
        client.push_order(an_order(line_items=None))
    with pytest.raises(OrderRefused, match=r"401: Unauthorized\."):
        make_client(shop.running.url, shop.key).push_order(an_order())

    assert "line_items" in raised.value.body["errors"]


def test_an_accepted_offer_becomes_coverage(make_client: MakeClient, shop: Shop) -> None:
    # Given an offer that the shopper accepted
    orders = shop.issue_key("orders").text
    client = make_client(shop.running.url, shop.key, orders_key=orders)
    offer = client.analyze(a_wire_cart(), region="US")

    # When the order is pushed, and pushed again
    order = with_protection(an_order(), offer)
    first, again = client.push_order(order), client.push_order(order)

    # Then it is accepted, exactly as quoted, once
    assert (True, False) == (first.created, again.created)
    assert "accepted" == again.outcome
    assert "exact" == again.order["acceptance"]["verdict"]
    assert () == again.warnings
    assert dict.fromkeys(map(str, offer.mode), 50_00) == first.covered == again.covered


def test_a_declined_offer_is_reported_with_its_session(make_client: MakeClient, shop: Shop) -> None:
    orders = shop.issue_key("orders").text
    client = make_client(shop.running.url, shop.key, orders_key=orders)
    offer = client.analyze(a_wire_cart(), region="US")

    pushed = client.push_order(with_protection(an_order(), None, session_id=offer.session_id))

    assert "declined" == pushed.outcome
    assert offer.session_id == pushed.order["acceptance"]["session_id"]


def test_a_shopper_who_changes_their_mind_is_no_longer_covered(
    make_client: MakeClient, shop: Shop
) -> None:
    orders = shop.issue_key("orders").text
    client = make_client(shop.running.url, shop.key, orders_key=orders)
    offer = client.analyze(a_wire_cart(), region="US")
    accepted = with_protection(an_order(), offer)
    client.push_order(accepted)

    pushed = client.push_order(with_protection(accepted, None, session_id=offer.session_id))

    assert ["voided", "voided"] == [each["state"] for each in pushed.order["coverages"]]
    assert {} == pushed.covered


def test_what_the_order_said_before_is_replaced_and_the_rest_stays() -> None:
    gift_wrap = {"name": "Gift wrap", "amount": {"amount": 300, "currency_code": "USD"}}
    note = {"key": "note", "value": "ring twice"}
    order = an_order(
        fees=[gift_wrap, protection_fee(an_offer(1_00))],
        metadata=[session_entry(OTHER_SESSION), note],
    )

    reported = with_protection(order, an_offer(4_98))

    assert [gift_wrap, protection_fee(an_offer(4_98))] == reported["fees"]
    assert [note, session_entry(SESSION)] == reported["metadata"]
    assert reported == with_protection(reported, an_offer(4_98))


def test_a_fee_names_minor_units_and_the_modes_verbatim() -> None:
    assert {
        "name": "Order protection",
        "amount": {"amount": 498, "currency_code": "USD"},
        "accepted_offer_mode": ["returnCoverage", "shippingProtection"],
    } == protection_fee(an_offer(4_98))


@pytest.mark.parametrize(
    ("total", "quantity", "currency", "amount"),
    [
        (10_00, 3, "USD", "3.33333333"),
        (45_00, 10_000, "usd", "0.00450000"),
        (29_85, Decimal("1.5"), "EUR", "19.90000000"),
        (1_000, 3, "JPY", "333.33333333"),
        (1_250, 4, "KWD", "0.31250000"),
        (0, 1, "USD", "0.00000000"),
    ],
)
def test_a_unit_price_comes_to_the_total_of_its_line_again(
    total: int, quantity: int | Decimal, currency: str, amount: str
) -> None:
    price = unit_price(total, quantity, currency)

    assert {"amount": amount, "currency_code": currency.upper()} == price
    read = unit_price_from_major_units(price["amount"], parse_currency(currency))
    assert total == read.times(quantity)


@pytest.mark.parametrize(("total", "quantity"), [(10.0, 1), (10_00, 0), (True, 1), ("10", 1)])
def test_a_unit_price_of_nonsense_is_refused(total: Any, quantity: int) -> None:
    with pytest.raises(Malformed):
        unit_price(total, quantity, "USD")

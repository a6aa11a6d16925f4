"""recipes/woocommerce.php in PHP, in as much of WooCommerce as it touches, and a real server."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.recipes.conversation import Conversation, conversation_with
from tests.support.shop import RunningServer, Shop

SHOPPER = Path(__file__).parent / "woocommerce/shopper.php"
LAMP = {"title": "Lamp", "price": 50.0, "quantity": 1}
BOTH = "Order protection (optional, 4.98&nbsp;USD)"


@pytest.fixture(scope="module")
def merchant(running_server: RunningServer) -> Shop:
    return running_server.a_shop(
        currencies=["USD", "JPY", "KWD"],
        limits={"USD": {"subtotal_maximum": 100_000}},
        pricing={
            "returnCoverage": [
                {"when": "cart.subtotalAmount > 20000", "base": {"USD": 998}},
                {"when": "cart.subtotalAmount > 10000", "base": {"USD": 310}},
                {"base": {"USD": 298, "JPY": 400, "KWD": 1250}},
            ],
            "shippingProtection": [{"base": {"USD": 200, "JPY": 98, "KWD": 5}}],
        },
    )


@pytest.fixture(scope="module")
def orders(merchant: Shop) -> httpx.Client:
    return merchant.running.client(**{"X-Authorization": merchant.issue_key("orders").text})


def in_shop(url: str, merchant: Shop) -> Iterator[Conversation]:
    if not shutil.which("php"):
        if os.environ.get("CI") == "true":
            pytest.fail("PHP is missing. Install it: apt-get install php-cli")
        pytest.skip("RECIPES/WOOCOMMERCE.PHP WAS NOT TRIED: PHP is missing (php-cli)")
    settings = {
        "ORDERGUARD_URL": url,
        "ORDERGUARD_KEY": merchant.issue_key("cart").text,
        "ORDERGUARD_ORDERS_KEY": merchant.issue_key("orders").text,
        "CUSTOMER": secrets.token_hex(8),
        "FIRST_ORDER": str(secrets.randbelow(10**9)),
    }
    with conversation_with(["php", SHOPPER], settings) as shopper:
        yield shopper


@pytest.fixture
def shopper(merchant: Shop) -> Iterator[Conversation]:
    yield from in_shop(merchant.running.url, merchant)


@pytest.fixture
def shopper_without_orderguard(merchant: Shop) -> Iterator[Conversation]:
    yield from in_shop("http://127.0.0.1:9", merchant)


def order_of(orders: httpx.Client, page: dict[str, Any]) -> dict[str, Any]:
    answer = orders.get(f"/api/v1/orders/external/{page['order']}").raise_for_status()
    order: dict[str, Any] = answer.json()["order"]
    return order


def outcome(order: dict[str, Any]) -> tuple[str, str | None]:
    return order["acceptance"]["outcome"], order["acceptance"]["verdict"]


def test_a_ticked_box_becomes_a_fee_and_an_accepted_order(
    shopper: Conversation, orders: httpx.Client
) -> None:
    offered = shopper("put", LAMP)
    ticked = shopper("tick")
    order = order_of(orders, shopper("order"))

    assert (BOTH, False, {}) == (offered["offer"], offered["checked"], offered["fees"])
    assert ({"Order protection": "4.98"}, True) == (ticked["fees"], ticked["checked"])
    assert ("accepted", "exact") == outcome(order)
    assert [] == order["warnings"]


def test_an_order_without_the_tick_is_a_decline(
    shopper: Conversation, orders: httpx.Client
) -> None:
    shopper("put", LAMP)
    shopper("tick")
    assert {} == shopper("untick")["fees"]

    assert "declined" == outcome(order_of(orders, shopper("order")))[0]


def test_a_small_rise_keeps_the_tick_and_a_large_one_asks_again(shopper: Conversation) -> None:
    shopper("put", LAMP)
    shopper("tick")

    a_little = shopper("put", LAMP | {"quantity": 3})
    much = shopper("put", LAMP | {"quantity": 5})

    assert {"Order protection": "5.10"} == a_little["fees"]
    assert ({}, False) == (much["fees"], much["checked"])
    assert {"Order protection": "11.98"} == shopper("tick")["fees"]


def test_an_offer_that_ends_comes_back_off(shopper: Conversation) -> None:
    shopper("put", LAMP)
    shopper("tick")

    gone = shopper("put", LAMP | {"quantity": 50})
    back = shopper("put", LAMP)

    assert ("", {}) == (gone["offer"], gone["fees"])
    assert (BOTH, {}) == (back["offer"], back["fees"])


def test_a_browser_cannot_make_a_price(shopper: Conversation) -> None:
    shopper("put", LAMP)

    forged = shopper("forge", "lop_00000000000000000000 1 USD returnCoverage")

    assert {} == forged["fees"]


@pytest.mark.parametrize(
    ("currency", "price", "fee"), [("JPY", 5000, "498"), ("KWD", 15.5, "1.255")]
)
def test_every_currency_has_its_own_decimals(
    shopper: Conversation, orders: httpx.Client, currency: str, price: float, fee: str
) -> None:
    shopper("put", LAMP | {"price": price})
    shopper("pay_in", currency)

    assert {"Order protection": fee} == shopper("tick")["fees"]
    assert ("accepted", "exact") == outcome(order_of(orders, shopper("order")))


def test_without_orderguard_the_order_is_placed_and_pushed_later(
    shopper_without_orderguard: Conversation,
) -> None:
    shopper = shopper_without_orderguard
    offered = shopper("put", LAMP)
    shopper("tick")
    ordered = shopper("order")

    assert ("", {}) == (offered["offer"], ordered["fees"])
    assert ordered["order"]
    assert 1 == ordered["pushes_left"]

"""recipes/woocommerce.php in PHP, in as much of WooCommerce as it touches, and a real server."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.client.pretend_server import PretendServer, Received, Reply, elapsed_ms
from tests.recipes.conversation import Conversation, conversation_with
from tests.support.shop import RunningServer, Shop

SHOPPER = Path(__file__).parent / "woocommerce/shopper.php"
LAMP = {"title": "Lamp", "price": 50.0, "quantity": 1}
BOTH = "Order protection (optional, 4.98&nbsp;USD)"


@pytest.fixture(scope="module")
def merchant(running_server: RunningServer) -> Shop:
    return running_server.a_shop(
        currencies=["USD", "JPY", "KWD", "HUF"],
        limits={"USD": {"subtotal_maximum": 100_000}},
        pricing={
            "returnCoverage": [
                {"when": "cart.subtotalAmount > 20000", "base": {"USD": 998}},
                {"when": "cart.subtotalAmount > 10000", "base": {"USD": 310}},
                {"base": {"USD": 298, "JPY": 400, "KWD": 1250, "HUF": 398_00}},
            ],
            "shippingProtection": [{"base": {"USD": 200, "JPY": 98, "KWD": 5, "HUF": 100_00}}],
        },
    )


@pytest.fixture(scope="module")
def orders(merchant: Shop) -> httpx.Client:
    return merchant.running.client(**{"X-Authorization": merchant.issue_key("orders").text})


@contextmanager
def in_shop(url: str, merchant: Shop, rest_seconds: int = 60) -> Iterator[Conversation]:
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
        "REST_SECONDS": str(rest_seconds),
    }
    with conversation_with(["php", SHOPPER], settings) as shopper:
        yield shopper


@pytest.fixture
def shopper(merchant: Shop) -> Iterator[Conversation]:
    with in_shop(merchant.running.url, merchant) as shopper:
        yield shopper


@pytest.fixture
def shopper_without_orderguard(merchant: Shop) -> Iterator[Conversation]:
    with in_shop("http://127.0.0.1:9", merchant) as shopper:
        yield shopper


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


@pytest.mark.parametrize("shown_decimals", [0, 2, 3])
@pytest.mark.parametrize(
    ("currency", "price", "fee"),
    [("USD", 50, "4.98"), ("JPY", 5000, "498"), ("KWD", 15.5, "1.255"), ("HUF", 9990, "498.00")],
)
def test_the_decimals_are_the_currencys_however_the_shop_shows_prices(
    shopper: Conversation,
    orders: httpx.Client,
    currency: str,
    price: float,
    fee: str,
    shown_decimals: int,
) -> None:
    shopper("show_decimals", shown_decimals)
    shopper("put", LAMP | {"price": price})
    shopper("pay_in", currency)

    assert {"Order protection": fee} == shopper("tick")["fees"]
    order = order_of(orders, shopper("order"))
    assert ("accepted", "exact") == outcome(order)
    assert [fee] == [each["amount"]["amount"] for each in order["fees"]]


def test_prices_are_shown_as_in_the_shop_unless_that_would_hide_some_of_it(
    shopper: Conversation,
) -> None:
    shopper("show_decimals", 0)
    dollars = shopper("put", LAMP)
    forints = shopper("pay_in", "HUF")

    assert BOTH == dollars["offer"]
    assert "Order protection (optional, 498&nbsp;HUF)" == forints["offer"]


@pytest.mark.parametrize(
    ("address", "region"),
    [
        (["US", "OH"], {"country": "US", "subdivision": "OH"}),
        (["TR", "TR01"], {"country": "TR", "subdivision": "01"}),
        (["JP", "JP13"], {"country": "JP", "subdivision": "13"}),
        (["BD", "BD-05"], {"country": "BD", "subdivision": "05"}),
        (["VE", "VE-A"], {"country": "VE", "subdivision": "A"}),
        (["PE", "CAL"], {"country": "PE", "subdivision": "CAL"}),
        (["GB", "Greater London"], {"country": "GB"}),
        (["DE", ""], {"country": "DE"}),
        (["", ""], {"country": "US"}),
    ],
)
def test_a_state_that_is_no_code_does_not_cost_the_offer(
    merchant: Shop, shopper: Conversation, address: list[str], region: dict[str, str]
) -> None:
    shopper("put", LAMP)
    assert "4.98" in shopper("live_in", address)["offer"]

    with PretendServer(lambda *_: Reply(400)) as server, in_shop(server.url, merchant) as other:
        other("live_in", address)
        other("put", LAMP)
        assert region == server.received[-1].body["region"]


def test_a_fee_that_is_not_on_the_order_was_not_accepted(
    shopper: Conversation, orders: httpx.Client
) -> None:
    shopper("put", LAMP)
    shopper("tick")
    shopper("lose_fees")

    order = order_of(orders, shopper("order"))

    assert ("declined", []) == (outcome(order)[0], order["fees"])


def test_a_silent_orderguard_is_waited_for_once_by_the_whole_shop(merchant: Shop) -> None:
    with (
        PretendServer(lambda *_: Reply(delay_seconds=30)) as server,
        in_shop(server.url, merchant) as shopper,
    ):
        first = elapsed_ms(lambda: shopper("put", LAMP))
        moves = [
            ["put", LAMP | {"quantity": 2}],
            ["tick"],
            ["live_in", ["GB", ""]],
            ["pay_in", "JPY"],
        ]
        further = elapsed_ms(lambda: [shopper(*move) for move in moves])

    assert (1, True) == (len(server.received), first < 1900)
    assert further < 900


def test_after_its_rest_orderguard_is_asked_again(merchant: Shop) -> None:
    replies = [Reply(drops=True), Reply(400, {}), Reply(400, {})]
    with (
        PretendServer(lambda _, number: replies[number - 1]) as server,
        in_shop(server.url, merchant, rest_seconds=1) as shopper,
    ):
        shopper("put", LAMP)
        shopper("put", LAMP)
        assert 1 == len(server.received)
        time.sleep(2.1)  # whole seconds are counted
        shopper("put", LAMP)
        shopper("put", LAMP | {"quantity": 2})

    assert 3 == len(server.received)


def test_a_refused_cart_is_not_asked_about_by_every_hook(merchant: Shop) -> None:
    with (
        PretendServer(lambda *_: Reply(400, {})) as server,
        in_shop(server.url, merchant) as shopper,
    ):
        shopper("put", LAMP)
        shopper("tick")
        shopper("untick")

    assert 1 == len(server.received)


def test_who_did_not_tick_waits_for_nothing_at_the_till(merchant: Shop) -> None:
    with (
        PretendServer(lambda received, _: Reply(503, drops=received.method == "POST")) as server,
        in_shop(server.url, merchant, rest_seconds=0) as shopper,
    ):
        shopper("put", LAMP)
        asked = len(server.received)
        shopper("order")

    # The order's push, and the offer on the page that is drawn after it.
    assert ["PUT", "POST"] == [each.method for each in server.received[asked:]]


def test_a_refused_push_is_not_repeated_but_noted_on_the_order(merchant: Shop) -> None:
    refusal = {"message": "name expected <a> text.", "errors": {"name": ["expected <a> text."]}}
    with (
        PretendServer(lambda *_: Reply(422, refusal)) as server,
        in_shop(server.url, merchant) as shopper,
    ):
        shopper("put", LAMP)
        ordered = shopper("order")
        pushes = [each for each in server.received if each.method == "PUT"]

        assert (0, 1) == (ordered["pushes_left"], len(pushes))
        [note] = ordered["notes"]
        assert "422 name expected &lt;a&gt; text." in note


def test_the_owner_can_push_a_refused_order_again(merchant: Shop) -> None:
    statuses = iter([401, 200])

    def reply_to(received: Received, _: int) -> Reply:
        return Reply(next(statuses), {"order": {}}) if received.method == "PUT" else Reply(400)

    with PretendServer(reply_to) as server, in_shop(server.url, merchant) as shopper:
        shopper("put", LAMP)
        ordered = shopper("order")
        [action] = ordered["order_actions"]
        again = shopper("choose_order_action", action)

    assert 2 == len([each for each in server.received if each.method == "PUT"])
    assert ordered["notes"] == again["notes"]


def test_a_push_that_nobody_confirms_ends_in_a_note_after_days(
    shopper_without_orderguard: Conversation,
) -> None:
    shopper = shopper_without_orderguard
    shopper("put", LAMP)
    left = [shopper("order")]
    while left[-1]["pushes_left"]:
        left.append(shopper("minutes_later"))

    assert 10 == len(left)
    assert [0] * 9 + [1] == [len(each["notes"]) for each in left]
    assert "no answer" in left[-1]["notes"][0]


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

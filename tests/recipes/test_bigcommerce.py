"""recipes/bigcommerce.mjs in Node, between a pretend BigCommerce and a real Orderguard."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.client.pretend_server import PretendServer, Received, Reply
from tests.recipes.conversation import Conversation, conversation_with
from tests.recipes.shops import not_tried
from tests.support.shop import RunningServer, Shop

APP = Path(__file__).parent / "bigcommerce_app.mjs"


@pytest.fixture(scope="module")
def merchant(running_server: RunningServer) -> Shop:
    return running_server.a_shop(limits={"USD": {"subtotal_maximum": 100_000}})


class BigCommerce:
    """One checkout and its order, with the paths and members that BigCommerce documents."""

    def __init__(self) -> None:
        self.id = secrets.token_hex(16)
        self.order_id = secrets.randbelow(10**9)
        self.quantity = 1
        self.price = 50.0
        self.fees: list[dict[str, Any]] = []
        self.server = PretendServer(self._reply_to)

    def _reply_to(self, received: Received, _number: int) -> Reply:
        assert "secret" == received.headers["x-auth-token"]
        body = received.body or {}
        match received.method, received.path:
            case "GET", path if path == f"/v3/checkouts/{self.id}":
                return Reply(body={"data": self._checkout()})
            case "POST", _:
                self.fees += [{"id": "fee-1"} | fee for fee in body["fees"]]
            case "PUT", _:
                self.fees = body["fees"]
            case "DELETE", _:
                self.fees = [fee for fee in self.fees if fee["id"] not in body["ids"]]
            case "GET", path if found := re.fullmatch(rf"/v2/orders/{self.order_id}(/\w+)?", path):
                return Reply(body=self._order(found[1]))
            case _:
                return Reply(404, [])
        return Reply(body={"data": self._checkout()})

    def _checkout(self) -> dict[str, Any]:
        total = self.price * self.quantity
        lamp = {
            "id": "item-1", "product_id": 77, "variant_id": 78, "sku": "LAMP", "name": "Lamp",
            "quantity": self.quantity, "extended_list_price": total, "extended_sale_price": total,
        }  # fmt: skip
        address = {"country_code": "US", "state_or_province_code": "OH"}
        return {
            "id": self.id,
            "cart": {
                "id": self.id,
                "currency": {"code": "USD"},
                "discount_amount": 0,
                "line_items": {"physical_items": [lamp], "digital_items": []},
            },
            "consignments": [{"shipping_address": address}],
            "fees": self.fees,
            "tax_total": 0,
        }

    def _order(self, part: str | None) -> Any:
        charged = sum(fee["cost"] for fee in self.fees)
        if part == "/products":
            return [{"id": 1, "name": "Lamp", "quantity": 1, "price_inc_tax": f"{self.price:.4f}"}]
        if part == "/fees":
            costs = [
                {"source": fee["source"], "cost_ex_tax": f"{fee['cost']:.4f}"} for fee in self.fees
            ]
            return {"fees": costs}
        total = f"{self.price * self.quantity + charged:.4f}"
        return {
            "id": self.order_id,
            "cart_id": self.id,
            "default_currency_code": "USD",
            "total_inc_tax": total,
        }


@pytest.fixture
def bigcommerce() -> Iterator[BigCommerce]:
    shop = BigCommerce()
    with shop.server:
        yield shop


@pytest.fixture
def orderguard_url(merchant: Shop) -> str:
    return merchant.running.url


@pytest.fixture
def app(merchant: Shop, bigcommerce: BigCommerce, orderguard_url: str) -> Iterator[Conversation]:
    if not shutil.which("node"):
        not_tried("Node is missing")
    settings = {
        "ORDERGUARD_URL": orderguard_url,
        "KEY": merchant.issue_key("cart").text,
        "ORDERS_KEY": merchant.issue_key("orders").text,
        "BIGCOMMERCE_URL": bigcommerce.server.url,
    }
    with conversation_with(["node", APP], settings) as app:
        yield app


def test_a_yes_becomes_a_fee_of_the_checkout_and_an_accepted_order(
    app: Conversation, bigcommerce: BigCommerce
) -> None:
    offered = app("offerFor", bigcommerce.id)
    assert (498, False) == (offered["offer"]["chargeInstructions"]["amount"], offered["accepted"])
    assert [] == bigcommerce.fees

    app("choose", bigcommerce.id, 498)
    order = app("pushOrder", bigcommerce.order_id)["order"]

    assert [("Order protection", 4.98)] == [
        (fee["display_name"], fee["cost"]) for fee in bigcommerce.fees
    ]
    assert ("accepted", "exact") == (order["acceptance"]["outcome"], order["acceptance"]["verdict"])
    assert [] == order["warnings"]


def test_a_no_takes_the_fee_away_and_is_a_decline(
    app: Conversation, bigcommerce: BigCommerce
) -> None:
    app("offerFor", bigcommerce.id)
    app("choose", bigcommerce.id, 498)
    app("choose", bigcommerce.id, None)

    order = app("pushOrder", bigcommerce.order_id)["order"]

    assert [] == bigcommerce.fees
    assert "declined" == order["acceptance"]["outcome"]


def test_a_yes_to_another_price_is_none(app: Conversation, bigcommerce: BigCommerce) -> None:
    app("offerFor", bigcommerce.id)

    assert not app("choose", bigcommerce.id, 1)["accepted"]
    assert [] == bigcommerce.fees


def test_an_offer_that_ends_takes_the_fee_along_and_comes_back_off(
    app: Conversation, bigcommerce: BigCommerce
) -> None:
    app("offerFor", bigcommerce.id)
    app("choose", bigcommerce.id, 498)

    bigcommerce.quantity = 50
    gone = app("offerFor", bigcommerce.id)
    bigcommerce.quantity = 1
    back = app("offerFor", bigcommerce.id)

    assert (None, False) == (gone["offer"], gone["accepted"])
    assert not back["accepted"]
    assert [] == bigcommerce.fees


def test_fees_of_others_stay(app: Conversation, bigcommerce: BigCommerce) -> None:
    gift_wrap = {"id": "fee-9", "source": "wrap", "cost": 3.0}
    bigcommerce.fees = [gift_wrap]
    app("offerFor", bigcommerce.id)
    app("choose", bigcommerce.id, 498)
    app("choose", bigcommerce.id, None)

    assert [gift_wrap] == bigcommerce.fees


@pytest.mark.parametrize("orderguard_url", ["http://127.0.0.1:9"])
def test_without_orderguard_there_is_no_offer_and_no_fee(
    app: Conversation, bigcommerce: BigCommerce
) -> None:
    assert {"offer": None, "accepted": False} == app("offerFor", bigcommerce.id)
    assert "error" in app("pushOrder", bigcommerce.order_id)
    assert [] == bigcommerce.fees

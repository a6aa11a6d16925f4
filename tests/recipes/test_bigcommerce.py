"""recipes/bigcommerce.mjs in Node, between a pretend BigCommerce and a real Orderguard."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.client.pretend_server import PretendServer, Received, Reply, elapsed_ms
from tests.recipes.conversation import Conversation, conversation_with
from tests.recipes.shops import not_tried
from tests.support.programs import find_program
from tests.support.shop import RunningServer, Shop

APP = Path(__file__).parent / "bigcommerce_app.mjs"


@pytest.fixture(scope="module")
def merchant(running_server: RunningServer) -> Shop:
    return running_server.a_shop(
        currencies=["USD", "HUF", "IDR", "JPY", "KWD"],
        limits={"USD": {"subtotal_maximum": 100_000}},
        pricing={
            "returnCoverage": [
                {"base": {"USD": 298, "HUF": 398_00, "IDR": 98_000_00, "JPY": 400, "KWD": 1250}}
            ],
            "shippingProtection": [
                {"base": {"USD": 200, "HUF": 100_00, "IDR": 2_000_00, "JPY": 98, "KWD": 5}}
            ],
        },
    )


class BigCommerce:
    """One checkout and its order, with the paths and members that BigCommerce documents."""

    def __init__(self) -> None:
        self.id = secrets.token_hex(16)
        self.order_id = secrets.randbelow(10**9)
        self.quantity = 1
        self.price = 50.0
        self.currency = "USD"
        self.address = {"country_code": "US", "state_or_province_code": "OH"}
        self.fees: list[dict[str, Any]] = []
        self.staff_notes = ""
        self.order_lines = 1
        self.is_digital = False
        self.status_id = 11  # awaiting fulfilment
        self.fees_fail = False
        self.server = PretendServer(self._reply_to)

    def _reply_to(self, received: Received, _number: int) -> Reply:
        assert "secret" == received.headers["x-auth-token"]
        body = received.body or {}
        path, _, query = received.path.partition("?")
        if self.fees_fail and path.endswith("/fees") and received.method != "GET":
            return Reply(503, {})
        match received.method, path:
            case "GET", path if path == f"/v3/checkouts/{self.id}":
                return Reply(body={"data": self._checkout()})
            case "POST", _:
                self.fees += [{"id": "fee-1"} | fee for fee in body["fees"]]
            case "PUT", path if path == f"/v2/orders/{self.order_id}":
                self.staff_notes = body["staff_notes"]
            case "PUT", _:
                self.fees = body["fees"]
            case "DELETE", _:
                self.fees = [fee for fee in self.fees if fee["id"] not in body["ids"]]
            case "GET", path if path == f"/v2/orders/{self.order_id}/products":
                return Reply(body=self._page_of_products(query))
            case "GET", path if found := re.fullmatch(rf"/v2/orders/{self.order_id}(/fees)?", path):
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
        return {
            "id": self.id,
            "cart": {
                "id": self.id,
                "currency": {"code": self.currency},
                "discount_amount": 0,
                "line_items": {
                    "physical_items": [] if self.is_digital else [lamp],
                    "digital_items": [lamp] if self.is_digital else [],
                },
            },
            "consignments": [{"shipping_address": self.address}],
            # What was put as `cost` comes back in two others, as documented.
            "fees": [_as_answered(fee) for fee in self.fees],
            "tax_total": 0,
        }

    def _order(self, part: str | None) -> Any:
        charged = sum(fee["cost"] for fee in self.fees)
        if part == "/fees":
            costs = [
                {"source": fee["source"], "cost_ex_tax": f"{fee['cost']:.4f}"} for fee in self.fees
            ]
            return {"fees": costs}
        total = f"{self.price * self.quantity + charged:.4f}"
        return {
            "id": self.order_id,
            "cart_id": self.id,
            "default_currency_code": self.currency,
            "total_inc_tax": total,
            "staff_notes": self.staff_notes,
            "status_id": self.status_id,
        }

    def _page_of_products(self, query: str) -> Any:
        wanted = dict(part.split("=") for part in query.split("&")) if query else {}
        limit, page = int(wanted.get("limit", 50)), int(wanted.get("page", 1))
        lines = [
            {"id": number, "name": "Lamp", "quantity": 1, "price_inc_tax": f"{self.price:.4f}"}
            for number in range(1, self.order_lines + 1)
        ]
        return lines[(page - 1) * limit : page * limit]


def _as_answered(fee: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in fee.items() if name != "cost"}
    return kept | {"cost_ex_tax": fee["cost"], "cost_inc_tax": fee["cost"]}


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
    with app_for(orderguard_url, merchant, bigcommerce) as app:
        yield app


@contextmanager
def app_for(
    orderguard_url: str, merchant: Shop, bigcommerce: BigCommerce
) -> Iterator[Conversation]:
    if not find_program("node"):
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
    assert [50_00, 50_00] == covered(order)


def covered(order: dict[str, Any]) -> list[int]:
    """What each active coverage of an order is worth, in minor units."""
    active = [each for each in order["coverages"] if each["state"] == "active"]
    return [each["amount"]["amount"] for each in active]


def test_an_order_of_300_lines_is_covered_for_all_of_them(
    app: Conversation, bigcommerce: BigCommerce
) -> None:
    bigcommerce.order_lines = 300
    app("offerFor", bigcommerce.id)
    app("choose", bigcommerce.id, 498)

    order = app("pushOrder", bigcommerce.order_id)["order"]

    assert 300 == len(order["line_items"])
    assert [15_000_00, 15_000_00] == covered(order)


def test_a_fee_that_could_not_be_taken_off_is_covered(
    app: Conversation, bigcommerce: BigCommerce
) -> None:
    app("offerFor", bigcommerce.id)
    app("choose", bigcommerce.id, 498)

    bigcommerce.quantity, bigcommerce.fees_fail = 50, True
    app("offerFor", bigcommerce.id)
    bigcommerce.fees_fail = False
    order = app("pushOrder", bigcommerce.order_id)["order"]

    assert "accepted" == order["acceptance"]["outcome"]
    assert [50_00, 50_00] == covered(order)


def test_a_fee_is_not_written_again_while_it_is_right(
    app: Conversation, bigcommerce: BigCommerce
) -> None:
    app("offerFor", bigcommerce.id)
    app("choose", bigcommerce.id, 498)

    bigcommerce.fees_fail = True  # any writing would fail now
    again = app("offerFor", bigcommerce.id)

    assert again["accepted"]
    assert [4.98] == [fee["cost"] for fee in bigcommerce.fees]


def test_a_refused_fee_is_no_yes(app: Conversation, bigcommerce: BigCommerce) -> None:
    app("offerFor", bigcommerce.id)

    bigcommerce.fees_fail = True
    assert not app("choose", bigcommerce.id, 498)["accepted"]
    bigcommerce.fees_fail = False

    assert not app("offerFor", bigcommerce.id)["accepted"]
    assert [] == bigcommerce.fees


def test_an_order_is_covered_and_billed_once_it_is_paid(
    app: Conversation, bigcommerce: BigCommerce
) -> None:
    app("offerFor", bigcommerce.id)
    app("choose", bigcommerce.id, 498)

    bigcommerce.status_id = 0  # incomplete: its payment failed
    unpaid = app("pushOrder", bigcommerce.order_id)["order"]
    bigcommerce.status_id = 11
    paid = app("pushOrder", bigcommerce.order_id)["order"]
    bigcommerce.status_id = 5
    cancelled = app("pushOrder", bigcommerce.order_id)["order"]

    assert [[], [50_00, 50_00], []] == [covered(each) for each in (unpaid, paid, cancelled)]


def test_a_fee_that_does_not_say_what_was_sold_is_told_to_the_staff(
    app: Conversation, bigcommerce: BigCommerce
) -> None:
    bigcommerce.fees = [{"id": "fee-1", "source": "orderguard", "cost": 4.98}]

    assert "refused" in app("pushOrder", bigcommerce.order_id)
    assert "does not say what was sold" in bigcommerce.staff_notes


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


@pytest.mark.parametrize(
    ("currency", "price", "cost", "pushed"),
    [
        ("HUF", 9990.0, 498, "498.00"),
        ("IDR", 150_000.0, 100_000, "100000.00"),
        ("JPY", 5000.0, 498, "498"),
        ("KWD", 15.5, 1.255, "1.255"),
    ],
)
def test_every_currency_has_the_decimals_of_iso_4217(
    app: Conversation,
    bigcommerce: BigCommerce,
    currency: str,
    price: float,
    cost: float,
    pushed: str,
) -> None:
    bigcommerce.currency, bigcommerce.price = currency, price
    offered = app("offerFor", bigcommerce.id)
    app("choose", bigcommerce.id, offered["offer"]["chargeInstructions"]["amount"])

    order = app("pushOrder", bigcommerce.order_id)["order"]

    assert [cost] == [fee["cost"] for fee in bigcommerce.fees]
    assert "exact" == order["acceptance"]["verdict"]
    assert [pushed] == [fee["amount"]["amount"] for fee in order["fees"]]


@pytest.mark.parametrize("state", ["TR-01", "Adana", "01", None])
def test_a_state_that_is_no_code_does_not_cost_the_offer(
    app: Conversation, bigcommerce: BigCommerce, state: str | None
) -> None:
    bigcommerce.address = {"country_code": "TR", "state_or_province_code": state}

    assert app("offerFor", bigcommerce.id)["offer"]


def test_a_silent_orderguard_is_waited_for_once(merchant: Shop, bigcommerce: BigCommerce) -> None:
    with (
        PretendServer(lambda *_: Reply(delay_seconds=30)) as silent,
        app_for(silent.url, merchant, bigcommerce) as app,
    ):
        app("offerFor", bigcommerce.id)
        again = elapsed_ms(lambda: app("offerFor", bigcommerce.id))

    assert (1, True) == (len(silent.received), again < 700)


def test_a_refused_push_is_over_and_told_in_the_staff_notes(
    merchant: Shop, bigcommerce: BigCommerce
) -> None:
    bigcommerce.staff_notes = "Ring twice."
    refusal = Reply(422, {"message": "name expected a text.", "errors": {}})
    with (
        PretendServer(lambda *_: refusal) as refusing,
        app_for(refusing.url, merchant, bigcommerce) as app,
    ):
        pushed = app("pushOrder", bigcommerce.order_id)
        app("pushOrder", bigcommerce.order_id)

    assert {"refused": "Orderguard answered 422 name expected a text."} == pushed
    before, note = bigcommerce.staff_notes.split("\n")
    assert "Ring twice." == before
    assert note.endswith("Orderguard answered 422 name expected a text.")


def test_a_push_that_may_yet_succeed_is_left_to_the_webhook(
    merchant: Shop, bigcommerce: BigCommerce
) -> None:
    with (
        PretendServer(lambda *_: Reply(429, {})) as busy,
        app_for(busy.url, merchant, bigcommerce) as app,
    ):
        assert "error" in app("pushOrder", bigcommerce.order_id)

    assert "" == bigcommerce.staff_notes

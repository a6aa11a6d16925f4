"""The demo shop, as a shopper without scripts meets it: plain pages and forms over real HTTP."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from orderguard.demo.shop.cart import Cart
from orderguard.demo.shop.goods import GOODS
from orderguard.demo.shop.visitors import VISITORS_MAXIMUM, Visitors
from tests.browser.running_demo import RunningDemo

ROOT = Path(__file__).parents[2]
TENT = "TN-TENT2-MOS"
CANOE = "HS-CANOE49"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def shopper(demo: RunningDemo) -> Iterator[Shopper]:
    with httpx.Client(base_url=demo.shop_url, follow_redirects=True, trust_env=False) as client:
        yield Shopper(client)


class Shopper:
    """A browser without scripts: it follows links, fills in forms and reads pages."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.page = ""

    def goes_to(self, path: str) -> str:
        self.page = self.client.get(path).raise_for_status().text
        return self.page

    def adds(self, sku: str, engraving: str = "") -> None:
        self._posts("/cart/add", sku=sku, engraving=engraving)

    def pretends(self, **switches: str) -> None:
        before = {"region": "US-OH", "currency": "USD", "locale": "en-US", "server": "well"}
        self._posts("/switches", back="/", **before | switches)

    def orders(self, *, ticks: bool = False, **tampered: str) -> str:
        """Send the checkout's form, with the box ticked if it is there to be ticked."""
        fields = self.form()
        if ticks and 'name="protection"' in self.page:
            fields["protection"] = "yes"
        return self._posts("/order", **fields | tampered)

    def form(self) -> dict[str, str]:
        """The hidden fields of the checkout."""
        form = self.page.partition('<form id="change"')[2].partition("</form>")[0]
        fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
        return {name: unescape(value) for name, value in fields}

    def sees(self, id_: str) -> str:
        """The text of an element."""
        found = re.search(rf'id="{id_}"[^>]*>([^<]*)<', self.page)
        return unescape(found[1]) if found else ""

    def _posts(self, path: str, **fields: str) -> str:
        self.page = self.client.post(path, data=fields).raise_for_status().text
        return self.page


def order_at_orderguard(demo: RunningDemo, shopper: Shopper) -> dict[str, Any]:
    number = shopper.sees("order-number")
    with demo.back_office() as client:
        for _ in range(100):
            answer = client.get(f"/api/v1/orders/external/{number}")
            if answer.is_success:
                break
            time.sleep(0.05)  # an order without protection is pushed a moment later
    answer.raise_for_status()
    order: dict[str, Any] = answer.json()["order"]
    return order


def test_a_ticked_box_becomes_a_fee_on_the_order_and_coverage_on_the_confirmation(
    demo: RunningDemo, shopper: Shopper
) -> None:
    # Given a tent in the cart
    shopper.goes_to("/")
    shopper.adds(TENT)

    # When the shopper ticks the box and orders
    checkout = shopper.goes_to("/checkout")
    confirmation = shopper.orders(ticks=True)

    # Then the page says what is covered until when, and Orderguard has the order with its exact fee
    assert "Optional · $8.92" in checkout
    assert "Your order is protected." in confirmation
    assert 2 == len(re.findall(r"until \d+ \w+ \d{4}", confirmation))
    assert ("$8.92", "$337.92") == (shopper.sees("fee"), shopper.sees("total"))
    order = order_at_orderguard(demo, shopper)
    assert ("accepted", "exact") == (
        order["acceptance"]["outcome"],
        order["acceptance"]["verdict"],
    )
    assert ["returnCoverage", "shippingProtection"] == order["fees"][0]["accepted_offer_mode"]
    assert [] == order["warnings"]


def test_protection_is_off_until_somebody_ticks_it(demo: RunningDemo, shopper: Shopper) -> None:
    shopper.adds(TENT)
    checkout = shopper.goes_to("/checkout")

    confirmation = shopper.orders()

    assert "checked" not in checkout.partition("<main")[2]
    assert "You ordered without protection." in confirmation
    order = order_at_orderguard(demo, shopper)
    assert ("declined", []) == (order["acceptance"]["outcome"], order["fees"])
    assert order["acceptance"]["session_id"]


def test_a_fee_that_the_browser_made_up_is_not_charged(demo: RunningDemo, shopper: Shopper) -> None:
    shopper.adds(TENT)
    shopper.goes_to("/checkout")

    shopper.orders(ticks=True, fee="1", amount="1", chargeInstructions='{"amount":1}')

    fee = order_at_orderguard(demo, shopper)["fees"][0]["amount"]
    assert {"amount": 892, "currency_code": "USD"} == fee


def test_a_yes_to_terms_that_we_never_offered_is_asked_again(
    demo: RunningDemo, shopper: Shopper
) -> None:
    shopper.adds(TENT)
    shopper.goes_to("/checkout")
    cheaper = shopper.form()["agreed"].replace(" 892 ", " 1 ")

    page = shopper.orders(ticks=True, agreed=cheaper)

    assert "The price of order protection has changed." in page
    assert "Thank you" not in page


@pytest.mark.parametrize("ticks", [True, False])
def test_a_page_from_before_the_cart_changed_orders_nothing(shopper: Shopper, ticks: bool) -> None:
    # Given a checkout in one tab
    shopper.adds(TENT)
    shopper.goes_to("/checkout")
    first_tab = shopper.page

    # When another tab adds a canoe, and the first one orders
    shopper.adds(CANOE)
    shopper.page = first_tab
    page = shopper.orders(ticks=ticks)

    # Then the shopper sees the cart as it is now
    assert "Your cart has changed meanwhile" in page
    assert "Cedar-Strip Canoe" in page


def test_a_change_of_quantity_keeps_the_tick_unless_the_price_rises_much(
    shopper: Shopper,
) -> None:
    # Given a shopper who ticked the box for a bag full of bars
    shopper.adds(TENT)
    shopper.goes_to("/checkout")
    ticked = shopper.form() | {"protection": "yes"}

    # When one cheap thing is added, and then a second tent
    little = shopper._posts("/cart/quantity", **ticked, change=f"1 {TENT}")
    ticked = shopper.form() | {"protection": "yes"}
    much = shopper._posts("/cart/quantity", **ticked, change=f"2 {TENT}")

    # Then the yes counts for the first, and has to be repeated for the second
    assert 'value="yes" aria-describedby="covers" checked' in little
    assert 'value="yes" aria-describedby="covers">' in much


@pytest.mark.parametrize("mood", ["dead", "slow"])
def test_a_server_that_fails_costs_the_offer_but_never_the_order(
    shopper: Shopper, mood: str
) -> None:
    # Given a server that is dead, or slower than anybody waits
    shopper.pretends(server=mood)
    shopper.adds(TENT)

    # When the shopper checks out
    checkout = shopper.goes_to("/checkout")
    confirmation = shopper.orders(ticks=True)

    # Then there is no offer, and the order is placed
    assert 'name="protection"' not in checkout
    assert "Thank you. Your order is placed." in confirmation
    assert "$329.00" == shopper.sees("total")


def test_a_protected_order_reaches_a_server_that_was_dead_once_it_is_back(
    demo: RunningDemo, shopper: Shopper
) -> None:
    # Given an offer, accepted just before the server dies
    shopper.adds(TENT)
    checkout = shopper.goes_to("/checkout")
    shopper.pretends(server="dead")
    shopper.page = checkout

    # When the shopper orders, and the server comes back
    waiting = shopper.orders(ticks=True)
    number = shopper.sees("order-number")
    shopper.pretends(server="well")
    confirmation = shopper.goes_to(f"/orders/{number}")
    for _ in range(50):
        if "Your order is protected." in confirmation:
            break
        confirmation = shopper.goes_to(f"/orders/{number}")

    # Then the fee was charged once, and the coverage arrived late
    assert "We are still waiting for its confirmation" in waiting
    assert "Your order is protected." in confirmation
    assert "exact" == order_at_orderguard(demo, shopper)["acceptance"]["verdict"]


@pytest.mark.parametrize(
    ("skus", "switches", "reason"),
    [
        ([CANOE] * 3, {}, "cart_too_valuable"),
        (["LW-PS600"], {"region": "US-AK"}, "eligibility_rule_not_met"),
        (["GC-50"], {}, "cart_only_has_excluded_products"),
        (["FF-BAR-CLO"], {}, "cart_total_too_low"),
        ([TENT], {"is_b2b": "yes"}, "b2b_customer_excluded"),
    ],
)
def test_what_is_worth_trying_hides_the_offer_as_the_document_says(
    shopper: Shopper, skus: list[str], switches: dict[str, str], reason: str
) -> None:
    shopper.pretends(**switches)
    for sku in skus:
        shopper.adds(sku)

    checkout = shopper.goes_to("/checkout")

    assert 'name="protection"' not in checkout
    assert f'<b class="verdict">{reason}</b>' in checkout
    assert f"`{reason}`" in (ROOT / "docs" / "demo-shop.md").read_text(encoding="utf-8")


def test_a_canoe_by_freight_is_offered_returns_alone(shopper: Shopper) -> None:
    shopper.adds(CANOE)

    assert "Get hassle-free returns on this order." in shopper.goes_to("/checkout")


def test_a_pick_up_is_offered_returns_alone(shopper: Shopper) -> None:
    shopper.pretends(pickup="yes")
    shopper.adds(TENT)

    assert "Get hassle-free returns on this order." in shopper.goes_to("/checkout")


@pytest.mark.parametrize(
    ("currency", "fee"), [("EUR", r"€\d\.\d\d"), ("JPY", r"¥1,\d{3}"), ("KWD", r"KWD \d\.\d{3}")]
)
def test_every_currency_has_its_own_decimals(shopper: Shopper, currency: str, fee: str) -> None:
    shopper.pretends(currency=currency)
    shopper.adds(TENT)

    assert re.search(rf"Optional · {fee}<", shopper.goes_to("/checkout"))


def test_what_a_shopper_types_is_never_markup(shopper: Shopper) -> None:
    shopper.adds("KK-MUG-EN", engraving=HOSTILE)

    pages = [shopper.goes_to("/cart"), shopper.goes_to("/checkout"), shopper.orders(ticks=True)]

    assert all("&lt;script&gt;alert(1)" in page for page in pages)
    assert not any(HOSTILE in page for page in pages)


def test_no_key_ever_leaves_the_shop(demo: RunningDemo, shopper: Shopper) -> None:
    shopper.adds(TENT)

    pages = shopper.goes_to("/checkout") + shopper.orders(ticks=True)

    assert demo.key not in pages
    assert demo.orders_key not in pages
    assert f"{demo.key[:6]}…" in pages


def test_the_element_is_answered_for_the_cart_of_the_shop_not_of_the_browser(
    shopper: Shopper,
) -> None:
    # Given a tent in the cart
    shopper.adds(TENT)
    cart_id, revision = re.findall(
        r'name="revision" value="(\S+) (\d+)"', shopper.goes_to("/checkout")
    )[0]

    # When a script asks for the price of a cart that costs next to nothing
    cheap = {"id": f"revision-{revision}", "lines": [], "subtotalAmount": 1}
    answer = shopper.client.post("/orderguard/analyze", json={"cartId": cart_id, "cart": cheap})
    other = shopper.client.post("/orderguard/analyze", json={"cartId": cart_id, "cart": {}})

    # Then it is told the price of the tent, without the debug block; another cart gets none
    assert 892 == answer.json()["chargeInstructions"]["amount"]
    assert "debug" not in answer.json()
    assert 409 == other.status_code


def test_nothing_inline_is_allowed_or_needed(shopper: Shopper) -> None:
    answer = shopper.client.get("/")

    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<script(?! type=\"module\" src=)|<style| style=| on\w+=", answer.text)


def test_a_form_on_another_site_changes_nothing(shopper: Shopper) -> None:
    shopper.adds(TENT)

    answer = shopper.client.post(
        "/cart/quantity", data={"change": f"9 {TENT}"}, headers={"Origin": "http://evil.example"}
    )

    assert 403 == answer.status_code
    assert '<span aria-label="Quantity">1</span>' in shopper.goes_to("/cart")


def test_nobody_is_sent_to_another_site(shopper: Shopper) -> None:
    answer = shopper.client.post(
        "/switches", data={"back": "//evil.example"}, follow_redirects=False
    )

    assert "/" == answer.headers["Location"]


def test_an_order_is_seen_only_by_who_placed_it(demo: RunningDemo, shopper: Shopper) -> None:
    shopper.adds(TENT)
    shopper.goes_to("/checkout")
    shopper.orders()

    stranger = httpx.get(f"{demo.shop_url}/orders/{shopper.sees('order-number')}")

    assert 404 == stranger.status_code


def test_a_second_click_on_the_button_buys_nothing_more(shopper: Shopper) -> None:
    shopper.adds(TENT)
    shopper.goes_to("/checkout")
    checkout = shopper.page
    shopper.orders(ticks=True)
    number = shopper.sees("order-number")

    shopper.page = checkout
    shopper.orders(ticks=True)

    assert number == shopper.sees("order-number")


def test_the_shop_forgets_those_who_were_away_longest() -> None:
    visitors = Visitors()
    first = visitors.welcome()

    for _ in range(VISITORS_MAXIMUM):
        visitors.welcome()

    assert visitors.find(first.id) is None


def test_a_cart_has_limits() -> None:
    cart = Cart("c")

    for number in range(100):
        cart.add("KK-MUG-EN", 99, engraving=str(number))
    cart.add("KK-MUG-EN", 99, engraving="1")

    assert 20 == len(cart.lines)
    assert {99} == {line.quantity for line in cart.lines}


def test_every_picture_on_the_shelf_is_there(shopper: Shopper) -> None:
    answers = {good.sku: shopper.client.get(f"/static/goods/{good.picture}.svg") for good in GOODS}

    assert {200} == {answer.status_code for answer in answers.values()}
    assert 404 == shopper.client.get("/static/../application.py").status_code

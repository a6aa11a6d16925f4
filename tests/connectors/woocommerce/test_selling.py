"""What shoppers see and pay: rows 1 to 13, 16, 17 and 25 of the scenario table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.client.pretend_server import Reply
from tests.connectors.woocommerce.front import (
    GONE,
    HALF_AN_ANSWER,
    NONSENSE,
    SILENT,
    UNAVAILABLE,
)
from tests.connectors.woocommerce.merchant import DOCUMENT, Merchant, covered
from tests.connectors.woocommerce.money import assert_the_next_order_is_right
from tests.connectors.woocommerce.shoppers import Seen, Shopper
from tests.connectors.woocommerce.site import Site
from tests.support.builders import a_document

OFFERED = Seen("$4.98", checked=False, notice="", fee=None, total="55.00")
ACCEPTED = Seen("$4.98", checked=True, notice="", fee="4.98", total="59.98")
PRICE_ROSE = "The price has changed with your cart. Tick the box if you still want protection."
MODES_CHANGED = (
    "What is covered has changed with your cart. Tick the box if you still want protection."
)
REMOVED = "Order protection is no longer available and has been removed from your order."
AGAIN = "Protection is available again. Tick the box if you still want it."


def paid(shop: Site, shopper: Shopper) -> int:
    """The number of the order that the shopper places and pays, once it is reported."""
    placed = shopper.place()
    assert placed.order, placed.error
    shop.control("run_queue")
    return placed.order


def cart_ids(shop: Site) -> set[str]:
    """By which ids Orderguard was asked."""
    asked = [each["body"] for each in shop.requests() if each["path"] == "/v1/analyze"]
    return {body["cartId"] for body in asked}


def test_01_the_offer_is_shown_unticked_with_its_price(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")

    assert OFFERED == shopper.see()
    order = paid(shop, shopper)
    assert "55.00" == f"{float(shop.control('order', order)['total']):.2f}"
    assert 0 == merchant.billed()


def test_02_a_tick_puts_the_fee_into_the_shops_own_total(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()

    assert ACCEPTED == shopper.tick()
    assert ACCEPTED == shopper.update()  # the next update keeps it (W1)
    order = paid(shop, shopper)
    assert "59.98" == shop.control("order", order)["total"]
    assert covered(50_00, 4_98) == merchant.books(order)


@pytest.mark.parametrize(
    "shown",
    ["lop_00000000000000000000 1 USD returnCoverage", "<script>alert(1)</script>" + "x" * 5000],
    ids=["other terms", "rubbish"],
)
def test_03_a_browser_cannot_make_a_price_or_a_session(
    shop: Site, shopper: Shopper, merchant: Merchant, shown: str
) -> None:
    shopper.add("lamp")
    shopper.see()

    lied = shopper.lie(shown)

    assert (None, False) == (lied.fee, lied.checked)
    order = paid(shop, shopper)
    assert 0 == merchant.billed()
    assert "declined" == merchant.books(order).outcome  # type: ignore[union-attr]
    assert_the_next_order_is_right(shop, shopper, merchant)


def test_04_a_small_rise_and_any_fall_keep_the_yes(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    shopper.add("lamp", 2)  # 150.00 of goods: 5.10 instead of 4.98
    assert Seen("$5.10", checked=True, notice="", fee="5.10", total="160.10") == replace(
        shopper.see(), total="160.10"
    )
    order = paid(shop, shopper)
    assert covered(150_00, 5_10) == merchant.books(order)


def test_05_a_large_rise_ends_the_yes_and_says_so(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    shopper.add("lamp", 4)  # 250.00: 11.98
    rose = shopper.see()
    assert ("$11.98", False, PRICE_ROSE, None) == (rose.offer, rose.checked, rose.notice, rose.fee)

    asked_again = shopper.tick()
    assert (True, "", "11.98") == (asked_again.checked, asked_again.notice, asked_again.fee)
    assert covered(250_00, 11_98) == merchant.books(paid(shop, shopper))
    assert_the_next_order_is_right(shop, shopper, merchant)


def test_05_small_rises_do_not_add_up(shop: Site, shopper: Shopper, merchant: Merchant) -> None:
    document = dict(DOCUMENT)
    plans = [{"base": {"USD": 298}}]
    for pieces in (2, 3):
        plans.insert(
            0, {"when": f"cart.itemCount >= {pieces}", "base": {"USD": 298 + 40 * (pieces - 1)}}
        )
    document["pricing"] = {**document["pricing"], "returnCoverage": plans}
    merchant.shop.publish(a_document(**document))
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    shopper.add("lamp")
    assert "5.38" == shopper.see().fee  # 8 % above 4.98
    shopper.update()
    shopper.add("lamp")
    third = shopper.see()

    assert (None, PRICE_ROSE) == (third.fee, third.notice)  # 16 % above what was agreed to


def test_06_a_cart_that_becomes_eligible_gets_its_box(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("throw")  # 15.00, below the minimum of 20.00
    assert shopper.see().offer is None

    shopper.add("throw")

    assert "$4.98" == shopper.update().offer
    assert "4.98" == shopper.tick().fee
    assert covered(30_00, 4_98) == merchant.books(paid(shop, shopper))


def test_07_a_no_is_reported_as_declined(shop: Site, shopper: Shopper, merchant: Merchant) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    assert OFFERED == shopper.untick()

    order = merchant.order(paid(shop, shopper))
    assert order
    assert "declined" == order["acceptance"]["outcome"]
    assert order["acceptance"]["session_id"]
    assert 0 == merchant.billed()


def test_08_excluded_goods_take_box_and_fee_away(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    shopper.add("coat")  # tagged final-sale
    gone = shopper.update()

    assert (None, None, REMOVED) == (gone.offer, gone.fee, gone.notice)
    order = paid(shop, shopper)
    assert 0 == merchant.billed()
    assert "255.00" == f"{float(shop.control('order', order)['total']):.2f}"
    assert_the_next_order_is_right(shop, shopper, merchant)


def test_09_pickup_leaves_return_coverage_to_be_agreed_to(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    picked_up = shopper.set_rate("pickup")

    assert ("$2.98", False, MODES_CHANGED, None) == (
        picked_up.offer,
        picked_up.checked,
        picked_up.notice,
        picked_up.fee,
    )
    assert "2.98" == shopper.tick().fee
    assert covered(50_00, 2_98, ["returnCoverage"]) == merchant.books(paid(shop, shopper))


def test_09_nothing_to_ship_is_digital(shop: Site, shopper: Shopper) -> None:
    shopper.add("ebook", 2)
    shopper.see()

    asked = [request["body"] for request in shop.requests() if request["path"] == "/v1/analyze"]

    assert [{"deliveryMethod": "DIGITAL"}] == asked[-1]["deliveryGroups"]
    assert [False] == [line["requiresShipping"] for line in asked[-1]["cart"]["lines"]]


def test_10_a_coupon_counts_and_the_box_goes_on(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp", 3)
    shopper.see()
    shopper.tick()

    assert ("5.10", True) == ((seen := shopper.coupon("ten")).fee, seen.checked)
    assert covered(135_00, 5_10) == merchant.books(paid(shop, shopper))
    assert_the_next_order_is_right(shop, shopper, merchant)


def test_11_signing_in_keeps_session_and_yes(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    shopper.sign_in()

    assert ACCEPTED == shopper.see()
    assert covered(50_00, 4_98) == merchant.books(paid(shop, shopper))
    assert 1 == merchant.shop.row_counts()["offer_sessions"]
    assert 1 == len(cart_ids(shop))


@pytest.mark.parametrize(
    ("currency", "decimals", "price", "fee", "amount"),
    [
        ("JPY", 0, "¥498", "498", 498),
        ("KWD", 3, "1.255", "1.255", 1255),
        ("JPY", 2, "498", "498.00", 498),
    ],
)
def test_12_amounts_have_the_decimals_of_their_currency(
    shop: Site, shopper: Shopper, merchant: Merchant,
    currency: str, decimals: int, price: str, fee: str, amount: int,
) -> None:  # fmt: skip
    shop.control(
        "options", {"woocommerce_currency": currency, "woocommerce_price_num_decimals": decimals}
    )
    shopper.add("lamp")

    assert price in str(shopper.see().offer)
    assert float(fee) == float(shopper.tick().fee or 0)
    order = paid(shop, shopper)
    unit = {"JPY": 1, "KWD": 1000}[currency]
    assert covered(50 * unit, amount) == merchant.books(order)


def test_12_an_unknown_currency_is_no_request_no_note_and_no_loss(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shop.control("options", {"woocommerce_currency": "IRT"})
    shopper.add("lamp")

    assert shopper.see().offer is None
    order = paid(shop, shopper)

    assert [] == shop.requests()
    assert [] == [note for note in shop.control("order", order)["notes"] if "Orderguard" in note]


@pytest.mark.parametrize("tax_class", ["", "standard"])
def test_13_a_shop_that_shows_tax_is_quoted_charged_and_covered_with_tax(
    shop: Site, shopper: Shopper, merchant: Merchant, tax_class: str
) -> None:
    taxes = {
        "woocommerce_calc_taxes": "yes",
        "woocommerce_prices_include_tax": "yes",
        "woocommerce_tax_display_cart": "incl",
        "woocommerce_tax_display_shop": "incl",
        "woocommerce_tax_based_on": "base",
        "woocommerce_orderguard_settings": merchant.settings(tax_class=tax_class),
    }
    shop.control("options", taxes)
    shopper.add("vase", 3)  # 133.00 each, with tax
    shopper.see()

    ticked = shopper.tick()

    assert ("$11.98", "11.98", "415.98") == (ticked.offer, ticked.fee, ticked.total)
    order = paid(shop, shopper)
    assert "415.98" == shop.control("order", order)["total"]
    assert covered(399_00, 11_98) == merchant.books(order)
    asked = [request["body"] for request in shop.requests() if request["path"] == "/v1/analyze"]
    assert 399_00 == asked[-1]["cart"]["subtotalAmount"]


def test_13_a_shop_that_adds_tax_is_quoted_charged_and_covered_without(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    taxes = {
        "woocommerce_calc_taxes": "yes",
        "woocommerce_prices_include_tax": "no",
        "woocommerce_tax_display_cart": "excl",
        "woocommerce_tax_based_on": "base",
        "woocommerce_orderguard_settings": merchant.settings(tax_class="standard"),
    }
    shop.control("options", taxes)
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    order = paid(shop, shopper)

    assert "70.43" == shop.control("order", order)["total"]  # 54.98 and 19 %, and 5.00
    assert covered(50_00, 4_98) == merchant.books(order)


def test_16_the_next_order_starts_unticked_in_a_session_of_its_own(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    first = paid(shop, shopper)

    shopper.add("lamp")
    assert OFFERED == shopper.see()
    second = paid(shop, shopper)

    assert covered(50_00, 4_98) == merchant.books(first)
    ends = [merchant.order(number) for number in (first, second)]
    assert ["accepted", "declined"] == [end["acceptance"]["outcome"] for end in ends if end]
    assert 2 == len({end["acceptance"]["session_id"] for end in ends if end})
    assert 2 == len(cart_ids(shop))


def test_16_a_returning_shoppers_second_yes_is_exact(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.sign_in()
    for number in (1, 2):
        shopper.add("lamp")
        shopper.see()
        shopper.tick()
        order = paid(shop, shopper)
        assert covered(50_00, number * 4_98) == merchant.books(order)


def test_16_a_cart_that_was_emptied_takes_the_yes_along(shop: Site, shopper: Shopper) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    shopper.empty()
    shopper.add("lamp")

    assert OFFERED == shopper.see()


@pytest.mark.parametrize("spoiled", [GONE, UNAVAILABLE, NONSENSE, HALF_AN_ANSWER, Reply(500, {})])
def test_17_an_orderguard_out_of_order_costs_no_sale(
    shop: Site, shopper: Shopper, merchant: Merchant, spoiled: Reply
) -> None:
    merchant.front.spoiled = spoiled
    shopper.add("lamp")

    assert (None, None) == ((seen := shopper.see()).offer, seen.fee)
    placed = shopper.place()

    assert placed.order, placed.error
    assert 1 == merchant.front.asked("/v1/analyze")  # and rested afterwards
    merchant.front.spoiled = None
    shop.control("run_queue", True)
    assert "declined" == merchant.books(placed.order).outcome  # type: ignore[union-attr]


def test_17_silence_is_waited_for_once(shop: Site, shopper: Shopper, merchant: Merchant) -> None:
    merchant.front.spoiled = SILENT
    shop.control("options", {"test_timeout": 1})
    shopper.add("lamp")

    shopper.see()
    shopper.update()
    assert shopper.place().order

    assert 1 == merchant.front.asked("/v1/analyze")
    shop.control("options", {"test_timeout": 20})
    assert_the_next_order_is_right(shop, shopper, merchant)


def test_17_a_yes_given_before_orderguard_went_silent_is_charged_and_covered(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    merchant.front.spoiled = UNAVAILABLE
    placed = shopper.place()

    assert "59.98" == shop.control("order", placed.order)["total"]
    merchant.front.spoiled = None
    shop.control("run_queue", True)
    assert covered(50_00, 4_98) == merchant.books(placed.order)


def test_25_a_new_price_is_seen_within_minutes(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    merchant.shop.publish(a_document(**DOCUMENT | {"pricing": _raised(200)}))

    assert "$4.98" == shopper.update().offer
    shop.control("age", 300)

    assert "$6.98" == shopper.update().offer
    assert 0 == merchant.billed()


def test_25_a_higher_price_while_placing_is_asked_about_once(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    merchant.shop.publish(a_document(**DOCUMENT | {"pricing": _raised(40)}))

    stopped = shopper.place()
    assert stopped.order is None
    assert "Order protection now costs $5.38." in stopped.error

    assert covered(50_00, 5_38) == merchant.books(paid(shop, shopper))


def test_25_protection_switched_off_while_placing_is_said_once_and_not_charged(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    merchant.shop.publish(a_document(**DOCUMENT, enabled=False))

    stopped = shopper.place()
    assert stopped.order is None
    assert REMOVED in stopped.error

    order = paid(shop, shopper)
    assert "55.00" == f"{float(shop.control('order', order)['total']):.2f}"
    assert 0 == merchant.billed()


def _raised(by: int) -> dict[str, object]:
    pricing = dict(DOCUMENT["pricing"])
    pricing["returnCoverage"] = [{"base": {"USD": 298 + by}}]
    return pricing

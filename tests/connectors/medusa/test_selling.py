"""What shoppers see and pay in Medusa: rows 1 to 13, 16, 17 and 25 of the scenario table."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from tests.client.pretend_server import Reply
from tests.connectors.medusa.conftest import connect, prepared
from tests.connectors.medusa.shopper import Seen, Shopper, money
from tests.connectors.medusa.site import Ground, Refused, Site
from tests.connectors.woocommerce.front import (
    GONE,
    HALF_AN_ANSWER,
    NONSENSE,
    SILENT,
    UNAVAILABLE,
)
from tests.connectors.woocommerce.merchant import BOTH, DOCUMENT, Books, Merchant, covered
from tests.support.builders import a_document

OFFERED = Seen(Decimal("4.98"), checked=False, notice=None, fee=None, total=Decimal(55))
ACCEPTED = Seen(
    Decimal("4.98"), checked=True, notice=None, fee=Decimal("4.98"), total=Decimal("59.98")
)
DECLINED = Books("declined", None, {}, 0, [])


def reported(shop: Site, shopper: Shopper) -> str:
    """The id of the order that the shopper places and pays, once it is reported."""
    order = shopper.place()
    shop.control("run_queue")
    return order


def accepting(shopper: Shopper, handle: str = "lamp", pieces: int = 1) -> Shopper:
    """The shopper, with the goods and the fee in the cart."""
    shopper.add(handle, pieces)
    shopper.see()
    assert shopper.tick().checked
    return shopper


def test_01_the_offer_is_shown_unticked_with_its_price(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")

    assert OFFERED == shopper.see()
    order = reported(shop, shopper)
    assert Decimal(55) == money(shopper.order["total"])
    assert DECLINED == merchant.books(order)


def test_02_a_tick_puts_the_fee_into_medusas_own_total(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()

    assert ACCEPTED == shopper.tick()
    assert ACCEPTED == shopper.tick()  # a second click changes nothing
    order = reported(shop, shopper)
    assert Decimal("59.98") == money(shopper.order["total"]) == money(shopper.payable)
    (fee,) = [each for each in shopper.order["items"] if not each["variant_id"]]
    assert BOTH == fee["metadata"]["orderguard"]["modes"]
    assert covered(50_00, 4_98) == merchant.books(order)


def test_02_two_tabs_put_one_fee(shop: Site, shopper: Shopper, merchant: Merchant) -> None:
    shopper.add("lamp")
    shopper.see()
    token = shopper.said["offer"]["token"]
    body = {"accepted": True, "token": token}

    with ThreadPoolExecutor(4) as tabs:
        path = f"/store/orderguard/carts/{shopper.cart_id}"
        list(tabs.map(lambda _: shopper.ask("POST", path, body), range(4)))

    assert ACCEPTED == shopper.see()
    assert covered(50_00, 4_98) == merchant.books(reported(shop, shopper))


@pytest.mark.parametrize(
    "token",
    ["lop_00000000000000000000 1 USD returnCoverage", "<script>alert(1)</script>" + "x" * 5000],
    ids=["other terms", "rubbish"],
)
def test_03_a_browser_cannot_make_a_price_or_a_session(
    shop: Site, shopper: Shopper, merchant: Merchant, token: str
) -> None:
    shopper.add("lamp")
    shopper.see()

    lied = shopper.choose(accepted=True, token=token)

    assert (None, False) == (lied.fee, lied.checked)
    assert DECLINED == merchant.books(reported(shop, shopper))


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": 5},
        {"quantity": 1, "metadata": {"orderguard": {"modes": ["returnCoverage"]}}},
        {"quantity": 1, "metadata": {}},
    ],
    ids=["quantity", "modes", "no mark"],
)
def test_03_the_shopper_cannot_change_the_line_of_the_fee(
    shop: Site, shopper: Shopper, merchant: Merchant, change: dict[str, object]
) -> None:
    accepting(shopper)
    (fee,) = shopper.fee_lines

    with pytest.raises(Refused) as refused:
        shopper.change(fee, **change)

    assert 400 == refused.value.status
    assert "cannot be changed" in refused.value.message
    assert ACCEPTED == shopper.see()
    assert covered(50_00, 4_98) == merchant.books(reported(shop, shopper))


def test_03_goods_that_pretend_to_be_the_fee_are_goods(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    mark = {"orderguard": {"session": "lop_00000000000000000000", "modes": BOTH, "amount": 1}}
    line = {"variant_id": shopper.variant("throw"), "quantity": 1, "metadata": mark}
    shopper.ask("POST", f"/store/carts/{shopper.cart_id}/line-items", line)
    metadata = {"metadata": {"orderguard": {"agreed": {"amount": 1}}}}
    shopper.ask("POST", f"/store/carts/{shopper.cart_id}", metadata)

    assert not shopper.see().checked
    order = reported(shop, shopper)
    assert DECLINED == merchant.books(order)
    assert 2 == len(merchant.order(order)["line_items"])  # type: ignore[index]


@pytest.mark.parametrize("change", [{"quantity": 3}, {"unit_price": 99}], ids=["pieces", "price"])
def test_03_a_fee_that_nobody_agreed_to_is_mended_or_not_sold(
    shop: Site, shopper: Shopper, merchant: Merchant, change: dict[str, object]
) -> None:
    accepting(shopper)
    shopper.to_payment()
    (fee,) = shopper.fee_lines
    shop.control("tamper", fee["id"], change)  # what no route of the Store API does

    said = shopper.complete()

    assert Decimal("59.98") == money(said["order"]["total"])
    shop.control("run_queue")
    assert covered(50_00, 4_98) == merchant.books(said["order"]["id"])


def test_03_code_of_the_shop_cannot_sell_a_fee_that_nobody_agreed_to(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    accepting(shopper)
    shopper.to_payment()
    (fee,) = shopper.fee_lines
    shop.control("tamper", fee["id"], {"unit_price": 99})

    with pytest.raises(AssertionError, match="protection has changed"):
        shop.control("complete", shopper.cart_id)

    shop.control("run_queue")
    assert ([], 0) == (merchant.orders(), merchant.billed())
    assert ACCEPTED == shopper.see()
    assert covered(50_00, 4_98) == merchant.books(reported(shop, shopper))


def test_03_a_shop_with_its_own_handler_keeps_it_and_the_fee_is_put_right(
    ground: Ground, merchant: Merchant
) -> None:
    with ground.site(mode="own") as shop:
        assert "call guardLine of @orderguard/medusa" in shop.log()
        prepared(shop, merchant)
        shopper = accepting(Shopper(shop))

        shopper.change(shopper.fee_lines[0], quantity=5)

        assert (Decimal("4.98"), Decimal("59.98")) == (shopper.fee, shopper.total)
        shopper.change(shopper.fee_lines[0], quantity=1, metadata={})
        assert ACCEPTED == shopper.see()
        assert covered(50_00, 4_98) == merchant.books(reported(shop, shopper))


def test_03_a_shopper_who_removes_the_line_says_no(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    accepting(shopper)

    shopper.remove(shopper.fee_lines[0])

    assert (None, Decimal(55)) == (shopper.fee, shopper.total)
    shopper.add("throw")
    assert (False, None, None) == ((seen := shopper.see()).checked, seen.fee, seen.notice)
    assert DECLINED == merchant.books(reported(shop, shopper))


def test_04_a_small_rise_and_any_fall_keep_the_yes(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    accepting(shopper)

    shopper.add("lamp", 2)  # 150.00 of goods: 5.10 instead of 4.98

    # The answer of the very request has the new fee; nobody asked for the offer.
    assert (Decimal("5.1"), Decimal("160.1")) == (shopper.fee, shopper.total)
    (lamps,) = [each for each in shopper.cart["items"] if each["variant_id"]]
    shopper.change(lamps, quantity=1)
    assert Decimal("4.98") == shopper.fee
    shopper.change(lamps, quantity=3)
    assert covered(150_00, 5_10) == merchant.books(reported(shop, shopper))


def test_05_a_large_rise_ends_the_yes_and_says_so(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    accepting(shopper)

    shopper.add("lamp", 4)  # 250.00: 11.98
    assert (None, Decimal(255)) == (shopper.fee, shopper.total)
    dearer = Decimal("11.98")
    assert Seen(dearer, checked=False, notice="price_rose", fee=None, total=Decimal(255)) == (
        shopper.see()
    )

    again = shopper.tick()
    assert (True, None, dearer) == (again.checked, again.notice, again.fee)
    assert covered(250_00, 11_98) == merchant.books(reported(shop, shopper))


def test_05_small_rises_do_not_add_up(shop: Site, shopper: Shopper, merchant: Merchant) -> None:
    plans = [{"base": {"USD": 298}}]
    for pieces in (2, 3):
        plans.insert(
            0, {"when": f"cart.itemCount >= {pieces}", "base": {"USD": 298 + 40 * (pieces - 1)}}
        )
    pricing = {**DOCUMENT["pricing"], "returnCoverage": plans}
    merchant.shop.publish(a_document(**DOCUMENT | {"pricing": pricing}))
    accepting(shopper)

    shopper.add("lamp")
    assert Decimal("5.38") == shopper.fee  # 8 % above 4.98
    shopper.add("lamp")

    assert "price_rose" == shopper.see().notice  # 16 % above what was agreed to
    assert DECLINED == merchant.books(reported(shop, shopper))


def test_06_a_cart_that_becomes_eligible_gets_its_box(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("throw")  # 15.00, below the minimum of 20.00
    assert shopper.see().offer is None
    assert "cart_total_too_low" == shopper.said["reason"]

    shopper.add("throw")

    assert Decimal("4.98") == shopper.see().offer
    assert Decimal("4.98") == shopper.tick().fee
    assert covered(30_00, 4_98) == merchant.books(reported(shop, shopper))


def test_07_a_no_is_reported_as_declined(shop: Site, shopper: Shopper, merchant: Merchant) -> None:
    accepting(shopper)

    assert OFFERED == shopper.untick()

    order = reported(shop, shopper)
    assert DECLINED == merchant.books(order)
    assert merchant.order(order)["acceptance"]["session_id"]  # type: ignore[index]


def test_08_excluded_goods_take_box_and_fee_away(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    accepting(shopper)

    shopper.add("coat")  # its tag is final-sale

    assert (None, Decimal(255)) == (shopper.fee, shopper.total)
    gone = shopper.see()
    assert (None, "gone") == (gone.offer, gone.notice)
    assert {} == merchant.books(reported(shop, shopper)).covered  # type: ignore[union-attr]
    assert 0 == merchant.billed()


def test_09_pickup_leaves_return_coverage_to_be_agreed_to(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    accepting(shopper)

    shopper.set_rate("Pickup")

    assert (None, Decimal(50)) == (shopper.fee, shopper.total)
    seen = shopper.see()
    assert (Decimal("2.98"), False, "modes_changed") == (seen.offer, seen.checked, seen.notice)
    assert Decimal("2.98") == shopper.tick().fee
    assert covered(50_00, 2_98, ["returnCoverage"]) == merchant.books(reported(shop, shopper))


def test_10_a_coupon_counts_and_the_fee_follows(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    plans = [{"when": "cart.discountedSubtotalAmount > 14000", "base": {"USD": 3_10}}]
    pricing = {**DOCUMENT["pricing"], "returnCoverage": [*plans, {"base": {"USD": 2_98}}]}
    merchant.shop.publish(a_document(**DOCUMENT | {"pricing": pricing}))
    accepting(shopper, pieces=3)
    assert Decimal("5.1") == shopper.fee

    shopper.coupon("TEN")  # 15.00 off the goods, and nothing off the fee

    assert (Decimal("4.98"), Decimal("144.98")) == (shopper.fee, shopper.total)
    assert covered(135_00, 4_98) == merchant.books(reported(shop, shopper))


def test_11_signing_in_keeps_session_and_yes(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    accepting(shopper)

    shopper.sign_in()

    assert ACCEPTED == shopper.see()
    assert covered(50_00, 4_98) == merchant.books(reported(shop, shopper))
    assert 1 == merchant.shop.row_counts()["offer_sessions"]


@pytest.mark.parametrize(
    ("region", "price", "amount", "goods"),
    [
        ("jp", Decimal(498), 498, 50),
        ("kw", Decimal("1.255"), 1_255, 50_000),
        ("fr", Decimal("4.98"), 4_98, 50_00),
    ],
)
def test_12_amounts_have_the_decimals_of_their_currency(
    shop: Site, merchant: Merchant, region: str, price: Decimal, amount: int, goods: int
) -> None:
    shopper = Shopper(shop, region)
    shopper.add("lamp")

    assert price == shopper.see().offer
    ticked = shopper.tick()
    assert (price, 55 + price) == (ticked.fee, ticked.total)
    order = reported(shop, shopper)
    assert 55 + price == money(shopper.order["total"])
    assert covered(goods, amount) == merchant.books(order)


def test_12_another_currency_takes_the_fee_off(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    accepting(shopper)

    shopper.set_region("fr")

    assert shopper.fee is None
    assert "currency_changed" == shopper.see().notice
    shopper.set_rate("Parcel")
    assert DECLINED == merchant.books(reported(shop, shopper))


def test_12_another_region_with_the_same_currency_keeps_the_yes(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    accepting(shopper)

    shopper.set_region("ca")  # Medusa deletes lines with a price of their own

    seen = shopper.see()
    assert (True, Decimal("4.98")) == (seen.checked, seen.fee)
    shopper.set_rate("Parcel")
    assert covered(50_00, 4_98) == merchant.books(reported(shop, shopper))


@pytest.mark.parametrize("is_taxed", [True, False], ids=["taxed", "untaxed"])
def test_13_a_region_with_tax_in_its_prices_is_quoted_charged_and_covered_with_tax(
    shop: Site, merchant: Merchant, is_taxed: bool
) -> None:
    connect(shop, merchant, fee_product_type=None if is_taxed else shop.keys.untaxed)
    shopper = Shopper(shop, "de")
    shopper.add("vase", 3)  # 133.00 each, with 19 %

    seen = shopper.see()
    assert Decimal("11.98") == seen.offer
    ticked = shopper.tick()
    assert seen.total + Decimal("11.98") == ticked.total
    order = reported(shop, shopper)
    (fee,) = [each for each in shopper.order["items"] if not each["variant_id"]]
    assert (Decimal("1.913") if is_taxed else 0) == money(fee["tax_total"])
    assert ticked.total == money(shopper.order["total"])
    assert covered(399_00, 11_98) == merchant.books(order)


def test_13_a_region_that_adds_tax_is_quoted_charged_and_covered_without(
    shop: Site, merchant: Merchant
) -> None:
    shopper = Shopper(shop, "ca")
    shopper.add("vase")
    before = shopper.see()
    ticked = shopper.tick()

    assert Decimal("5.1") == before.offer == ticked.fee
    assert before.total + Decimal("6.069") == ticked.total  # 5.10 and 19 %
    order = reported(shop, shopper)
    assert ticked.total == money(shopper.order["total"])
    assert covered(133_00, 5_10) == merchant.books(order)


def test_13_a_fee_can_be_exempt_where_tax_comes_on_top(shop: Site, merchant: Merchant) -> None:
    connect(shop, merchant, fee_product_type=shop.keys.untaxed)
    shopper = Shopper(shop, "ca")
    shopper.add("vase")
    before = shopper.see()

    assert before.total + Decimal("5.1") == shopper.tick().total
    assert covered(133_00, 5_10) == merchant.books(reported(shop, shopper))


def test_16_the_next_order_starts_unticked_in_a_session_of_its_own(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    first = reported(shop, accepting(shopper))

    shopper.forget()
    shopper.add("lamp")
    assert OFFERED == shopper.see()
    second = reported(shop, shopper)

    assert covered(50_00, 4_98) == merchant.books(first)
    ends = [merchant.order(each) for each in (first, second)]
    assert ["accepted", "declined"] == [end["acceptance"]["outcome"] for end in ends if end]
    assert 2 == len({end["acceptance"]["session_id"] for end in ends if end})


def test_16_a_cart_that_was_emptied_takes_yes_and_fee_along(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    accepting(shopper)

    shopper.remove(next(each for each in shopper.cart["items"] if each["variant_id"]))
    assert ([], None) == (shopper.cart["items"], shopper.fee)
    shopper.add("lamp")

    assert not shopper.see().checked
    assert DECLINED == merchant.books(reported(shop, shopper))


@pytest.mark.parametrize("spoiled", [GONE, UNAVAILABLE, NONSENSE, HALF_AN_ANSWER, Reply(500, {})])
def test_17_an_orderguard_out_of_order_costs_no_sale(
    shop: Site, shopper: Shopper, merchant: Merchant, spoiled: Reply
) -> None:
    merchant.front.spoiled = spoiled
    shopper.add("lamp")

    assert (None, None) == ((seen := shopper.see()).offer, seen.fee)
    shopper.see()
    order = shopper.place()

    assert 1 == merchant.front.asked("/v1/analyze")  # and rested afterwards
    merchant.front.spoiled = None
    shop.control("run_queue")
    shop.control("sweep")
    assert "declined" == merchant.books(order).outcome  # type: ignore[union-attr]


def test_17_silence_is_waited_for_once_and_less_than_a_second(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    accepting(shopper)
    merchant.front.spoiled = SILENT
    shop.control("timeouts", 0.8)  # as it is in shops

    began = time.monotonic()
    shopper.add("lamp")
    assert time.monotonic() - began < 20  # the silence is 30 seconds; ours ends it after 0.8
    assert shopper.fee is None  # no request priced this cart
    shopper.see()
    shop.control("timeouts", 0.8, 0.1)
    order = shopper.place()

    assert 2 == merchant.front.asked("/v1/analyze")
    shop.control("run_queue")
    merchant.front.spoiled = None
    shop.control("timeouts")
    shop.control("sweep")
    assert DECLINED == merchant.books(order)


def test_17_a_yes_given_before_orderguard_went_silent_is_charged_and_covered(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    accepting(shopper)

    merchant.front.spoiled = UNAVAILABLE
    order = shopper.place()

    assert Decimal("59.98") == money(shopper.order["total"])
    shop.control("run_queue")
    merchant.front.spoiled = None
    shop.control("sweep")
    assert covered(50_00, 4_98) == merchant.books(order)


def raised(by: int) -> dict[str, object]:
    plans = [{"base": {"USD": 2_98 + by}}]
    return a_document(**DOCUMENT | {"pricing": {**DOCUMENT["pricing"], "returnCoverage": plans}})


def test_25_a_new_price_is_seen_within_minutes(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    merchant.shop.publish(raised(2_00))

    assert Decimal("4.98") == shopper.see().offer
    shop.control("age", shopper.cart_id, 300)

    assert Decimal("6.98") == shopper.see().offer
    shopper.tick()
    assert covered(50_00, 6_98) == merchant.books(reported(shop, shopper))


def test_25_when_the_payment_begins_the_fee_is_what_is_quoted_now(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    accepting(shopper)
    merchant.shop.publish(raised(20))

    order = reported(shop, shopper)

    assert Decimal("60.18") == money(shopper.payable) == money(shopper.order["total"])
    assert covered(50_00, 5_18) == merchant.books(order)


def test_25_when_the_payment_begins_a_dearer_offer_takes_the_fee_off(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    accepting(shopper)
    merchant.shop.publish(raised(7_00))

    shopper.to_payment()

    assert (None, Decimal(55)) == (shopper.fee, money(shopper.payable))
    assert "price_rose" == shopper.see().notice
    order = shopper.complete()["order"]["id"]
    shop.control("run_queue")
    assert DECLINED == merchant.books(order)


def test_25_once_the_payment_has_begun_the_price_stands(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    accepting(shopper)
    shopper.to_payment()
    merchant.shop.publish(raised(7_00))
    shop.control("age", shopper.cart_id, 7200)

    said = shopper.complete()
    shop.control("run_queue")

    assert Decimal("59.98") == money(said["order"]["total"])
    assert covered(50_00, 4_98) == merchant.books(said["order"]["id"])


def test_a_change_that_no_request_made_takes_the_fee_along(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    accepting(shopper)

    shop.control("script_adds", shopper.cart_id, shopper.variant("lamp"), 2)
    shop.control("run_queue")

    shopper.refresh()
    assert (Decimal("5.1"), Decimal("160.1")) == (shopper.fee, shopper.total)
    assert covered(150_00, 5_10) == merchant.books(reported(shop, shopper))

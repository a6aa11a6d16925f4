"""What shoppers see and pay in Vendure: rows 1 to 13, 16, 17 and 25 of the scenario table."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.client.pretend_server import Reply
from tests.connectors.vendure.conftest import connected
from tests.connectors.vendure.owner import Owner
from tests.connectors.vendure.shopper import Seen, Shopper
from tests.connectors.vendure.site import Site
from tests.connectors.woocommerce.front import (
    GONE,
    HALF_AN_ANSWER,
    NONSENSE,
    SILENT,
    UNAVAILABLE,
)
from tests.connectors.woocommerce.merchant import BOTH, DOCUMENT, Books, Merchant, covered
from tests.support.builders import a_document

OFFERED = Seen(4_98, checked=False, notice=None, fee=None, total=55_00)
ACCEPTED = Seen(4_98, checked=True, notice=None, fee=4_98, total=59_98)
DECLINED = Books("declined", None, {}, 0, [])


def reported(shop: Site, shopper: Shopper) -> str:
    """The code of the order that the shopper places and pays, once it is reported."""
    code = shopper.place()
    shop.control("run_queue")
    return code


def test_01_the_offer_is_shown_unticked_with_its_price(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")

    assert OFFERED == shopper.see()
    code = reported(shop, shopper)
    assert 55_00 == shopper.total
    assert DECLINED == merchant.books(code)


def test_02_a_tick_puts_the_fee_into_vendures_own_total(
    shop: Site, shopper: Shopper, merchant: Merchant, owner: Owner
) -> None:
    shopper.add("lamp")
    shopper.see()

    assert ACCEPTED == shopper.tick()
    assert ACCEPTED == shopper.tick()  # a second click changes nothing
    code = reported(shop, shopper)
    assert 59_98 == owner.order(code)["totalWithTax"]
    assert [f"orderguard:{','.join(BOTH)}"] == [
        each["sku"] for each in owner.order(code)["surcharges"]
    ]
    assert covered(50_00, 4_98) == merchant.books(code)


def test_02_two_tabs_put_one_fee(shop: Site, shopper: Shopper, merchant: Merchant) -> None:
    shopper.add("lamp")
    shopper.see()
    token = shopper.offered["token"]

    with ThreadPoolExecutor(4) as tabs:
        list(tabs.map(lambda _: Shopper.lie(shopper, token), range(4)))

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

    lied = shopper.lie(token)

    assert (None, False) == (lied.fee, lied.checked)
    assert DECLINED == merchant.books(reported(shop, shopper))


def test_04_a_small_rise_and_any_fall_keep_the_yes(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    shopper.add("lamp", 2)  # 150.00 of goods: 5.10 instead of 4.98

    # The answer of the very mutation has the new fee; nobody asked for the offer.
    assert (5_10, 160_10) == (shopper.fee, shopper.total)
    assert Seen(5_10, checked=True, notice=None, fee=5_10, total=160_10) == shopper.see()
    assert covered(150_00, 5_10) == merchant.books(reported(shop, shopper))


def test_05_a_large_rise_ends_the_yes_and_says_so(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    shopper.add("lamp", 4)  # 250.00: 11.98
    assert (None, 255_00) == (shopper.fee, shopper.total)
    assert Seen(11_98, checked=False, notice="PRICE_ROSE", fee=None, total=255_00) == shopper.see()

    again = shopper.tick()
    assert (True, None, 11_98) == (again.checked, again.notice, again.fee)
    assert covered(250_00, 11_98) == merchant.books(reported(shop, shopper))


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
    assert 5_38 == shopper.fee  # 8 % above 4.98
    shopper.add("lamp")

    assert "PRICE_ROSE" == shopper.see().notice  # 16 % above what was agreed to
    assert DECLINED == merchant.books(reported(shop, shopper))


def test_06_a_cart_that_becomes_eligible_gets_its_box(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("throw")  # 15.00, below the minimum of 20.00
    assert shopper.see().offer is None
    assert "cart_total_too_low" == shopper.said["reason"]

    shopper.add("throw")

    assert 4_98 == shopper.see().offer
    assert 4_98 == shopper.tick().fee
    assert covered(30_00, 4_98) == merchant.books(reported(shop, shopper))


def test_07_a_no_is_reported_as_declined(shop: Site, shopper: Shopper, merchant: Merchant) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    assert OFFERED == shopper.untick()

    code = reported(shop, shopper)
    assert DECLINED == merchant.books(code)
    assert merchant.order(code)["acceptance"]["session_id"]  # type: ignore[index]


def test_08_excluded_goods_take_box_and_fee_away(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    shopper.add("coat")  # its facet value is final-sale

    assert (None, 255_00) == (shopper.fee, shopper.total)
    gone = shopper.see()
    assert (None, "GONE") == (gone.offer, gone.notice)
    assert 0 == merchant.billed()
    assert {} == merchant.books(reported(shop, shopper)).covered  # type: ignore[union-attr]


def test_09_pickup_leaves_return_coverage_to_be_agreed_to(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    shopper.set_rate("pickup")  # Vendure publishes no event for it

    assert (None, 50_00) == (shopper.fee, shopper.total)
    assert Seen(2_98, checked=False, notice="MODES_CHANGED", fee=None, total=50_00) == shopper.see()
    assert 2_98 == shopper.tick().fee
    assert covered(50_00, 2_98, ["returnCoverage"]) == merchant.books(reported(shop, shopper))


def test_10_a_coupon_counts_and_the_fee_follows(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    plans = [{"when": "cart.discountedSubtotalAmount > 14000", "base": {"USD": 3_10}}]
    pricing = {**DOCUMENT["pricing"], "returnCoverage": [*plans, {"base": {"USD": 2_98}}]}
    merchant.shop.publish(a_document(**DOCUMENT | {"pricing": pricing}))
    shopper.add("lamp", 3)
    shopper.see()
    assert 5_10 == shopper.tick().fee

    shopper.coupon("ten")  # Vendure takes ten percent of goods and surcharges: 15.50 off the goods

    assert (4_98, 134_50 + 5_00 + 4_98) == (shopper.fee, shopper.total)
    assert covered(134_50, 4_98) == merchant.books(reported(shop, shopper))


def test_11_signing_in_keeps_session_and_yes(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    shopper.sign_in()

    assert ACCEPTED == shopper.see()
    assert covered(50_00, 4_98) == merchant.books(reported(shop, shopper))
    assert 1 == merchant.shop.row_counts()["offer_sessions"]


def test_11_a_yes_moves_with_a_cart_that_is_merged(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    earlier = Shopper(shop)
    earlier.sign_in()
    earlier.add("lamp")  # a cart of this customer that waits
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    shopper.sign_in()

    # Vendure merged the carts and deleted the guest's, fee and all.
    merged = shopper.see()
    assert (4_98, True, 4_98) == (merged.offer, merged.checked, merged.fee)
    pieces = (merged.total - 5_00 - 4_98) // 50_00
    assert covered(pieces * 50_00, 4_98) == merchant.books(reported(shop, shopper))


def test_11_a_yes_that_no_longer_counts_after_the_merge_is_asked_for_again(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    earlier = Shopper(shop)
    earlier.sign_in()
    earlier.add("vase", 2)
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    shopper.sign_in()

    merged = shopper.see()
    assert (11_98, False, "PRICE_ROSE", None) == (
        merged.offer,
        merged.checked,
        merged.notice,
        merged.fee,
    )
    assert DECLINED == merchant.books(reported(shop, shopper))


@pytest.mark.parametrize(
    ("currency", "price", "modes", "amount", "goods"),
    [
        ("JPY", 498_00, BOTH, 498, 50),  # Vendure counts yen in hundredths
        ("KWD", 1_26, BOTH, 1_260, 50_000),
        ("EUR", 4_98, BOTH, 4_98, 50_00),
    ],
)
def test_12_amounts_have_the_decimals_of_their_currency(
    shop: Site, merchant: Merchant,
    currency: str, price: int, modes: list[str], amount: int, goods: int,
) -> None:  # fmt: skip
    pricing = {
        **DOCUMENT["pricing"],
        "shippingProtection": [{"base": {"JPY": 98, "KWD": 10, "EUR": 200}}],
    }
    merchant.shop.publish(a_document(**DOCUMENT | {"pricing": pricing}))
    shopper = Shopper(shop, currency=currency)
    shopper.add("lamp")

    assert price == shopper.see().offer
    assert price == shopper.tick().fee
    assert covered(goods, amount, modes) == merchant.books(reported(shop, shopper))


def test_12_what_the_shop_cannot_charge_exactly_is_not_offered(
    shop: Site, merchant: Merchant
) -> None:
    shopper = Shopper(shop, currency="KWD")
    shopper.add("lamp")

    assert shopper.see().offer is None  # 1.255, and Vendure counts in hundredths
    assert "not_chargeable" == shopper.said["reason"]
    assert 0 == merchant.billed()


def test_12_another_currency_takes_the_fee_off(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    shopper._currency = "EUR"
    # A query in another currency changes nothing of the order.
    assert (ACCEPTED.fee, ACCEPTED.total) == ((seen := shopper.see()).fee, seen.total)
    shopper.add("lamp")

    assert shopper.fee is None
    assert "CURRENCY_CHANGED" == shopper.see().notice
    assert DECLINED == merchant.books(reported(shop, shopper))


@pytest.mark.parametrize("tax_category", [None, "Standard"], ids=["untaxed", "taxed"])
def test_13_a_channel_that_shows_tax_is_quoted_charged_and_covered_with_tax(
    shop: Site, merchant: Merchant, tax_category: str | None
) -> None:
    shop.control("settings", {"gross": connected(merchant, tax_category=tax_category)})
    shopper = Shopper(shop, "gross")
    shopper.add("vase", 3)  # 133.00 each, and 19 %

    seen = shopper.see()
    assert 11_98 == seen.offer
    ticked = shopper.tick()
    assert (11_98, seen.total + 11_98) == (ticked.fee, ticked.total)
    code = reported(shop, shopper)
    (fee,) = Owner(shop).order(code)["surcharges"]
    assert (10_07 if tax_category else 11_98) == fee["price"]
    assert covered(seen.total - 5_00, 11_98) == merchant.books(code)


def test_13_a_channel_that_adds_tax_is_quoted_charged_and_covered_without(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shop.control("settings", {"net": connected(merchant, tax_category="Standard")})
    shopper.add("vase")
    shopper.see()
    ticked = shopper.tick()

    assert 5_10 == shopper.said["offer"]["amount"]
    assert 6_07 == ticked.fee  # 5.10 and 19 %
    code = reported(shop, shopper)
    assert 158_27 + 5_00 + 6_07 == Owner(shop).order(code)["totalWithTax"]
    assert covered(133_00, 5_10) == merchant.books(code)


def test_16_the_next_order_starts_unticked_in_a_session_of_its_own(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    first = reported(shop, shopper)

    shopper.add("lamp")
    assert OFFERED == shopper.see()
    second = reported(shop, shopper)

    assert covered(50_00, 4_98) == merchant.books(first)
    ends = [merchant.order(code) for code in (first, second)]
    assert ["accepted", "declined"] == [end["acceptance"]["outcome"] for end in ends if end]
    assert 2 == len({end["acceptance"]["session_id"] for end in ends if end})


def test_16_a_cart_that_was_emptied_takes_yes_and_fee_along(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    shopper.empty()
    assert shopper.fee is None
    shopper.add("lamp")

    # Vendure took the shipping method off as well.
    assert replace(OFFERED, total=50_00) == shopper.see()
    shopper.set_rate("parcel")
    assert DECLINED == merchant.books(reported(shop, shopper))


@pytest.mark.parametrize("spoiled", [GONE, UNAVAILABLE, NONSENSE, HALF_AN_ANSWER, Reply(500, {})])
def test_17_an_orderguard_out_of_order_costs_no_sale(
    shop: Site, shopper: Shopper, merchant: Merchant, spoiled: Reply
) -> None:
    merchant.front.spoiled = spoiled
    shopper.add("lamp")

    assert (None, None) == ((seen := shopper.see()).offer, seen.fee)
    shopper.see()
    code = shopper.place()

    assert 1 == merchant.front.asked("/v1/analyze")  # and rested afterwards
    merchant.front.spoiled = None
    shop.control("run_queue")
    shop.control("sweep")
    assert "declined" == merchant.books(code).outcome  # type: ignore[union-attr]


def test_17_silence_is_waited_for_once_and_less_than_a_second(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    merchant.front.spoiled = SILENT
    shop.control("timeouts", 0.8)  # as it is in shops

    began = time.monotonic()
    shopper.add("lamp")
    assert time.monotonic() - began < 20  # the silence is 30 seconds; ours ends it after 0.8
    assert shopper.fee is None  # nobody priced this cart
    shopper.see()
    code = shopper.place()

    assert 2 == merchant.front.asked("/v1/analyze")
    merchant.front.spoiled = None
    shop.control("run_queue")
    shop.control("sweep")
    assert DECLINED == merchant.books(code)


def test_17_a_yes_given_before_orderguard_went_silent_is_charged_and_covered(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    merchant.front.spoiled = UNAVAILABLE
    code = shopper.place()

    assert 59_98 == shopper.total
    merchant.front.spoiled = None
    shop.control("run_queue")
    shop.control("sweep")
    assert covered(50_00, 4_98) == merchant.books(code)


def raised(by: int) -> dict[str, object]:
    plans = [{"base": {"USD": 2_98 + by}}]
    return a_document(**DOCUMENT | {"pricing": {**DOCUMENT["pricing"], "returnCoverage": plans}})


def test_25_a_new_price_is_seen_within_minutes(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    merchant.shop.publish(raised(2_00))

    assert 4_98 == shopper.see().offer
    shop.control("age", shopper.code, 300)

    assert 6_98 == shopper.see().offer
    shopper.tick()
    assert covered(50_00, 6_98) == merchant.books(reported(shop, shopper))


def test_25_right_before_payment_the_fee_is_what_is_quoted_now(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    merchant.shop.publish(raised(20))

    shown = shopper.to_payment()  # asks once more, and shows the new total

    assert (5_18, 60_18) == (shopper.fee, shown["totalWithTax"])
    paid = shopper.pay()
    shop.control("run_queue")
    assert 60_18 == paid["totalWithTax"]
    assert covered(50_00, 5_18) == merchant.books(paid["code"])


def test_25_right_before_payment_a_dearer_offer_takes_the_fee_off(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    merchant.shop.publish(raised(7_00))

    shown = shopper.to_payment()

    assert (None, 55_00) == (shopper.fee, shown["totalWithTax"])
    assert "PRICE_ROSE" == shopper.see().notice
    paid = shopper.pay()
    shop.control("run_queue")
    assert DECLINED == merchant.books(paid["code"])


def test_a_change_that_no_request_made_takes_the_fee_along(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("throw")
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    shop.control("script_removes", shopper.code)
    shopper.add("coat")
    shopper.see()

    assert shopper.fee is None
    assert 0 == merchant.billed()

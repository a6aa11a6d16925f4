"""The offer, the yes and the fee in an Oscar shop: rows 1 to 10 of the table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.connectors.oscar.conftest import OSCAR_DOCUMENT
from tests.connectors.oscar.scenario import (
    ACCEPTED,
    MODES_CHANGED,
    OFFERED,
    PRICE_ROSE,
    REMOVED,
    declined,
    paid,
    publish,
)
from tests.connectors.oscar.shopper import Seen, Shopper
from tests.connectors.oscar.site import Site, asked
from tests.connectors.woocommerce.merchant import Merchant, covered


def test_01_the_offer_is_shown_unticked_with_its_price(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")

    assert OFFERED == shopper.see()
    order = paid(shop, shopper)
    assert "55.00" == shop.order(order)["total"]
    assert declined(merchant, order)


def test_02_a_tick_puts_the_fee_into_the_shops_own_total(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()

    assert ACCEPTED == shopper.tick()
    assert ACCEPTED == shopper.see()
    assert "$4.98" == shopper.basket().fee
    shopper.see()
    order = paid(shop, shopper)
    (surcharge,) = shop.order(order)["surcharges"]
    assert ("59.98", "4.98") == (shop.order(order)["total"], surcharge["incl_tax"])
    assert covered(50_00, 4_98) == merchant.books(order)


def test_02_a_tick_that_arrives_with_the_order_is_shown_before_it_is_charged(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()

    stopped = shopper.place(ticked=True)  # no JavaScript, and nobody pressed "Update"
    assert stopped.order is None
    assert "Order protection now costs $4.98." in stopped.error

    order = paid(shop, shopper)
    assert "59.98" == shop.order(order)["total"]
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

    assert replace(OFFERED, notice=PRICE_ROSE) == lied
    order = paid(shop, shopper)
    assert "55.00" == shop.order(order)["total"]
    assert declined(merchant, order)


def test_04_a_small_rise_and_any_fall_keep_the_yes(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    shopper.add("lamp", 2)  # 150.00 of goods: 5.10 instead of 4.98
    assert Seen("$5.10", checked=True, notice="", fee="$5.10", total="$160.10") == shopper.see()
    order = paid(shop, shopper)
    assert "160.10" == shop.order(order)["total"]
    assert covered(150_00, 5_10) == merchant.books(order)


def test_05_a_large_rise_ends_the_yes_and_says_so(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    shopper.add("lamp", 4)  # 250.00: 11.98
    rose = Seen("$11.98", checked=False, notice=PRICE_ROSE, fee=None, total="$255.00")
    assert rose == shopper.see()

    again = shopper.tick()
    assert (True, "", "$11.98") == (again.checked, again.notice, again.fee)
    assert covered(250_00, 11_98) == merchant.books(paid(shop, shopper))


def test_05_small_rises_do_not_add_up(shop: Site, shopper: Shopper, merchant: Merchant) -> None:
    plans: list[dict[str, Any]] = [{"base": {"USD": 298}}]
    for pieces in (2, 3):
        price = {"USD": 298 + 40 * (pieces - 1)}
        plans.insert(0, {"when": f"cart.itemCount >= {pieces}", "base": price})
    publish(merchant, pricing={**OSCAR_DOCUMENT["pricing"], "returnCoverage": plans})
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    shopper.add("lamp")
    assert "$5.38" == shopper.see().fee  # 8 % above 4.98
    shopper.add("lamp")
    third = shopper.see()

    assert (None, PRICE_ROSE) == (third.fee, third.notice)  # 16 % above what was agreed to
    assert declined(merchant, paid(shop, shopper))


def test_06_a_cart_that_becomes_eligible_gets_its_box(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("throw")  # 15.00, below the minimum of 20.00
    assert shopper.see().offer is None

    shopper.add("throw")

    assert "$4.98" == shopper.see().offer
    assert "$4.98" == shopper.tick().fee
    assert covered(30_00, 4_98) == merchant.books(paid(shop, shopper))


def test_07_a_no_is_reported_as_declined(shop: Site, shopper: Shopper, merchant: Merchant) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    assert OFFERED == shopper.untick()

    order = paid(shop, shopper)
    assert declined(merchant, order)
    assert merchant.order(order)["acceptance"]["session_id"]  # type: ignore[index]


def test_07_a_no_that_arrives_with_the_order_is_not_charged(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    placed = shopper.place(ticked=False)
    shop.push()

    assert placed.order, placed.error
    assert "55.00" == shop.order(placed.order)["total"]
    assert declined(merchant, placed.order)


def test_08_excluded_goods_take_box_and_fee_away(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    shopper.add("coat")  # of the category final-sale
    assert Seen(None, checked=False, notice=REMOVED, fee=None, total="$255.00") == shopper.see()

    order = paid(shop, shopper)
    assert "255.00" == shop.order(order)["total"]
    assert 0 == merchant.billed()


def test_09_pickup_leaves_return_coverage_to_be_agreed_to(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    picked_up = shopper.set_rate("pickup")

    assert Seen("$2.98", False, MODES_CHANGED, None, "$50.00") == picked_up
    assert "$2.98" == shopper.tick().fee
    order = paid(shop, shopper)
    assert "52.98" == shop.order(order)["total"]
    assert covered(50_00, 2_98, ["returnCoverage"]) == merchant.books(order)


def test_09_nothing_to_ship_is_digital(shop: Site, shopper: Shopper, merchant: Merchant) -> None:
    shopper.add("ebook", 2)

    shopper.see()
    assert [{"deliveryMethod": "DIGITAL"}] == asked(merchant)[-1]["deliveryGroups"]
    assert [False] == [line["requiresShipping"] for line in asked(merchant)[-1]["cart"]["lines"]]
    shopper.tick()
    order = paid(shop, shopper)
    assert "64.98" == shop.order(order)["total"]
    assert covered(60_00, 4_98) == merchant.books(order)


def test_10_a_coupon_counts_and_the_box_goes_on(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("throw", 3)
    shopper.see()
    shopper.tick()

    seen = shopper.coupon("TEN")  # 40.50 for three: 13.50 each

    assert ("$4.98", True, "$50.48") == (seen.fee, seen.checked, seen.total)
    assert (45_00, 40_50) == (
        asked(merchant)[-1]["cart"]["subtotalAmount"],
        asked(merchant)[-1]["cart"]["discountedSubtotalAmount"],
    )
    order = paid(shop, shopper)
    assert "50.48" == shop.order(order)["total"]
    assert covered(40_50, 4_98) == merchant.books(order)

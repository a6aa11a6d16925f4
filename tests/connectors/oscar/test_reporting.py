"""Orders that are reported, and reports that are not taken: rows 14, 15, 18 and 19."""

from __future__ import annotations

import pytest

from tests.client.pretend_server import Reply
from tests.connectors.oscar.scenario import (
    ended,
    notes,
    protected,
    publish,
    raised,
    wait_for,
)
from tests.connectors.oscar.shopper import Shopper
from tests.connectors.oscar.site import Site, pushes
from tests.connectors.woocommerce.front import (
    GONE,
    REFUSED,
    UNAVAILABLE,
)
from tests.connectors.woocommerce.merchant import BOTH, Merchant, covered


def test_14_the_order_has_session_modes_and_amount(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shopper, pieces=2)
    shop.push()

    (pushed,) = pushes(merchant, order)
    (line,), (fee,) = pushed["line_items"], pushed["fees"]
    assert ("50.00000000", "LAMP", ["home"]) == (
        line["unit_price"]["amount"],
        line["sku"],
        line["collections"],
    )
    assert (BOTH, "4.98") == (fee["accepted_offer_mode"], fee["amount"]["amount"])
    assert covered(100_00, 4_98) == merchant.books(order)
    (surcharge,) = shop.order(order)["surcharges"]
    assert surcharge["code"].startswith("orderguard:lop_")  # the order says it by itself
    shop.push("--now")
    assert 1 == len(pushes(merchant, order))


def test_14_a_thread_pushes_after_the_commit(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shop.settings(merchant, ORDERGUARD_PUSH="thread")

    order = protected(shopper)

    wait_for(lambda: merchant.books(order))
    assert covered(50_00, 4_98) == merchant.books(order)
    wait_for(lambda: shop.order(order)["ours"][0]["is_due"] == "False")
    shop.push("--now")
    assert 1 == len(merchant.orders())


def test_14_a_function_of_the_shop_may_push(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shop.settings(merchant, ORDERGUARD_PUSH="orderguard_oscar.push.push")  # as a Celery task would

    assert covered(50_00, 4_98) == merchant.books(protected(shopper))


def test_15_nothing_is_billed_before_the_money_is_there(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shop.settings(merchant, TESTSHOP_DECLINES=True)
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    declined = shopper.place()
    shop.push()

    assert (None, "Your card was declined.") == (declined.order, declined.error)
    assert ([], 0) == (merchant.orders(), merchant.billed())

    shop.settings(merchant)
    assert shopper.see().checked  # the basket is the same, and so is the yes
    paid = shopper.place()
    shop.push()
    assert covered(50_00, 4_98) == merchant.books(paid.order)
    assert 1 == len(merchant.orders())


def test_15_declined_then_paid_without_protection_is_not_billed(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shop.settings(merchant, TESTSHOP_DECLINES=True)
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    shopper.place()

    shop.settings(merchant)
    shopper.see()
    shopper.untick()
    paid = shopper.place()
    shop.push()

    assert "55.00" == shop.order(paid.order)["total"]
    assert 0 == merchant.billed()
    assert 1 == len(merchant.orders())


def test_15_an_order_without_a_payment_waits_for_it(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shop.settings(merchant, TESTSHOP_RECORDS_PAYMENTS=False)  # such as a bank transfer
    order = protected(shopper)
    shop.push()
    assert [] == merchant.orders()

    shop.control("refund", order, "Settled", "59.98", [])
    shop.push()

    assert covered(50_00, 4_98) == merchant.books(order)
    for status in ("Being processed", "Complete"):
        shop.control("set_status", order, status)
    shop.push()
    assert covered(50_00, 4_98) == merchant.books(order)
    assert 1 == len(pushes(merchant, order))


def test_15_a_status_means_what_the_merchant_says(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shop.settings(
        merchant,
        TESTSHOP_RECORDS_PAYMENTS=False,
        ORDERGUARD_ORDER_STATES={"Pending": "paid", "Being processed": "unpaid"},
    )
    order = protected(shopper)
    shop.push()
    assert covered(50_00, 4_98) == merchant.books(order)

    shop.control("set_status", order, "Being processed")
    shop.push()
    assert ended(merchant.books(order))


@pytest.mark.parametrize("is_silent", [False, True])
def test_15_a_payment_elsewhere_is_for_the_total_that_was_shown(
    shop: Site, shopper: Shopper, merchant: Merchant, is_silent: bool
) -> None:
    shop.settings(merchant, TESTSHOP_PAYS_ELSEWHERE=True)
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    shopper.go_and_pay()  # Oscar freezes the basket
    shop.push()
    assert [] == merchant.orders()
    publish(merchant, **raised(40))
    shop.control("age", 300)
    merchant.front.spoiled = UNAVAILABLE if is_silent else None
    order = shopper.come_back().order
    merchant.front.spoiled = None
    shop.push()

    assert "59.98" == shop.order(order)["total"]
    assert covered(50_00, 4_98) == merchant.books(order)


def test_18_an_order_that_is_being_pushed_is_left_alone_until_its_lease_ends(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shopper)

    shop.control("lease", order, 60)
    shop.push()
    assert [] == merchant.orders()

    shop.control("lease", order, -1)  # the process that had it was killed
    shop.push()
    assert covered(50_00, 4_98) == merchant.books(order)


@pytest.mark.parametrize("spoiled", [GONE, UNAVAILABLE, Reply(401, {}), Reply(404, {})])
def test_18_a_push_that_nobody_takes_is_repeated_until_it_is_there_once(
    shop: Site, shopper: Shopper, merchant: Merchant, spoiled: Reply
) -> None:
    order = protected(shopper)
    merchant.front.spoiled = spoiled

    assert not shop.push()["ok"]
    assert "0 pushed, 0 refused now; 1 waiting" in shop.push()["said"]  # it waits five minutes
    assert 1 == len(pushes(merchant, order))
    assert [] == notes(shop, order)

    merchant.front.spoiled = None
    shop.push("--now")

    assert covered(50_00, 4_98) == merchant.books(order)
    assert 1 == len(merchant.orders())


def test_18_a_lost_answer_is_no_second_order(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shopper)
    shop.push()

    shop.push("--order", order)

    assert 2 == len(pushes(merchant, order))
    assert covered(50_00, 4_98) == merchant.books(order)


def test_18_after_an_outage_everything_that_waits_is_reported(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.sign_in()
    orders = [protected(shopper) for _ in range(3)]
    merchant.front.spoiled = UNAVAILABLE
    shop.push()
    assert 1 == merchant.front.asked("/api/v1/orders")  # and the others did not wait, too

    merchant.front.spoiled = None
    said = shop.push("--now")["said"]

    assert "3 pushed" in said
    assert sorted(orders) == sorted(each["external_id"] for each in merchant.orders())
    assert 3 * 4_98 == merchant.billed()


def test_18_what_is_undone_is_not_reported(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shopper)
    shop.push()

    shop.control("break_order", order)
    shop.push()

    assert 1 == len(pushes(merchant, order))
    assert covered(50_00, 4_98) == merchant.books(order)


def test_19_a_refused_push_is_told_and_can_be_repeated(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shopper)
    merchant.front.spoiled = REFUSED
    shop.push("--now")
    shop.push("--now")

    (note,) = notes(shop, order)
    assert "422" in note
    assert 1 == len(pushes(merchant, order))  # the same order would be refused again
    assert f"Order #{order}: " in shop.control("command", "orderguard_test")["said"]

    shop.push("--refused")
    assert [note] == notes(shop, order)
    merchant.front.spoiled = None
    shop.push("--order", order)
    assert covered(50_00, 4_98) == merchant.books(order)
    assert "" == shop.order(order)["ours"][0]["refused"]


def test_19_a_refused_push_of_an_order_without_our_fee_is_no_note(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    order = str(shopper.place().order)
    merchant.front.spoiled = REFUSED
    shop.push()

    assert [] == notes(shop, order)
    merchant.front.spoiled = None
    shop.push("--refused")
    assert 0 == merchant.billed()
    assert merchant.order(order)

"""What Orderguard hears of orders: rows 14, 15 and 18 to 24 of the scenario table."""

from __future__ import annotations

import pytest

from tests.client.pretend_server import Reply
from tests.connectors.woocommerce.front import GONE, REFUSED, SILENT, UNAVAILABLE
from tests.connectors.woocommerce.merchant import BOTH, Merchant, covered
from tests.connectors.woocommerce.money import assert_the_next_order_is_right
from tests.connectors.woocommerce.shoppers import Shopper
from tests.connectors.woocommerce.site import PLUGIN, Site

NOTE = "Orderguard does not have this order"


def protected(shop: Site, shopper: Shopper, *, pieces: int = 1, pay: str = "test_card") -> int:
    """The number of an order with the fee; nothing is reported yet."""
    shopper.add("lamp", pieces)
    shopper.see()
    shopper.tick()
    placed = shopper.place(pay)
    assert placed.order, placed.error
    return placed.order


def pushes(shop: Site, order: int) -> list[dict[str, object]]:
    """What was pushed of this order, in order."""
    return [
        request["body"]
        for request in shop.requests()
        if request["path"] == "/api/v1/orders" and request["body"]["external_id"] == str(order)
    ]


def test_14_the_order_has_session_modes_and_amount(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shop, shopper, pieces=2)
    shop.control("run_queue")

    (pushed,) = pushes(shop, order)
    assert "50.00" == pushed["line_items"][0]["unit_price"]["amount"]  # type: ignore[index]
    assert BOTH == pushed["fees"][0]["accepted_offer_mode"]  # type: ignore[index]
    assert "LAMP" == pushed["line_items"][0]["sku"]  # type: ignore[index]
    assert covered(100_00, 4_98) == merchant.books(order)
    shop.control("run_queue", True)
    assert 1 == len(pushes(shop, order))


def test_14_what_a_coupon_leaves_is_covered_to_the_cent(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("throw", 3)
    shopper.see()
    shopper.coupon("ten")  # 40.50 for three: 13.50 each
    shopper.tick()
    order = shopper.place().order
    shop.control("run_queue")

    assert covered(40_50, 4_98) == merchant.books(order)


def test_15_nothing_is_billed_before_the_money_is_there(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shop.control("options", {"test_card_declines": "yes"})
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    declined = shopper.place()
    shop.control("run_queue", True)

    assert declined.order is None
    assert ([], 0) == (merchant.orders(), merchant.billed())

    shop.control("options", {"test_card_declines": "no"})
    assert shopper.see().checked  # the cart is the same, and so is the yes
    paid = shopper.place()
    shop.control("run_queue", True)
    assert covered(50_00, 4_98) == merchant.books(paid.order)
    assert 1 == len(merchant.orders())


def test_15_declined_then_paid_without_protection_is_not_billed(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shop.control("options", {"test_card_declines": "yes"})
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    shopper.place()

    shop.control("options", {"test_card_declines": "no"})
    shopper.see()
    shopper.untick()
    paid = shopper.place()
    shop.control("run_queue", True)

    assert "55.00" == f"{float(shop.control('order', paid.order)['total']):.2f}"
    assert 0 == merchant.billed()
    assert 1 == len(merchant.orders())


@pytest.mark.parametrize(
    ("on_hold", "billed_on_hold"), [("no", 0), ("yes", 4_98)], ids=["waits", "counts"]
)
def test_15_orders_on_hold_are_covered_as_the_merchant_says(
    shop: Site, shopper: Shopper, merchant: Merchant, on_hold: str, billed_on_hold: int
) -> None:
    shop.control("options", {"woocommerce_orderguard_settings": merchant.settings(on_hold=on_hold)})
    order = protected(shop, shopper, pay="bacs")
    assert "on-hold" == shop.control("order", order)["status"]
    shop.control("run_queue", True)
    assert billed_on_hold == merchant.billed()

    shop.control("set_status", order, "processing")
    shop.control("run_queue", True)
    assert covered(50_00, 4_98) == merchant.books(order)

    shop.control("set_status", order, "completed")
    shop.control("run_queue", True)
    assert covered(50_00, 4_98) == merchant.books(order)


@pytest.mark.parametrize("spoiled", [GONE, UNAVAILABLE, SILENT, Reply(401, {}), Reply(404, {})])
def test_18_a_push_that_nobody_takes_is_repeated_until_it_is_there_once(
    shop: Site, shopper: Shopper, merchant: Merchant, spoiled: Reply
) -> None:
    order = protected(shop, shopper)
    merchant.front.spoiled = spoiled
    shop.control("options", {"test_timeout": 1 if spoiled is SILENT else 20})
    shop.control("run_queue")
    shop.control("options", {"test_timeout": 20})
    assert shop.control("order", order)["due"]
    assert [] == [note for note in shop.control("order", order)["notes"] if NOTE in note]

    merchant.front.spoiled = None
    shop.control("run_queue", True)

    assert covered(50_00, 4_98) == merchant.books(order)
    assert "" == shop.control("order", order)["due"]
    assert 1 == len(merchant.orders())


def test_18_a_lost_answer_is_no_second_order(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shop, shopper)
    shop.control("run_queue")

    shop.control("push_again", order)
    shop.control("run_queue", True)

    assert 2 == len(pushes(shop, order))
    assert covered(50_00, 4_98) == merchant.books(order)


def test_18_after_an_outage_everything_that_waits_is_reported(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    merchant.front.spoiled = UNAVAILABLE
    orders = []
    for _ in range(3):
        shopper.add("lamp")
        orders.append(shopper.place().order)
        shop.control("run_queue")
    assert [] == merchant.orders()

    merchant.front.spoiled = None
    shop.control("sweep")
    shop.control("run_queue")

    assert sorted(str(order) for order in orders) == sorted(
        each["external_id"] for each in merchant.orders()
    )


def test_19_a_refused_push_is_told_and_can_be_repeated(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shop, shopper)
    merchant.front.spoiled = REFUSED
    shop.control("run_queue", True)
    shop.control("run_queue", True)

    told = shop.control("order", order)
    assert ["cannot be read" in note for note in told["notes"] if NOTE in note] == [True]
    assert "422" in told["refused"]
    assert "cannot be read" in shop.control("status_report")

    merchant.front.spoiled = None
    shop.control("push_again", order)
    shop.control("run_queue", True)
    assert covered(50_00, 4_98) == merchant.books(order)
    assert "" == shop.control("order", order)["refused"]
    assert_the_next_order_is_right(shop, shopper, merchant)


def test_19_a_refused_push_of_an_order_without_our_fee_is_no_note(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    order = shopper.place().order
    merchant.front.spoiled = REFUSED
    shop.control("run_queue", True)

    assert [] == [note for note in shop.control("order", order)["notes"] if NOTE in note]


def test_20_a_refund_of_goods_lowers_the_cover(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shop, shopper, pieces=2)
    shop.control("run_queue", True)

    shop.control("refund", order, [1])
    shop.control("run_queue", True)

    assert covered(50_00, 4_98) == merchant.books(order)


def test_20_a_refund_of_the_fee_ends_the_cover(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shop, shopper)
    shop.control("run_queue", True)

    shop.control("refund", order, [], True)
    shop.control("run_queue", True)

    books = merchant.books(order)
    assert books
    assert ({}, 0) == (books.covered, books.billed)


def test_20_a_refund_in_full_ends_the_cover(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shop, shopper)
    shop.control("run_queue", True)

    shop.control("set_status", order, "refunded")
    shop.control("run_queue", True)

    books = merchant.books(order)
    assert books
    assert ({}, 0) == (books.covered, books.billed)
    assert_the_next_order_is_right(shop, shopper, merchant)


def test_20_a_small_goodwill_refund_leaves_the_cover(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shop, shopper)
    shop.control("run_queue", True)

    shop.control("refund", order, [], False, "3.00")
    shop.control("run_queue", True)

    books = merchant.books(order)
    assert books
    assert 4_98 == books.billed
    assert set(BOTH) == set(books.covered)


@pytest.mark.parametrize("state", ["cancelled", "failed", "trash"])
def test_21_an_order_that_ends_takes_cover_and_billing_along(
    shop: Site, shopper: Shopper, merchant: Merchant, state: str
) -> None:
    order = protected(shop, shopper)
    shop.control("run_queue", True)
    assert 4_98 == merchant.billed()

    if state == "trash":
        shop.control("trash", order)
    else:
        shop.control("set_status", order, state)
    shop.control("run_queue", True)

    books = merchant.books(order)
    assert books
    assert ({}, 0) == (books.covered, books.billed)
    if state != "failed":  # which the Store API takes up again for the same goods
        assert_the_next_order_is_right(shop, shopper, merchant)


def test_21_an_order_that_is_deleted_is_deleted(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shop, shopper)
    shop.control("run_queue", True)

    shop.control("delete", order)
    shop.control("run_queue", True)

    assert 0 == merchant.billed()


def test_21_an_order_changed_by_hand_is_reported_once_more(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shop, shopper, pieces=2)
    shop.control("run_queue", True)

    shop.control("edit", order, 1)
    shop.control("run_queue", True)

    assert covered(50_00, 4_98) == merchant.books(order)
    assert 2 == len(pushes(shop, order))


def test_21_an_order_from_the_admin_is_reported_when_paid(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    unpaid = shop.control("admin_order", "lamp", False)["id"]
    shop.control("run_queue", True)
    assert merchant.order(unpaid) is None

    shop.control("set_status", unpaid, "completed")
    shop.control("run_queue", True)

    order = merchant.order(unpaid)
    assert order
    assert "declined" == order["acceptance"]["outcome"]
    assert 0 == merchant.billed()


def test_22_without_settings_the_shop_sells_and_says_nothing(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shop.control("options", {"woocommerce_orderguard_settings": None})
    shopper.add("lamp")

    assert shopper.see().offer is None
    order = shopper.place().order

    assert order
    assert [] == shop.requests()
    assert "orderguard" not in str(shop.control("order", order)["meta"])


@pytest.mark.parametrize(
    "wrong",
    [{"cart_key": "og_wrong"}, {"url": "http://127.0.0.1:9"}, {"url": "orderguard.example"}],
)
def test_22_wrong_settings_cost_no_sale(
    shop: Site, shopper: Shopper, merchant: Merchant, wrong: dict[str, str]
) -> None:
    shop.control("options", {"woocommerce_orderguard_settings": merchant.settings(**wrong)})
    shopper.add("lamp")

    assert shopper.see().offer is None
    assert shopper.place().order
    assert 0 == merchant.billed()


def test_23_deactivated_and_activated_again_nothing_is_lost(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    cancelled = protected(shop, shopper)
    shop.control("run_queue", True)
    waiting = protected(shop, shopper)
    assert shop.control("order", waiting)["due"]

    shop.control("deactivate", PLUGIN)
    assert [] == shop.control("queue")
    shopper.add("lamp")
    meanwhile = shopper.place().order
    shop.control("set_status", cancelled, "cancelled")

    shop.control("activate", PLUGIN)
    shop.control("queue")  # a page of the shop: the sweep is planned
    shop.control("run_queue", True)

    assert covered(50_00, 4_98) == merchant.books(waiting)
    assert merchant.order(meanwhile)
    ended = merchant.books(cancelled)
    assert ended
    assert {} == ended.covered


def test_23_an_order_deleted_before_the_deactivation_is_deleted_after_the_activation(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shop, shopper)
    shop.control("run_queue", True)
    shop.control("delete", order)
    shop.control("deactivate", PLUGIN)
    assert 4_98 == merchant.billed()

    shop.control("activate", PLUGIN)
    shop.control("queue")  # a page of the shop: the sweep is planned
    shop.control("run_queue", True)

    assert 0 == merchant.billed()


def test_24_uninstalled_the_orders_say_what_they_say_and_nothing_else_is_left(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shop, shopper)
    shop.control("run_queue", True)
    protected(shop, shopper)  # its push waits
    shopper.add("lamp")
    shopper.see()

    shop.control("deactivate", PLUGIN)
    shop.control("uninstall", PLUGIN)

    left = set(shop.control("search", "orderguard"))
    assert left <= LEFT_OF_ORDERS, left - LEFT_OF_ORDERS
    assert shopper.place().order
    assert covered(50_00, 4_98) == merchant.books(order)


LEFT_OF_ORDERS = {
    "wp_woocommerce_order_itemmeta.meta_key",
    "wp_wc_orders_meta.meta_key",
    "wp_postmeta.meta_key",
    "stub_orders.data",
}
"""Columns that say what orders say."""


def test_c04_recurring_carts_get_neither_fee_nor_analysis(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shop.control("options", {"test_recurring": "yes"})

    assert "4.98" == shopper.tick().fee

    assert [] == list(shop.control("option", "test_recurring_fees") or [])
    order = shopper.place().order
    shop.control("run_queue", True)
    assert covered(50_00, 4_98) == merchant.books(order)


def test_c04_renewals_copy_nothing_of_ours(shop: Site) -> None:
    by_name = {"_orderguard_session": "lop_x", "_billing_email": "a@b.example"}
    rows = [{"meta_key": name, "meta_value": value} for name, value in by_name.items()]

    kept = shop.control("filter", "wc_subscriptions_renewal_order_data", by_name)
    kept_rows = shop.control("filter", "wcs_renewal_order_meta", rows)

    assert ["_billing_email"] == list(kept)
    values = kept_rows.values() if isinstance(kept_rows, dict) else kept_rows
    assert ["_billing_email"] == [row["meta_key"] for row in values]

"""What Orderguard hears of WooCommerce's orders: the rows, WooCommerce's states, subscriptions."""

from __future__ import annotations

import pytest

from tests.connectors.rows.reporting import *  # noqa: F403
from tests.connectors.woocommerce.driver import WooCommerceDriver
from tests.connectors.woocommerce.merchant import Merchant
from tests.connectors.woocommerce.site import PLUGIN, Site


def test_15_orders_on_hold_may_be_covered_at_once(
    shop: Site, driver: WooCommerceDriver, merchant: Merchant
) -> None:
    driver.connect(on_hold="yes")
    driver.cart()
    order = driver.place_unpaid()
    driver.run_queue()
    driver.assert_covered(order, total=59_98, goods=50_00)

    for status in ("processing", "completed"):
        shop.control("set_status", int(order), status)
        driver.retry()
        driver.assert_covered(order, total=59_98, goods=50_00)


@pytest.mark.parametrize("state", ["failed", "trash"])
def test_21_an_order_that_ends_in_another_way_is_not_covered_either(
    shop: Site, driver: WooCommerceDriver, state: str
) -> None:
    order = driver.protected()
    driver.run_queue()
    driver.assert_covered(order, total=59_98, goods=50_00)

    if state == "trash":
        shop.control("trash", int(order))
    else:
        shop.control("set_status", int(order), state)
    driver.run_queue()

    driver.assert_ended(order)
    if state != "failed":  # which the Store API takes up again for the same goods
        driver.assert_the_next_order_is_right()


def test_23_an_order_deleted_before_the_deactivation_is_deleted_after_the_activation(
    shop: Site, driver: WooCommerceDriver, merchant: Merchant
) -> None:
    order = driver.protected()
    driver.run_queue()
    driver.delete(order)
    shop.control("deactivate", PLUGIN)
    assert 4_98 == merchant.billed()

    driver.switch_on()

    assert 0 == merchant.billed()


def test_c04_recurring_carts_get_neither_fee_nor_analysis(
    shop: Site, driver: WooCommerceDriver
) -> None:
    driver.add("lamp")
    driver.see()
    shop.control("options", {"test_recurring": "yes"})

    assert 4_98 == driver.tick().fee

    assert [] == list(shop.control("option", "test_recurring_fees") or [])
    driver.assert_covered(driver.reported(), total=59_98, goods=50_00)


def test_c04_renewals_copy_nothing_of_ours(shop: Site) -> None:
    by_name = {"_orderguard_session": "lop_x", "_billing_email": "a@b.example"}
    rows = [{"meta_key": name, "meta_value": value} for name, value in by_name.items()]

    kept = shop.control("filter", "wc_subscriptions_renewal_order_data", by_name)
    kept_rows = shop.control("filter", "wcs_renewal_order_meta", rows)

    assert ["_billing_email"] == list(kept)
    values = kept_rows.values() if isinstance(kept_rows, dict) else kept_rows
    assert ["_billing_email"] == [row["meta_key"] for row in values]

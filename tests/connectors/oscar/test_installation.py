"""Settings, an app that was off, and the end of it: the rows, and what is Oscar's own."""

from __future__ import annotations

import pytest

from tests.connectors.oscar.driver import OscarDriver
from tests.connectors.oscar.site import Site
from tests.connectors.rows.installing import *  # noqa: F403
from tests.connectors.woocommerce.merchant import Merchant


def test_22_a_shop_that_is_connected_late_reports_what_it_sold(driver: OscarDriver) -> None:
    driver.disconnect()
    driver.add("lamp")
    order = driver.place()

    merchant = driver.merchant
    driver.connect(url=merchant.front.url, cart_key=merchant.cart_key)
    driver.run_queue()

    driver.assert_unprotected(order, total=55_00)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"ORDERGUARD_KEY": "og_wrong"}, "ORDERGUARD_KEY: 401"),
        ({"ORDERGUARD_ORDERS_KEY": "og_wrong"}, "ORDERGUARD_ORDERS_KEY: 401"),
        ({"ORDERGUARD_FEE_TAX_RATE": "19"}, "20 % is written as 0.20"),
        ({"ORDERGUARD_ORDER_STATES": {"Pending": "payed"}}, "known are unpaid, paid, ended"),
    ],
)
def test_22_wrong_settings_are_named(
    driver: OscarDriver, merchant: Merchant, wrong: dict[str, str], sentence: str
) -> None:
    driver.set(**wrong)
    driver.add("lamp")

    driver.see()
    assert 55_00 == driver.total(driver.place())
    assert 0 == merchant.billed()
    assert not driver.site.control("command", "orderguard_test")["ok"]
    assert sentence in driver.diagnosis()


def test_22_an_address_may_be_pasted_with_a_route(driver: OscarDriver, merchant: Merchant) -> None:
    driver.connect(url=f"{merchant.front.url}/v1/analyze/")

    assert "offered for 4.98 USD" in driver.diagnosis()
    assert driver.site.control("command", "orderguard_test")["ok"]
    driver.assert_nothing_billed()


def test_23_an_order_says_by_itself_that_it_is_protected(driver: OscarDriver) -> None:
    order = driver.protected()
    driver.site.control("forget_row", order)

    driver.run_queue()

    driver.assert_covered(order, total=59_98, goods=50_00)


def test_23_orders_from_before_the_installation_are_not_reported(
    shop: Site, driver: OscarDriver, merchant: Merchant
) -> None:
    driver.connect(url="")
    driver.add("lamp")
    order = driver.place()
    driver.connect(url=merchant.front.url)
    shop.control("place_long_ago", order, 20)

    shop.control("set_status", order, "Being processed")
    shop.push("--all")

    driver.assert_nothing_billed()

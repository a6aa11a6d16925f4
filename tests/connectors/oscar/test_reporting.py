"""What Orderguard hears of Oscar's orders: the rows of all platforms, and what is Oscar's own."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.connectors.oscar.driver import OscarDriver
from tests.connectors.oscar.site import PATIENCE_SECONDS, Site
from tests.connectors.rows.reporting import *  # noqa: F403
from tests.connectors.rows.selling import raised
from tests.connectors.woocommerce.front import REFUSED, UNAVAILABLE
from tests.connectors.woocommerce.merchant import Merchant


def wait_for(holds: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)


def test_14_a_thread_pushes_after_the_commit(
    shop: Site, driver: OscarDriver, merchant: Merchant
) -> None:
    driver.set(ORDERGUARD_PUSH="thread")

    order = driver.protected()

    wait_for(lambda: merchant.books(order))
    driver.assert_covered(order, total=59_98, goods=50_00)
    wait_for(lambda: not driver.waiting())
    driver.retry()
    assert 1 == len(merchant.orders())
    (pushed,) = driver.pushes(order)
    assert ["home"] == pushed["line_items"][0]["collections"]


def test_14_a_function_of_the_shop_may_push(driver: OscarDriver) -> None:
    driver.set(ORDERGUARD_PUSH="orderguard_oscar.push.push")  # as a Celery task would

    driver.assert_covered(driver.protected(), total=59_98, goods=50_00)


def test_15_a_status_means_what_the_merchant_says(driver: OscarDriver) -> None:
    states = {"Pending": "paid", "Being processed": "unpaid"}
    driver.set(ORDERGUARD_ORDER_STATES=states)
    driver.cart()
    order = driver.place_unpaid()
    driver.run_queue()
    driver.assert_covered(order, total=59_98, goods=50_00)

    driver.site.control("set_status", order, "Being processed")
    driver.run_queue()
    driver.assert_ended(order)


@pytest.mark.parametrize("is_silent", [False, True])
def test_15_a_payment_elsewhere_is_for_the_total_that_was_shown(
    driver: OscarDriver, merchant: Merchant, is_silent: bool
) -> None:
    driver.set(TESTSHOP_PAYS_ELSEWHERE=True)
    driver.cart()

    driver.shopper.go_and_pay()  # Oscar freezes the basket
    driver.run_queue()
    driver.assert_nothing_billed()
    raised(driver, 40)
    driver.age(300)
    merchant.front.spoiled = UNAVAILABLE if is_silent else None
    order = str(driver.shopper.come_back().order)
    merchant.front.spoiled = None
    driver.run_queue()

    driver.assert_covered(order, total=59_98, goods=50_00)


def test_18_an_order_that_is_being_pushed_is_left_alone_until_its_lease_ends(
    driver: OscarDriver,
) -> None:
    order = driver.protected()

    driver.site.control("lease", order, 60)
    driver.run_queue()
    driver.assert_nothing_billed()

    driver.site.control("lease", order, -1)  # the process that had it was killed
    driver.run_queue()
    driver.assert_covered(order, total=59_98, goods=50_00)


def test_18_what_is_undone_is_not_reported(driver: OscarDriver) -> None:
    order = driver.protected()
    driver.run_queue()

    driver.site.control("break_order", order)
    driver.run_queue()

    assert 1 == len(driver.pushes(order))
    driver.assert_covered(order, total=59_98, goods=50_00)


def test_19_refused_orders_are_named_and_sent_again_by_an_option(
    shop: Site, driver: OscarDriver, merchant: Merchant
) -> None:
    order = driver.protected(spoiled=REFUSED)
    for _ in range(2):
        shop.push("--now")
    assert 1 == len(driver.pushes(order))  # the same order would be refused again
    assert f"Order #{order}: " in driver.diagnosis()
    shop.push("--refused")
    assert 1 == len(driver.notes(order))

    merchant.front.spoiled = None
    assert "1 pushed" in shop.push("--refused")["said"]

    driver.assert_covered(order, total=59_98, goods=50_00)


def test_20_a_fee_that_is_given_back_is_named(driver: OscarDriver) -> None:
    order = driver.protected()
    driver.refund(order, 4_98, fee=True)
    driver.run_queue()

    (refund,) = driver.pushes(order)[-1]["refunds"]
    assert ("fee", "4.98") == (refund["type"], refund["amount"]["amount"])
    driver.assert_ended(order)


def test_21_a_status_that_an_import_sets_is_heard_of(driver: OscarDriver) -> None:
    order = driver.protected()
    driver.run_queue()

    driver.site.control("set_status_by_hand", order, "Cancelled")
    driver.run_queue()

    driver.assert_ended(order)

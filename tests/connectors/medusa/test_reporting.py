"""What Orderguard hears of Medusa's orders, and its settings: the rows, and what is its own."""

from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.medusa.driver import MedusaDriver
from tests.connectors.medusa.site import Refused, Site
from tests.connectors.rows.installing import *  # noqa: F403
from tests.connectors.rows.reporting import *  # noqa: F403
from tests.connectors.woocommerce.front import REFUSED
from tests.connectors.woocommerce.merchant import Merchant, covered


def test_15_a_shop_may_cover_from_the_authorization_on(driver: MedusaDriver) -> None:
    driver.site.control("options", {"coverAuthorized": True})
    driver.cart()
    order = driver.place_unpaid()
    driver.run_queue()

    driver.assert_covered(order, total=59_98, goods=50_00)


def test_18_an_event_that_was_lost_is_found_by_the_sweep(driver: MedusaDriver) -> None:
    kept, refunded = driver.protected(), driver.protected(pieces=2)
    driver.run_queue()
    before = driver.merchant.billed()
    driver.site.control("deaf", True)
    driver.refund(refunded, 109_98)
    missed = driver.protected()
    driver.site.control("deaf", False)
    assert driver.merchant.order(missed) is None

    driver.site.control("rewind")
    driver.retry()

    for order in (kept, missed):
        driver.assert_covered(order, total=59_98, goods=50_00, billed=before)
    assert {} == driver.merchant.books(refunded).covered  # type: ignore[union-attr]


def test_19_a_push_says_what_became_of_it(driver: MedusaDriver) -> None:
    order = driver.protected(spoiled=REFUSED)
    driver.run_queue()

    said = driver.site.admin("POST", f"/admin/orderguard/orders/{order}/push")

    assert "refused" == said["pushed"]
    assert 1 == len(driver.notes(order))
    driver.assert_nothing_billed()


def test_19_only_the_owner_may_push_or_look(site: Site, driver: MedusaDriver) -> None:
    for method, path in (("GET", "health"), ("POST", "orders/order_1/push")):
        with pytest.raises(Refused) as refused:
            site.store(method, f"/admin/orderguard/{path}")
        assert 401 == refused.value.status
    with pytest.raises(Refused) as unknown:
        driver.push_again("order_1")
    assert 404 == unknown.value.status


def test_20_goods_count_as_given_back_when_they_are_paid_back(driver: MedusaDriver) -> None:
    order = driver.protected(pieces=2)
    driver.ship(order)
    driver.site.control("give_back", order, 1)
    driver.run_queue()

    assert covered(100_00, 4_98) == driver.merchant.books(order)
    assert "could not look for changes" not in driver.site.log()


def test_22_a_setting_may_depend_on_the_cart(
    site: Site, driver: MedusaDriver, running_server: Any
) -> None:
    other = Merchant(running_server)
    with other.front.door:
        there = MedusaDriver(site, other)
        there._region = "ca"
        there.begin_anew()
        site.control("settings", {"us": driver.keys(), "ca": there.keys()})
        here_order, there_order = driver.protected(), there.protected()
        driver.run_queue()

        driver.assert_covered(here_order, total=59_98, goods=50_00)
        there.assert_covered(there_order, total=None, goods=50_00)
        assert driver.merchant.order(there_order) is None
        assert other.order(here_order) is None
    other.front.close()


def test_24_a_cart_that_was_open_is_sold_without_the_fee(lasting: MedusaDriver) -> None:
    driver = lasting
    driver.cart()
    cart = driver.shopper.cart

    driver.uninstall()
    driver.begin_anew()
    driver.shopper.cart = cart

    order = driver.place()
    assert (None, 55_00) == (driver.fee(order), driver.total(order))
    driver.assert_nothing_billed()

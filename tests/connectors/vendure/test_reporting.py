"""What Orderguard hears of Vendure's orders, and its settings: the rows, and what is its own."""

from __future__ import annotations

from typing import Any

from tests.connectors.rows.installing import *  # noqa: F403
from tests.connectors.rows.reporting import *  # noqa: F403
from tests.connectors.vendure.driver import VendureDriver
from tests.connectors.vendure.site import Site
from tests.connectors.woocommerce.merchant import Merchant, covered


def test_20_pieces_that_are_cancelled_and_refunded_count_once(driver: VendureDriver) -> None:
    code = driver.protected(pieces=3)
    driver.owner.cancel(code, pieces=1)
    driver.run_queue()
    assert covered(100_00, 5_10) == driver.merchant.books(code)

    driver.refund(code, 50_00, pieces=1)
    driver.run_queue()

    assert covered(100_00, 5_10) == driver.merchant.books(code)


def test_22_each_channel_has_its_own_keys(
    shop: Site, driver: VendureDriver, running_server: Any
) -> None:
    other = Merchant(running_server)
    with other.front.door:
        there = VendureDriver(shop, other)
        there._begin("gross")
        keys = {"net": driver.keys(), "gross": there.keys()}
        shop.control("settings", keys)
        here_order, there_order = driver.protected(), there.protected()
        driver.run_queue()

        driver.assert_covered(here_order, total=59_98, goods=50_00)
        there.assert_covered(there_order, total=59_98, goods=50_00)
        assert driver.merchant.order(there_order) is None
        assert other.order(here_order) is None
    other.front.close()

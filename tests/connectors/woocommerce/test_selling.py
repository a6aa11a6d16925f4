"""What shoppers see and pay in WooCommerce: the rows of all platforms, and what is its own."""

from __future__ import annotations

from tests.connectors.rows.selling import *  # noqa: F403
from tests.connectors.woocommerce.driver import WooCommerceDriver
from tests.connectors.woocommerce.site import Site


def test_12_decimals_that_a_currency_does_not_have_are_only_shown(
    shop: Site, driver: WooCommerceDriver
) -> None:
    driver.sell_in("JPY")
    shop.control("options", {"woocommerce_price_num_decimals": 2})
    driver.add("lamp")

    assert 498 == driver.see().offer
    assert 553 == driver.tick().total
    driver.assert_covered(driver.reported(), total=553, goods=50, fee=498)

"""A shop with the plugin passes the integration check by its own traffic."""

from __future__ import annotations

from tests.connectors.checked import assert_passed
from tests.connectors.vendure.shopper import Shopper
from tests.connectors.vendure.site import Site
from tests.connectors.vendure.test_selling import reported
from tests.connectors.woocommerce.merchant import Merchant


def test_the_traffic_of_the_shop_breaks_no_rule(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    # Given a protected pickup, a protected order of a cart that changed, and a declined order
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    shopper.set_rate("pickup")
    shopper.see()
    shopper.tick()
    reported(shop, shopper)
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    shopper.add("throw")
    reported(shop, shopper)
    shopper.add("lamp")
    shopper.see()
    reported(shop, shopper)

    assert_passed(merchant.shop, orders=3)

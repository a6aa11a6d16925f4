"""A shop with the plugin passes the integration check by its own traffic."""

from __future__ import annotations

from tests.connectors.checked import assert_passed
from tests.connectors.woocommerce.merchant import Merchant
from tests.connectors.woocommerce.shoppers import Shopper
from tests.connectors.woocommerce.site import Site
from tests.connectors.woocommerce.test_selling import paid


def test_the_traffic_of_the_shop_breaks_no_rule(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    # Given a protected pickup, a protected order of a cart that changed, and a declined order
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    shopper.set_rate("pickup")
    shopper.tick()
    paid(shop, shopper)
    shopper.add("lamp")
    shopper.see()
    shopper.set_rate("ship")
    shopper.tick()
    shopper.add("throw")
    shopper.see()
    paid(shop, shopper)
    shopper.add("lamp")
    shopper.see()
    paid(shop, shopper)

    assert_passed(merchant.shop, orders=3)

"""A shop with the connector passes the integration check by its own traffic."""

from __future__ import annotations

from tests.connectors.checked import assert_passed
from tests.connectors.oscar.scenario import paid
from tests.connectors.oscar.shopper import Shopper
from tests.connectors.oscar.site import Site
from tests.connectors.woocommerce.merchant import Merchant


def test_the_traffic_of_the_shop_breaks_no_rule(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    # Given a protected order of a cart that changed, a pickup with protection, and a declined order
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    shopper.set_rate("pickup")
    shopper.tick()
    protected = paid(shop, shopper)
    shopper.add("lamp", 2)
    shopper.see()
    shopper.tick()
    another = paid(shop, shopper)
    shopper.add("lamp")
    shopper.see()
    declined = paid(shop, shopper)

    assert_passed(merchant.shop, orders=3)
    assert 3 == len({protected, another, declined})

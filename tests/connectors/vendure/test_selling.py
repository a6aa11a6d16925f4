"""What shoppers see and pay in Vendure: the rows of all platforms, and what is Vendure's own."""

from __future__ import annotations

from tests.connectors.driver import PRICE_ROSE
from tests.connectors.rows.selling import *  # noqa: F403
from tests.connectors.vendure.driver import VendureDriver
from tests.connectors.vendure.shopper import Shopper


def test_11_a_yes_moves_with_a_cart_that_is_merged(driver: VendureDriver) -> None:
    earlier = Shopper(driver.site)
    earlier.sign_in()
    earlier.add("lamp")  # a cart of this customer that waits
    driver.cart()

    driver.sign_in()

    # Vendure merged the carts and deleted the guest's, fee and all.
    merged = driver.see()
    assert (4_98, True, 4_98) == (merged.offer, merged.checked, merged.fee)
    goods = merged.total - 5_00 - 4_98
    driver.assert_covered(driver.reported(), total=merged.total, goods=goods)


def test_11_a_yes_that_no_longer_counts_after_the_merge_is_asked_for_again(
    driver: VendureDriver,
) -> None:
    earlier = Shopper(driver.site)
    earlier.sign_in()
    earlier.add("vase", 2)
    driver.cart()

    driver.sign_in()

    seen = driver.see()
    assert (11_98, False, PRICE_ROSE, None) == (seen.offer, seen.checked, seen.notice, seen.fee)
    driver.assert_unprotected(driver.reported(), total=seen.total)


def test_a_change_that_no_request_made_takes_the_fee_along(driver: VendureDriver) -> None:
    driver.add("throw")
    driver.cart()

    driver.site.control("script_removes", driver.shopper.code)
    driver.add("coat")

    assert driver.see().fee is None
    assert 0 == driver.merchant.billed()

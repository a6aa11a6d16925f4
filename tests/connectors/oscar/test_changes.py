"""Refunds, cancellations and other changes of orders: rows 20 and 21."""

from __future__ import annotations

from tests.connectors.oscar.scenario import (
    ended,
    protected,
)
from tests.connectors.oscar.shopper import Shopper
from tests.connectors.oscar.site import Site, pushes
from tests.connectors.woocommerce.merchant import BOTH, Merchant, covered


def test_20_a_refund_of_goods_lowers_the_cover(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shopper, pieces=2)
    shop.push()

    shop.control("refund", order, "Refund", "50.00", [1])
    shop.push()

    assert covered(50_00, 4_98) == merchant.books(order)


def test_20_a_refund_of_the_fee_ends_the_cover(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shopper)
    shop.push()

    shop.control("refund_fee", order)
    shop.push()

    assert ended(merchant.books(order))
    (refund,) = pushes(merchant, order)[-1]["refunds"]
    assert ("fee", "4.98") == (refund["type"], refund["amount"]["amount"])


def test_20_a_refund_in_full_ends_the_cover(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shopper)
    shop.push()

    shop.control("refund", order, "Refund", "59.98", [])
    shop.push()

    assert ended(merchant.books(order))


def test_20_a_small_goodwill_refund_leaves_the_cover(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shopper)
    shop.push()

    shop.control("refund", order, "Refund", "3.00", [])
    shop.push()

    books = merchant.books(order)
    assert books
    assert (4_98, set(BOTH)) == (books.billed, set(books.covered))
    assert 2 == len(pushes(merchant, order))


def test_21_an_order_that_ends_takes_cover_and_billing_along(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shopper)
    shop.push()
    assert 4_98 == merchant.billed()

    shop.control("set_status", order, "Cancelled")
    shop.push()

    assert ended(merchant.books(order))


def test_21_a_status_that_an_import_sets_is_heard_of(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shopper)
    shop.push()

    shop.control("set_status_by_hand", order, "Cancelled")
    shop.push()

    assert ended(merchant.books(order))


def test_21_an_order_that_was_never_paid_is_never_told(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shop.settings(merchant, TESTSHOP_RECORDS_PAYMENTS=False)
    order = protected(shopper)
    shop.control("set_status", order, "Cancelled")
    shop.push()

    assert ([], 0) == (merchant.orders(), merchant.billed())


def test_21_an_order_that_is_deleted_is_deleted(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shopper)
    shop.push()

    shop.control("delete", order)
    shop.push()

    assert 0 == merchant.billed()


def test_21_an_order_from_the_dashboard_is_reported_when_paid(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = shop.control("dashboard_order", "Pending")
    shop.push()
    assert merchant.order(order) is None

    shop.control("set_status", order, "Being processed")
    shop.push()

    books = merchant.books(order)
    assert books
    assert ("declined", 0) == (books.outcome, books.billed)

"""Ways to an order and out of it beside the checkout's form: packages, other pages, refunds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.connectors.woocommerce.driver import WooCommerceDriver
from tests.connectors.woocommerce.front import GONE
from tests.connectors.woocommerce.merchant import Merchant, covered
from tests.connectors.woocommerce.shoppers import BlockShopper, ClassicShopper
from tests.connectors.woocommerce.site import PLUGIN, Site
from tests.connectors.words import CHANGED


def deliveries(shop: Site) -> list[str]:
    """How the goods of the cart that was last asked about get to the shopper, by package."""
    asked = [each["body"] for each in shop.requests() if each["path"] == "/v1/analyze"]
    return [group["deliveryMethod"] for group in asked[-1]["deliveryGroups"]]


def test_09_each_package_is_delivered_in_its_own_way(
    shop: Site, driver: WooCommerceDriver, merchant: Merchant
) -> None:
    shop.control("options", {"test_split": "yes"})
    for product in ("lamp", "throw", "ebook"):
        driver.shopper.add(product)
    driver.shopper.see()
    ticked = driver.shopper.tick()
    assert ["SHIPPING", "SHIPPING"] == deliveries(shop)
    assert ("4.98", "99.98") == (ticked.fee, ticked.total)  # 85.00, twice 5.00

    mixed = driver.shopper.set_rate("pickup", package=1)
    assert ["SHIPPING", "PICKUP"] == deliveries(shop)
    assert ("$2.98", CHANGED, None, "90.00") == (
        mixed.offer,
        mixed.notice,
        mixed.fee,
        mixed.total,
    )
    assert "92.98" == driver.shopper.tick().total

    order = int(driver.reported())
    assert "92.98" == shop.control("order", order)["total"]
    assert covered(85_00, 2_98, ["returnCoverage"]) == merchant.books(order)


def declined(shop: Site, driver: WooCommerceDriver) -> Any:
    """The id of a protected order whose card was declined."""
    shop.control("options", {"test_card_declines": "yes"})
    driver.shopper.add("lamp")
    driver.shopper.see()
    driver.shopper.tick()
    assert driver.shopper.place().order is None
    return shop.control("last_order")["id"]


def test_15_an_order_that_failed_is_billed_when_it_is_paid_on_its_own_page(
    shop: Site, driver: WooCommerceDriver, merchant: Merchant
) -> None:
    order = declined(shop, driver)
    shop.control("run_queue", True)
    assert ([], 0) == (merchant.orders(), merchant.billed())

    shop.control("options", {"test_card_declines": "no"})
    driver.shopper.pay_for(order)
    shop.control("run_queue", True)

    assert "59.98" == shop.control("order", order)["total"]
    assert covered(50_00, 4_98) == merchant.books(order)
    driver.assert_the_next_order_is_right()


def test_15_two_tries_with_different_carts_that_are_both_paid_are_both_covered(
    shop: Site, driver: WooCommerceDriver, merchant: Merchant
) -> None:
    failed = declined(shop, driver)

    shop.control("options", {"test_card_declines": "no"})
    driver.shopper.add("throw")
    assert driver.shopper.see().checked
    second = int(driver.reported())
    assert second != failed
    driver.shopper.pay_for(failed)
    shop.control("run_queue", True)

    assert covered(65_00, 2 * 4_98) == merchant.books(second)
    assert covered(50_00, 2 * 4_98) == merchant.books(failed)


def test_15_an_order_from_the_admin_is_paid_on_its_own_page_without_protection(
    shop: Site, driver: WooCommerceDriver, merchant: Merchant
) -> None:
    order = shop.control("admin_order", "lamp", False)["id"]
    driver.shopper.add("lamp")
    driver.shopper.see()
    driver.shopper.tick()

    driver.shopper.pay_for(order)
    shop.control("run_queue", True)

    books = merchant.books(order)
    assert books
    assert ("declined", {}, 0) == (books.outcome, books.covered, books.billed)
    driver.assert_the_next_order_is_right()


@pytest.fixture
def express(shop: Site) -> Iterator[tuple[ClassicShopper, BlockShopper]]:
    """A shopper in the classic checkout, and an express button in the same browser."""
    with ClassicShopper(shop) as shopper, BlockShopper(shop) as button:
        shop.control("options", shopper.page_option)
        button.http.close()
        button.http = shopper.http
        shopper.add("lamp")
        shopper.see()
        yield shopper, button


def paid(shop: Site, button: BlockShopper) -> int:
    """The number of the order that the button places and pays, once it is reported."""
    placed = button.place()
    assert placed.order, placed.error
    shop.control("run_queue")
    return placed.order


@pytest.mark.parametrize(
    ("says_yes", "total", "billed"), [(True, "59.98", 4_98), (False, "55.00", 0)]
)
def test_14_an_express_button_beside_the_classic_form_takes_the_choice_along(
    shop: Site, express: tuple[ClassicShopper, BlockShopper], merchant: Merchant,
    says_yes: bool, total: str, billed: int,
) -> None:  # fmt: skip
    shopper, button = express
    if says_yes:
        shopper.tick()

    assert total == button.sheet(beside=shopper.page)
    order = paid(shop, button)

    told = shop.control("order", order)
    assert total == f"{float(told['total']):.2f}"
    assert told["session"]
    books = merchant.books(order)
    assert books
    assert ("accepted" if says_yes else "declined", billed) == (books.outcome, books.billed)


def test_14_an_express_button_charges_no_fee_that_its_sheet_did_not_show(
    shop: Site, express: tuple[ClassicShopper, BlockShopper], merchant: Merchant
) -> None:
    shopper, button = express
    shopper.tick()
    shopper.add("throw")  # on a page where nobody asks Orderguard
    product = f"{shop.url}/?p={shop.ids['throw']}"

    assert "70.00" == button.sheet(beside=product)
    stopped = button.place()
    assert stopped.order is None
    assert "Order protection now costs $4.98." in stopped.error

    assert "74.98" == button.sheet(beside=product)
    assert covered(65_00, 4_98) == merchant.books(paid(shop, button))


def test_20_a_part_of_the_fee_given_back_lowers_the_bill_and_leaves_the_cover(
    shop: Site, driver: WooCommerceDriver, merchant: Merchant
) -> None:
    order = int(driver.protected())
    shop.control("run_queue", True)

    shop.control("refund", order, [], 0.5)
    shop.control("run_queue", True)
    assert covered(50_00, 2_49) == merchant.books(order)

    shop.control("refund", order, [], 0.5)
    shop.control("run_queue", True)
    books = merchant.books(order)
    assert books
    assert ({}, 0) == (books.covered, books.billed)


def test_20_goods_given_back_piece_by_piece_lower_the_cover_each_time(
    shop: Site, driver: WooCommerceDriver, merchant: Merchant
) -> None:
    order = int(driver.protected(pieces=3))
    shop.control("run_queue", True)
    billed = merchant.billed()

    for left in (100_00, 50_00):
        shop.control("refund", order, [1])
        shop.control("run_queue", True)
        assert covered(left, billed) == merchant.books(order)

    shop.control("refund", order, [1])
    shop.control("run_queue", True)
    books = merchant.books(order)
    assert books
    assert {0} == set(books.covered.values())  # what is left of the order are shipping and fee


def test_24_uninstalled_with_reports_waiting_and_installed_again_nothing_paid_is_lost(
    shop: Site, driver: WooCommerceDriver, merchant: Merchant
) -> None:
    orders = [int(driver.protected()) for _ in range(2)]
    merchant.front.spoiled = GONE
    shop.control("run_queue")
    shop.control("deactivate", PLUGIN)
    shop.control("uninstall", PLUGIN)
    driver.shopper.add("lamp")
    without = driver.shopper.place().order
    assert without

    merchant.front.spoiled = None
    shop.install_again(**merchant.settings())
    shop.control("run_queue", True)

    for order in orders:
        assert covered(50_00, 2 * 4_98) == merchant.books(order)
    taken = [each for each in shop.requests() if each["status"] in (200, 201)]
    sent = [each["body"]["external_id"] for each in taken if each["method"] == "PUT"]
    assert [1, 1] == [sent.count(str(order)) for order in orders]
    driver.assert_the_next_order_is_right()

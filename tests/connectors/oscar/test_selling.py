"""What shoppers see and pay in an Oscar shop: the rows of all platforms, and what is its own."""

from __future__ import annotations

from tests.connectors.driver import PRICE_ROSE
from tests.connectors.oscar.driver import OscarDriver
from tests.connectors.rows.selling import *  # noqa: F403
from tests.connectors.woocommerce.merchant import Merchant


def test_02_a_tick_that_arrives_with_the_order_is_shown_before_it_is_charged(
    driver: OscarDriver,
) -> None:
    driver.add("lamp")
    driver.see()

    stopped = driver.shopper.place(ticked=True)  # no JavaScript, and nobody pressed "Update"
    assert stopped.order is None
    assert "Order protection now costs $4.98." in stopped.error
    assert "$4.98" == driver.shopper.basket().fee
    driver.see()

    driver.assert_covered(driver.reported(), total=59_98, goods=50_00)


def test_07_a_no_that_arrives_with_the_order_is_not_charged(driver: OscarDriver) -> None:
    driver.cart()

    placed = driver.shopper.place(ticked=False)
    driver.run_queue()

    assert placed.order, placed.error
    driver.assert_unprotected(placed.order, total=55_00)


def test_11_a_member_with_a_basket_is_asked_again_when_the_merged_one_costs_more(
    driver: OscarDriver,
) -> None:
    driver.sign_in()
    driver.add("vase", 2)
    driver.begin_anew()
    driver.cart()

    driver.sign_in()

    rose = driver.see()
    assert (11_98, False, PRICE_ROSE, 255_00) == (
        rose.offer, rose.checked, rose.notice, rose.total,
    )  # fmt: skip
    driver.tick()
    driver.assert_covered(driver.reported(), total=266_98, goods=250_00, fee=11_98)


def test_11_a_members_yes_outlives_a_guest_who_said_nothing(driver: OscarDriver) -> None:
    driver.sign_in()
    driver.cart()
    driver.begin_anew()
    driver.add("throw", 2)
    driver.see()

    driver.sign_in()

    seen = driver.see()
    assert (True, 4_98, 89_98) == (seen.checked, seen.fee, seen.total)
    driver.assert_covered(driver.reported(), total=89_98, goods=80_00)


def test_12_prices_that_two_decimals_cannot_hold_are_told_to_the_owner(
    driver: OscarDriver, merchant: Merchant
) -> None:
    driver.sell_in("KWD")

    assert "more decimals" in driver.diagnosis()
    assert 0 == merchant.billed()


def test_17_a_cart_of_a_hundred_lines_with_titles_of_html(driver: OscarDriver) -> None:
    driver.add("lamp")
    driver.site.control("add_lines", 100)

    driver.see()
    assert 160_10 == driver.tick().total

    assert "<b>Piece & 0</b>" in {line["title"] for line in driver.asked()[-1]["cart"]["lines"]}
    driver.assert_covered(driver.reported(), total=160_10, goods=150_00, fee=5_10)

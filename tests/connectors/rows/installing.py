"""Settings, an app that is away for a while, and the end of it: rows 22 to 24."""

from __future__ import annotations

from typing import Any

from tests.connectors.checked import assert_passed
from tests.connectors.driver import Driver
from tests.connectors.rows import Case, each, row
from tests.connectors.woocommerce.front import UNAVAILABLE

__all__ = [
    "test_22_wrong_settings_cost_no_sale_and_are_told",
    "test_23_switched_off_and_on_again_nothing_is_lost",
    "test_24_uninstalled_the_shop_sells_and_only_orders_say_what_they_say",
    "test_the_traffic_of_the_shop_breaks_no_rule_of_the_integration_check",
]


def without_settings_the_shop_sells_and_says_nothing(driver: Driver) -> None:
    driver.disconnect()
    driver.add("lamp")

    assert driver.see().offer is None
    order = driver.place()
    driver.run_queue()

    assert [] == driver.merchant.front.door.received
    assert (None, 55_00) == (driver.fee(order), driver.total(order))
    assert [] == driver.notes(order)
    driver.assert_nothing_billed()


def wrong_settings_cost_no_sale(driver: Driver, wrong: dict[str, Any], told: str) -> None:
    driver.connect(**wrong)
    driver.add("lamp")

    assert driver.see().offer is None or "orders_key" in wrong or driver.has_a_form
    order = driver.place()
    driver.run_queue()

    assert (None, 55_00) == (driver.fee(order), driver.total(order))
    assert 0 == driver.merchant.billed()
    if driver.has_test_button:
        said = driver.diagnosis()
        assert told in said


def right_settings_are_said_to_be_right(driver: Driver) -> None:
    assert "4.98" in driver.diagnosis()
    driver.assert_nothing_billed()  # the test makes no order


def swapped_keys_are_said_to_be_swapped(driver: Driver) -> None:
    merchant = driver.merchant
    driver.connect(cart_key=merchant.orders_key, orders_key=merchant.cart_key)

    assert "swapped" in driver.diagnosis()
    driver.assert_nothing_billed()


def an_address_may_end_in_a_slash(driver: Driver) -> None:
    driver.connect(url=f"{driver.merchant.front.url}/")

    order = driver.protected()
    driver.run_queue()

    driver.assert_covered(order, total=59_98, goods=50_00)


@row(
    without_settings_the_shop_sells_and_says_nothing,
    each(
        wrong_settings_cost_no_sale,
        cart_key=({"cart_key": "og_wrong"}, "401"),
        orders_key=({"orders_key": "og_wrong"}, "401"),
        no_orders_key=({"orders_key": None}, ""),
        dead_address=({"url": "http://127.0.0.1:9"}, "not answer"),
        no_address=({"url": "orderguard.example"}, "is no address"),
    ),
    right_settings_are_said_to_be_right,
    swapped_keys_are_said_to_be_swapped,
    an_address_may_end_in_a_slash,
)
def test_22_wrong_settings_cost_no_sale_and_are_told(driver: Driver, case: Case) -> None:
    case(driver)


def test_23_switched_off_and_on_again_nothing_is_lost(lasting: Driver) -> None:
    driver = lasting
    cancelled = driver.protected()
    driver.run_queue()
    waiting = driver.protected(spoiled=UNAVAILABLE)
    driver.run_queue()

    driver.switch_off()
    meanwhile, total = driver.sell()
    driver.cancel(cancelled)
    driver.merchant.front.spoiled = None
    assert 50_00 == total
    assert 4_98 == driver.merchant.billed()  # nobody is told
    driver.switch_on()

    driver.assert_covered(waiting, total=59_98, goods=50_00)  # and nothing else is billed
    driver.assert_unprotected(meanwhile, total=None, billed=4_98)
    ended = driver.merchant.books(cancelled)
    assert ended
    assert {} == ended.covered
    assert 3 == len(driver.merchant.orders())


def test_24_uninstalled_the_shop_sells_and_only_orders_say_what_they_say(lasting: Driver) -> None:
    driver = lasting
    order = driver.protected()
    driver.run_queue()
    driver.cart()  # a cart with a yes is open

    left = driver.uninstall()

    assert [] == left
    assert 50_00 == driver.sell()[1]
    driver.assert_covered(order, total=59_98, goods=50_00)  # and the order still says its fee


def test_the_traffic_of_the_shop_breaks_no_rule_of_the_integration_check(driver: Driver) -> None:
    # Given a protected pickup, a protected order of a cart that changed, and a declined order
    driver.cart()
    driver.set_rate("pickup")
    driver.see()
    driver.tick()
    driver.reported()
    driver.add("lamp")
    driver.see()
    driver.set_rate("parcel")
    driver.see()
    driver.tick()
    driver.add("throw")
    driver.see()
    driver.reported()
    driver.add("lamp")
    driver.see()
    driver.reported()

    assert_passed(driver.merchant.shop, orders=3)

"""What shoppers see and pay in Medusa: the rows, and the guards of the line of the fee."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.connectors.medusa.driver import MedusaDriver
from tests.connectors.medusa.shopper import money
from tests.connectors.medusa.site import Ground, Refused
from tests.connectors.rows.selling import *  # noqa: F403
from tests.connectors.rows.selling import ACCEPTED, raised
from tests.connectors.woocommerce.merchant import BOTH, Merchant


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": 5},
        {"quantity": 1, "metadata": {"orderguard": {"modes": ["returnCoverage"]}}},
        {"quantity": 1, "metadata": {}},
    ],
    ids=["quantity", "modes", "no mark"],
)
def test_03_the_shopper_cannot_change_the_line_of_the_fee(
    driver: MedusaDriver, change: dict[str, object]
) -> None:
    driver.cart()
    (fee,) = driver.shopper.fee_lines

    with pytest.raises(Refused) as refused:
        driver.shopper.change(fee, **change)

    assert 400 == refused.value.status
    assert "cannot be changed" in refused.value.message
    assert ACCEPTED == driver.see()
    driver.assert_covered(driver.reported(), total=59_98, goods=50_00)


def test_03_goods_that_pretend_to_be_the_fee_are_goods(driver: MedusaDriver) -> None:
    shopper = driver.shopper
    driver.add("lamp")
    mark = {"orderguard": {"session": "lop_00000000000000000000", "modes": BOTH, "amount": 1}}
    line = {"variant_id": shopper.variant("throw"), "quantity": 1, "metadata": mark}
    shopper.ask("POST", f"/store/carts/{shopper.cart_id}/line-items", line)
    metadata = {"metadata": {"orderguard": {"agreed": {"amount": 1}}}}
    shopper.ask("POST", f"/store/carts/{shopper.cart_id}", metadata)

    assert not shopper.see().checked
    order = driver.reported()
    driver.assert_unprotected(order, total=70_00)
    assert 2 == len(driver.merchant.order(order)["line_items"])  # type: ignore[index]


@pytest.mark.parametrize("change", [{"quantity": 3}, {"unit_price": 99}], ids=["pieces", "price"])
def test_03_a_fee_that_nobody_agreed_to_is_mended_or_not_sold(
    driver: MedusaDriver, change: dict[str, object]
) -> None:
    driver.cart()
    driver.shopper.to_payment()
    (fee,) = driver.shopper.fee_lines
    driver.site.control("tamper", fee["id"], change)  # what no route of the Store API does

    order = driver.shopper.complete()["order"]["id"]

    driver.run_queue()
    driver.assert_covered(order, total=59_98, goods=50_00)


def test_03_code_of_the_shop_cannot_sell_a_fee_that_nobody_agreed_to(driver: MedusaDriver) -> None:
    driver.cart()
    driver.shopper.to_payment()
    (fee,) = driver.shopper.fee_lines
    driver.site.control("tamper", fee["id"], {"unit_price": 99})

    with pytest.raises(AssertionError, match="protection has changed"):
        driver.site.control("complete", driver.shopper.cart_id)

    driver.run_queue()
    driver.assert_nothing_billed()
    assert ACCEPTED == driver.see()
    driver.assert_covered(driver.reported(), total=59_98, goods=50_00)


def test_03_a_shop_with_its_own_handler_keeps_it_and_the_fee_is_put_right(
    ground: Ground, merchant: Merchant
) -> None:
    with ground.site(mode="own") as site:
        assert "call guardLine of @orderguard/medusa" in site.log()
        driver = MedusaDriver(site, merchant)
        driver.cart()
        shopper = driver.shopper

        shopper.change(shopper.fee_lines[0], quantity=5)

        assert (Decimal("4.98"), Decimal("59.98")) == (shopper.fee, shopper.total)
        shopper.change(shopper.fee_lines[0], quantity=1, metadata={})
        assert ACCEPTED == driver.see()
        driver.assert_covered(driver.reported(), total=59_98, goods=50_00)


def test_03_a_shopper_who_removes_the_line_says_no(driver: MedusaDriver) -> None:
    driver.cart()

    driver.shopper.remove(driver.shopper.fee_lines[0])

    assert (None, Decimal(55)) == (driver.shopper.fee, driver.shopper.total)
    driver.add("throw")
    assert (False, None, None) == ((seen := driver.see()).checked, seen.fee, seen.notice)
    driver.assert_unprotected(driver.reported(), total=70_00)


def test_12_another_region_with_the_same_currency_keeps_the_yes(driver: MedusaDriver) -> None:
    driver.cart()

    driver.shopper.set_region("ca")  # Medusa deletes lines with a price of their own

    seen = driver.see()
    assert (True, 4_98) == (seen.checked, seen.fee)
    driver.shopper.set_rate("Parcel")
    driver.assert_covered(driver.reported(), total=None, goods=50_00)


def test_13_a_fee_can_be_exempt_where_tax_comes_on_top(driver: MedusaDriver) -> None:
    driver.with_tax(included=False, on_the_fee=False)
    driver.add("vase")
    before = driver.see()

    assert before.total + 5_10 == driver.tick().total
    driver.assert_covered(driver.reported(), total=before.total + 5_10, goods=133_00, fee=5_10)


def test_25_once_the_payment_has_begun_the_price_stands(driver: MedusaDriver) -> None:
    driver.cart()
    driver.shopper.to_payment()
    raised(driver, 7_00)
    driver.site.control("age", driver.shopper.cart_id, 7200)

    order = driver.shopper.complete()["order"]["id"]
    driver.run_queue()

    driver.assert_covered(order, total=59_98, goods=50_00)


def test_a_change_that_no_request_made_takes_the_fee_along(driver: MedusaDriver) -> None:
    driver.cart()
    shopper = driver.shopper

    driver.site.control("script_adds", shopper.cart_id, shopper.variant("lamp"), 2)
    driver.run_queue()

    shopper.refresh()
    assert (Decimal("5.1"), Decimal("160.1")) == (shopper.fee, money(shopper.total))
    driver.assert_covered(driver.reported(), total=160_10, goods=150_00, fee=5_10)

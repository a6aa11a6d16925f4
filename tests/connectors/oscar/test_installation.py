"""Settings, an app that was off, and the end of it: rows 22 to 24."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.connectors.oscar.scenario import (
    ended_alone,
    json_of,
    protected,
)
from tests.connectors.oscar.shopper import Shopper
from tests.connectors.oscar.site import Site
from tests.connectors.woocommerce.merchant import BOTH, Merchant, covered


def test_22_without_settings_the_shop_sells_and_says_nothing(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shop.settings(merchant, ORDERGUARD_URL="", ORDERGUARD_KEY="")
    shopper.add("lamp")

    assert shopper.see().offer is None
    order = shopper.place().order

    assert order
    assert [] == merchant.front.door.received
    assert ([], []) == (shop.order(order)["ours"], shop.order(order)["surcharges"])
    warnings = shop.control("warnings")
    assert {"orderguard.W001"} <= set(warnings)
    assert not shop.control("command", "orderguard_test")["ok"]
    shop.settings(merchant)
    shop.push()  # connected at last, it reports what was sold since the installation
    assert merchant.order(order)
    assert 0 == merchant.billed()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"ORDERGUARD_KEY": "og_wrong"}, "ORDERGUARD_KEY: 401"),
        ({"ORDERGUARD_ORDERS_KEY": "og_wrong"}, "ORDERGUARD_ORDERS_KEY: 401"),
        ({"ORDERGUARD_URL": "http://127.0.0.1:9"}, "does not answer"),
        ({"ORDERGUARD_URL": "orderguard.example"}, "is no address"),
        ({"ORDERGUARD_FEE_TAX_RATE": "19"}, "20 % is written as 0.20"),
        ({"ORDERGUARD_ORDER_STATES": {"Pending": "payed"}}, "known are unpaid, paid, ended"),
    ],
)
def test_22_wrong_settings_cost_no_sale_and_are_said(
    shop: Site, shopper: Shopper, merchant: Merchant, wrong: dict[str, str], sentence: str
) -> None:
    shop.settings(merchant, **wrong)
    shopper.add("lamp")

    shopper.see()
    assert shopper.place().order
    assert 0 == merchant.billed()
    told = shop.control("command", "orderguard_test")
    assert (False, True) == (told["ok"], sentence in told["said"]), told["said"]


def test_22_right_settings_are_said_to_be_right(shop: Site, merchant: Merchant) -> None:
    address = f"{merchant.front.url}/v1/analyze/"  # pasted with a route and a slash
    shop.settings(merchant, ORDERGUARD_URL=address)

    told = shop.control("command", "orderguard_test")

    assert told["ok"], told["said"]
    assert "offered for 4.98 USD" in told["said"]
    assert 0 == merchant.billed()


def test_22_swapped_keys_are_said_to_be_swapped(shop: Site, merchant: Merchant) -> None:
    keys = {"ORDERGUARD_KEY": merchant.orders_key, "ORDERGUARD_ORDERS_KEY": merchant.cart_key}
    shop.settings(merchant, **keys)

    assert "swapped" in shop.control("command", "orderguard_test")["said"]
    assert 0 == merchant.billed()


def test_23_switched_off_and_on_again_nothing_is_lost(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.sign_in()
    cancelled = protected(shopper)
    shop.push()
    waiting = protected(shopper)
    unseen = protected(shopper)

    shop.control("set_status_unseen", cancelled, "Cancelled")
    shop.control("forget_row", unseen)

    shop.push()

    assert ended_alone(merchant, cancelled)
    for order in (waiting, unseen):
        books = merchant.books(order)
        assert books
        assert ("accepted", "exact", dict.fromkeys(BOTH, 50_00)) == (
            books.outcome, books.verdict, books.covered,
        )  # fmt: skip
    assert 2 * 4_98 == merchant.billed()


def test_23_orders_from_before_the_installation_are_not_reported(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shop.settings(merchant, ORDERGUARD_URL="")
    shopper.add("lamp")
    order = shopper.place().order
    shop.settings(merchant)
    shop.control("place_long_ago", order, 20)

    shop.control("set_status", order, "Being processed")
    shop.push("--all")

    assert [] == merchant.orders()


def test_24_uninstalled_the_orders_say_what_they_say_and_nothing_else_is_left(
    shop: Site, shopper: Shopper, merchant: Merchant, tmp_path: Path
) -> None:
    order = protected(shopper)
    shop.push()
    shopper.add("lamp")
    shopper.see()
    # A copy of the shop: the tables of the one that serves are still needed.
    shutil.copyfile(shop.folder / "shop.sqlite", tmp_path / "shop.sqlite")

    shop.environment.run(tmp_path, "migrate", "orderguard_oscar", "zero", "-v0")

    script = (
        "import json; from tests.connectors.oscar.testshop import control as c;"
        "print(json.dumps([c.search('orderguard'), c.sell('lamp')]))"
    )
    said = shop.environment.run(
        tmp_path, "shell", "--verbosity", "0", "-c", script, TESTSHOP_CONNECTED="no"
    )
    left, total = json_of(said)
    assert ["order_surcharge.code"] == left
    assert "50.00" == total
    assert covered(50_00, 4_98) == merchant.books(order)

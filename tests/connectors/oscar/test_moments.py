"""Outages, and prices that change meanwhile, in an Oscar shop: rows 17 and 25."""

from __future__ import annotations

import pytest

from tests.client.pretend_server import Reply
from tests.connectors.oscar.scenario import (
    AGAIN,
    PRICE_ROSE,
    REMOVED,
    declined,
    paid,
    publish,
    raised,
)
from tests.connectors.oscar.shopper import Seen, Shopper
from tests.connectors.oscar.site import Site, asked
from tests.connectors.woocommerce.front import (
    GONE,
    HALF_AN_ANSWER,
    NONSENSE,
    SILENT,
    UNAVAILABLE,
)
from tests.connectors.woocommerce.merchant import Merchant, covered


@pytest.mark.parametrize(
    "spoiled", [GONE, UNAVAILABLE, NONSENSE, HALF_AN_ANSWER, Reply(500, {}), Reply(401, {})]
)
def test_17_an_orderguard_out_of_order_costs_no_sale(
    shop: Site, shopper: Shopper, merchant: Merchant, spoiled: Reply
) -> None:
    merchant.front.spoiled = spoiled
    shopper.add("lamp")

    assert (None, None) == ((seen := shopper.see()).offer, seen.fee)
    placed = shopper.place()

    assert placed.order, placed.error
    merchant.front.spoiled = None
    shop.push("--now")
    assert declined(merchant, placed.order)


def test_17_silence_is_waited_for_once(shop: Site, shopper: Shopper, merchant: Merchant) -> None:
    shop.settings(merchant, ORDERGUARD_BUDGET_MS=800)
    merchant.front.spoiled = SILENT
    shopper.add("lamp")

    shopper.see()
    placed = shopper.place()

    # The client waits 0.8 seconds, and then nobody asks for ten.
    assert 1 == merchant.front.asked("/v1/analyze")
    merchant.front.spoiled = None
    shop.push("--now")
    assert declined(merchant, str(placed.order))


@pytest.mark.parametrize("spoiled", [UNAVAILABLE, SILENT])
def test_17_a_yes_given_before_orderguard_went_silent_is_charged_and_covered(
    shop: Site, shopper: Shopper, merchant: Merchant, spoiled: Reply
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    shop.settings(merchant, ORDERGUARD_BUDGET_MS=800)
    merchant.front.spoiled = spoiled
    placed = shopper.place()

    assert "59.98" == shop.order(placed.order)["total"]
    merchant.front.spoiled = None
    shop.push("--now")
    assert covered(50_00, 4_98) == merchant.books(placed.order)


def test_17_a_yes_that_an_outage_interrupted_is_asked_for_again(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    merchant.front.spoiled = UNAVAILABLE
    shopper.add("lamp")  # another cart, and nobody says what it costs

    assert Seen(None, checked=False, notice=REMOVED, fee=None, total="$105.00") == shopper.see()
    merchant.front.spoiled = None

    assert (AGAIN, None) == ((seen := shopper.see()).notice, seen.fee)
    assert "$4.98" == shopper.tick().fee
    assert covered(100_00, 4_98) == merchant.books(paid(shop, shopper))


def test_17_a_cart_of_a_hundred_lines_with_titles_of_html(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shop.control("add_lines", 100)

    shopper.see()
    assert "$160.10" == shopper.tick().total

    assert "<b>Piece & 0</b>" in {line["title"] for line in asked(merchant)[-1]["cart"]["lines"]}
    assert covered(150_00, 5_10) == merchant.books(paid(shop, shopper))


def test_25_a_new_price_is_seen_within_minutes(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    publish(merchant, **raised(200))

    assert "$4.98" == shopper.see().offer
    shop.control("age", 300)

    assert "$6.98" == shopper.see().offer
    shopper.tick()
    assert covered(50_00, 6_98) == merchant.books(paid(shop, shopper))


@pytest.mark.parametrize("age", [0, 300])
def test_25_a_higher_price_while_placing_is_asked_about_once(
    shop: Site, shopper: Shopper, merchant: Merchant, age: int
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    publish(merchant, **raised(40))
    shop.control("age", age)

    stopped = shopper.place()
    assert stopped.order is None
    assert "Order protection now costs $5.38." in stopped.error

    order = paid(shop, shopper)
    assert "60.38" == shop.order(order)["total"]
    assert covered(50_00, 5_38) == merchant.books(order)


def test_25_a_lower_price_while_placing_is_charged_without_a_word(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    publish(merchant, **raised(-100))

    order = paid(shop, shopper)

    assert "58.98" == shop.order(order)["total"]
    assert covered(50_00, 3_98) == merchant.books(order)


def test_25_a_much_higher_price_while_placing_takes_a_new_yes(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    publish(merchant, **raised(500))

    stopped = shopper.place()
    assert (None, PRICE_ROSE) == (stopped.order, stopped.error[: len(PRICE_ROSE)])

    order = paid(shop, shopper)  # and nobody ticked
    assert "55.00" == shop.order(order)["total"]
    assert declined(merchant, order)


def test_25_protection_switched_off_while_placing_is_said_once_and_not_charged(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    publish(merchant, enabled=False)

    stopped = shopper.place()
    assert stopped.order is None
    assert REMOVED in stopped.error

    order = paid(shop, shopper)
    assert "55.00" == shop.order(order)["total"]
    assert 0 == merchant.billed()

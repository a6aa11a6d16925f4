"""Sign-in, currencies, taxes and the next order in an Oscar shop: rows 11 to 13 and 16."""

from __future__ import annotations

import pytest

from tests.connectors.oscar.conftest import OSCAR_DOCUMENT
from tests.connectors.oscar.scenario import (
    ACCEPTED,
    OFFERED,
    PRICE_ROSE,
    declined,
    paid,
    publish,
)
from tests.connectors.oscar.shopper import Seen, Shopper
from tests.connectors.oscar.site import Site, asked
from tests.connectors.woocommerce.merchant import Merchant, covered


def test_11_signing_in_keeps_session_and_yes(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    shopper.sign_in()  # Oscar merges the guest's basket into the member's

    assert ACCEPTED == shopper.see()
    order = paid(shop, shopper)
    assert "59.98" == shop.order(order)["total"]
    assert covered(50_00, 4_98) == merchant.books(order)
    assert 1 == merchant.shop.row_counts()["offer_sessions"]
    assert 1 == len({body["cartId"] for body in asked(merchant)})


def test_11_a_member_with_a_basket_is_asked_again_when_the_merged_one_costs_more(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.sign_in()
    shopper.add("vase", 2)
    guest = Shopper(shop)
    guest.add("lamp")
    guest.see()
    guest.tick()

    guest.sign_in()

    rose = Seen("$11.98", checked=False, notice=PRICE_ROSE, fee=None, total="$255.00")
    assert rose == guest.see()
    guest.tick()
    assert covered(250_00, 11_98) == merchant.books(paid(shop, guest))
    guest.close()


def test_11_a_members_yes_outlives_a_guest_who_said_nothing(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.sign_in()
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    guest = Shopper(shop)
    guest.add("throw", 2)
    guest.see()

    guest.sign_in()

    seen = guest.see()
    assert (True, "$4.98", "$89.98") == (seen.checked, seen.fee, seen.total)
    assert covered(80_00, 4_98) == merchant.books(paid(shop, guest))
    guest.close()


@pytest.mark.parametrize(
    ("currency", "price", "total", "amount"),
    [("JPY", "¥498", "553.00", 498), ("KWD", "KWD1.260", "56.26", 1_260)],
)
def test_12_amounts_have_the_decimals_of_their_currency(
    shop: Site, shopper: Shopper, merchant: Merchant,
    currency: str, price: str, total: str, amount: int,
) -> None:  # fmt: skip
    shop.control("currency", currency)
    pricing = OSCAR_DOCUMENT["pricing"]
    ships = [{"base": {"USD": 2_00, "JPY": 98, "KWD": 10}}]
    publish(merchant, pricing={**pricing, "shippingProtection": ships})
    shopper.add("lamp")

    assert price == shopper.see().offer
    shopper.tick()
    order = paid(shop, shopper)
    assert total == shop.order(order)["total"]
    unit = {"JPY": 1, "KWD": 1000}[currency]
    assert covered(50 * unit, amount) == merchant.books(order)


def test_12_a_fee_that_oscars_two_decimals_cannot_hold_is_not_offered(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shop.control("currency", "KWD")
    shopper.add("lamp")

    assert shopper.see().offer is None  # 1.255
    assert declined(merchant, paid(shop, shopper))
    assert "more decimals" in shop.control("command", "orderguard_test")["said"]


def test_12_an_unknown_currency_is_no_request_no_note_and_no_loss(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shop.control("currency", "IRT")
    shopper.add("lamp")

    assert shopper.see().offer is None
    order = paid(shop, shopper)

    assert [] == merchant.front.door.received
    assert [] == shop.order(order)["notes"]
    assert 0 == merchant.billed()


@pytest.mark.parametrize(("rate", "excl_tax"), [("0", "11.98"), ("0.19", "10.07")])
def test_13_a_shop_that_shows_tax_is_quoted_charged_and_covered_with_tax(
    shop: Site, shopper: Shopper, merchant: Merchant, rate: str, excl_tax: str
) -> None:
    shop.settings(merchant, TESTSHOP_TAX_RATE="0.19", ORDERGUARD_FEE_TAX_RATE=rate)
    shopper.add("vase", 3)  # 119.00 each, with tax
    shopper.see()

    ticked = shopper.tick()

    assert ("$11.98", "$11.98", "$373.98") == (ticked.offer, ticked.fee, ticked.total)
    assert 357_00 == asked(merchant)[-1]["cart"]["subtotalAmount"]
    order = paid(shop, shopper)
    (surcharge,) = shop.order(order)["surcharges"]
    assert ("373.98", "11.98", excl_tax) == (
        shop.order(order)["total"],
        surcharge["incl_tax"],
        surcharge["excl_tax"],
    )
    assert covered(357_00, 11_98) == merchant.books(order)


def test_13_a_shop_that_adds_tax_is_quoted_charged_and_covered_without(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shop.settings(
        merchant,
        TESTSHOP_TAX_RATE="0.19",
        ORDERGUARD_SHOWS_TAX=False,
        ORDERGUARD_FEE_TAX_RATE="0.19",
    )
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    order = paid(shop, shopper)

    assert "70.43" == shop.order(order)["total"]  # 54.98 and 19 %, and 5.00
    (surcharge,) = shop.order(order)["surcharges"]
    assert ("5.93", "4.98") == (surcharge["incl_tax"], surcharge["excl_tax"])
    assert covered(50_00, 4_98) == merchant.books(order)


def test_16_the_next_order_starts_unticked_in_a_session_of_its_own(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.sign_in()
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    first = paid(shop, shopper)

    shopper.add("lamp")
    assert OFFERED == shopper.see()
    second = paid(shop, shopper)

    assert covered(50_00, 4_98) == merchant.books(first)
    ends = [merchant.order(number) for number in (first, second)]
    assert ["accepted", "declined"] == [end["acceptance"]["outcome"] for end in ends if end]
    assert 2 == len({end["acceptance"]["session_id"] for end in ends if end})
    assert 2 == len({body["cartId"] for body in asked(merchant)})


def test_16_a_returning_shoppers_second_yes_is_exact(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.sign_in()
    for number in (1, 2):
        shopper.add("lamp")
        shopper.see()
        shopper.tick()
        assert covered(50_00, number * 4_98) == merchant.books(paid(shop, shopper))


def test_16_a_cart_that_was_emptied_takes_the_yes_along(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    shopper.empty()
    shopper.add("lamp")

    assert OFFERED == shopper.see()
    assert declined(merchant, paid(shop, shopper))

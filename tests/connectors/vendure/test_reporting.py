"""What Orderguard hears of Vendure's orders: rows 14, 15 and 18 to 24 of the scenario table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.client.pretend_server import Reply
from tests.connectors.vendure.conftest import connected
from tests.connectors.vendure.owner import Owner
from tests.connectors.vendure.shopper import Shopper
from tests.connectors.vendure.site import Site, running_site
from tests.connectors.woocommerce.front import GONE, REFUSED, SILENT, UNAVAILABLE
from tests.connectors.woocommerce.merchant import BOTH, Books, Merchant, covered

NOTE = "Orderguard does not have this order"
DECLINED = Books("declined", None, {}, 0, [])


def protected(shopper: Shopper, *, pieces: int = 1, outcome: str = "Settled") -> str:
    """The code of an order with the fee; whether it is reported is the queue's affair."""
    shopper.add("lamp", pieces)
    shopper.see()
    assert shopper.tick().checked
    return shopper.place(outcome)


def pushes(merchant: Merchant, code: str) -> list[dict[str, Any]]:
    """The pushes of this order, in order."""
    bodies = [
        received.body
        for received in merchant.front.door.received
        if received.path == "/api/v1/orders" and received.method == "PUT"
    ]
    return [body for body in bodies if body["external_id"] == code]


def test_14_the_order_has_session_modes_and_amount(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    code = protected(shopper, pieces=2)
    shop.control("run_queue")

    (pushed,) = pushes(merchant, code)
    (line,) = pushed["line_items"]
    assert ("50.00", "LAMP", "Lamp") == (line["unit_price"]["amount"], line["sku"], line["title"])
    assert BOTH == pushed["fees"][0]["accepted_offer_mode"]
    assert shopper.said["sessionId"] == pushed["metadata"][0]["value"]
    assert covered(100_00, 4_98) == merchant.books(code)
    shop.control("sweep")
    assert 1 == len(pushes(merchant, code))


def test_14_what_a_coupon_leaves_is_covered_to_the_cent(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("throw", 3)
    shopper.coupon("ten")  # for Vendure the fee is part of the sum: 5.00 off the goods
    shopper.see()
    shopper.tick()
    code = shopper.place()
    shop.control("run_queue")

    assert 40_00 + 5_00 + 4_98 == shopper.total
    assert covered(40_00, 4_98) == merchant.books(code)


def test_14_what_happens_to_a_shipped_order_changes_no_money(
    shop: Site, shopper: Shopper, merchant: Merchant, owner: Owner
) -> None:
    code = protected(shopper)
    shop.control("run_queue")

    owner.fulfil(code)
    shop.control("run_queue")

    assert covered(50_00, 4_98) == merchant.books(code)
    assert 1 == len(pushes(merchant, code))  # there was nothing new to say


def test_15_nothing_is_billed_before_the_money_is_there(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    shopper.to_payment()
    assert "PAYMENT_DECLINED_ERROR" == shopper.pay("Declined")["errorCode"]
    assert "PAYMENT_FAILED_ERROR" == shopper.pay("Error")["errorCode"]
    shop.control("run_queue")
    shop.control("sweep")
    assert ([], 0) == (merchant.orders(), merchant.billed())

    assert shopper.see().checked  # the cart is the same, and so is the yes
    code = shopper.pay()["code"]
    shop.control("run_queue")

    assert covered(50_00, 4_98) == merchant.books(code)
    assert 1 == len(merchant.orders())


def test_15_declined_then_paid_without_protection_is_not_billed(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    shopper.to_payment()
    shopper.pay("Declined")

    # While payment is being arranged the choice stands; the shopper goes back for another.
    assert shopper.untick().checked
    shopper.go("AddingItems")
    shopper.untick()
    code = shopper.place()
    shop.control("run_queue")

    assert 55_00 == shopper.total
    assert DECLINED == merchant.books(code)
    assert 1 == len(merchant.orders())


def test_15_an_authorized_order_is_covered_when_it_is_settled(
    shop: Site, shopper: Shopper, merchant: Merchant, owner: Owner
) -> None:
    code = protected(shopper, outcome="Authorized")
    shop.control("run_queue")
    assert ([], 0) == (merchant.orders(), merchant.billed())

    owner.settle(code)
    shop.control("run_queue")

    assert covered(50_00, 4_98) == merchant.books(code)


def test_15_an_order_that_is_cancelled_unpaid_is_never_heard_of(
    shop: Site, shopper: Shopper, merchant: Merchant, owner: Owner
) -> None:
    code = protected(shopper, outcome="Authorized")
    owner.cancel(code)
    shop.control("run_queue")
    shop.control("sweep")

    assert ([], 0) == (merchant.orders(), merchant.billed())


@pytest.mark.parametrize("spoiled", [GONE, UNAVAILABLE, SILENT, Reply(401, {}), Reply(404, {})])
def test_18_a_push_that_nobody_takes_is_repeated_until_it_is_there_once(
    shop: Site, shopper: Shopper, merchant: Merchant, owner: Owner, spoiled: Reply
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    shopper.to_payment()
    merchant.front.spoiled = spoiled
    shop.control("timeouts", 20, 1 if spoiled is SILENT else 20)
    code = shopper.pay()["code"]  # no shopper waits for a push
    shop.control("run_queue")
    health = owner.health()
    assert (1, 0) == (health["waiting"], health["refused"])
    assert code in health["lastFailure"]
    assert [] == owner.notes(code)

    merchant.front.spoiled = None
    shop.control("timeouts")
    assert {"taken": 1} == shop.control("sweep")

    assert covered(50_00, 4_98) == merchant.books(code)
    assert 1 == len(merchant.orders())
    assert (0, None) == ((health := owner.health())["waiting"], health["lastFailure"])
    assert {} == shop.control("sweep")


def test_18_a_lost_answer_is_no_second_order(
    shop: Site, shopper: Shopper, merchant: Merchant, owner: Owner
) -> None:
    code = protected(shopper)
    shop.control("run_queue")

    assert owner.push_again(code)
    shop.control("run_queue")

    assert 2 == len(pushes(merchant, code))
    assert covered(50_00, 4_98) == merchant.books(code)


def test_18_after_an_outage_the_first_push_brings_the_others_along(
    shop: Site, shopper: Shopper, merchant: Merchant, owner: Owner
) -> None:
    merchant.front.spoiled = UNAVAILABLE
    codes = []
    for _ in range(3):
        shopper.add("lamp")
        codes.append(shopper.place())
    shop.control("run_queue")
    assert [] == merchant.orders()
    asked = merchant.front.asked("/api/v1/orders")
    shop.control("sweep")
    assert asked + 1 == merchant.front.asked("/api/v1/orders")  # a sweep stops at the first silence

    merchant.front.spoiled = None
    owner.push_again(codes[-1])
    shop.control("run_queue")

    assert sorted(codes) == sorted(each["external_id"] for each in merchant.orders())


def test_19_a_refused_push_is_told_once_and_can_be_repeated(
    shop: Site, shopper: Shopper, merchant: Merchant, owner: Owner
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    shopper.to_payment()
    merchant.front.spoiled = REFUSED
    code = shopper.pay()["code"]
    shop.control("run_queue")
    owner.push_again(code)
    shop.control("run_queue")
    shop.control("sweep")

    assert [True] == ["422 cannot be read" in note for note in owner.notes(code) if NOTE in note]
    assert (0, 1) == ((health := owner.health())["waiting"], health["refused"])

    merchant.front.spoiled = None
    owner.push_again(code)
    shop.control("run_queue")

    assert covered(50_00, 4_98) == merchant.books(code)
    assert 0 == owner.health()["refused"]


def test_19_a_refused_push_of_an_order_without_our_fee_is_no_note(
    shop: Site, shopper: Shopper, merchant: Merchant, owner: Owner
) -> None:
    shopper.add("lamp")
    shopper.to_payment()
    merchant.front.spoiled = REFUSED
    code = shopper.pay()["code"]
    shop.control("run_queue")

    assert [] == owner.notes(code)
    assert 1 == owner.health()["refused"]


def test_20_a_refund_of_goods_lowers_the_cover(
    shop: Site, shopper: Shopper, merchant: Merchant, owner: Owner
) -> None:
    code = protected(shopper, pieces=2)
    owner.refund(code, 50_00, pieces=1)
    shop.control("run_queue")

    assert covered(50_00, 4_98) == merchant.books(code)
    assert {} == shop.control("sweep")  # everything was looked at


def test_20_pieces_that_are_cancelled_and_refunded_count_once(
    shop: Site, shopper: Shopper, merchant: Merchant, owner: Owner
) -> None:
    code = protected(shopper, pieces=3)
    owner.cancel(code, pieces=1)
    shop.control("run_queue")
    assert 100_00 == merchant.books(code).covered[BOTH[0]]  # type: ignore[union-attr]

    owner.refund(code, 50_00, pieces=1)
    shop.control("run_queue")

    assert 100_00 == merchant.books(code).covered[BOTH[0]]  # type: ignore[union-attr]
    assert 5_10 == merchant.billed()


def test_20_a_refund_of_the_fee_ends_the_cover(
    shop: Site, shopper: Shopper, merchant: Merchant, owner: Owner
) -> None:
    code = protected(shopper)
    shop.control("run_queue")

    owner.refund(code, 4_98)
    shop.control("run_queue")

    books = merchant.books(code)
    assert books
    assert ({}, 0) == (books.covered, books.billed)


def test_20_a_refund_in_full_ends_the_cover(
    shop: Site, shopper: Shopper, merchant: Merchant, owner: Owner
) -> None:
    code = protected(shopper)
    shop.control("run_queue")

    owner.refund(code, 59_98)
    shop.control("run_queue")

    books = merchant.books(code)
    assert books
    assert ({}, 0) == (books.covered, books.billed)


def test_20_a_small_goodwill_refund_leaves_the_cover(
    shop: Site, shopper: Shopper, merchant: Merchant, owner: Owner
) -> None:
    code = protected(shopper)
    shop.control("run_queue")

    owner.refund(code, 3_00)
    shop.control("run_queue")

    books = merchant.books(code)
    assert books
    assert (set(BOTH), 4_98) == (set(books.covered), books.billed)


def test_21_a_cancelled_order_takes_cover_and_billing_along(
    shop: Site, shopper: Shopper, merchant: Merchant, owner: Owner
) -> None:
    code = protected(shopper)
    shop.control("run_queue")
    assert 4_98 == merchant.billed()

    owner.cancel(code)
    shop.control("run_queue")

    books = merchant.books(code)
    assert books
    assert ({}, 0) == (books.covered, books.billed)
    assert (
        4_98 == owner.order(code)["totalWithTax"]
    )  # Vendure leaves surcharges on cancelled orders


def test_21_a_modified_order_is_reported_as_it_ends_up(
    shop: Site, shopper: Shopper, merchant: Merchant, owner: Owner
) -> None:
    code = protected(shopper, pieces=2)
    shop.control("run_queue")

    owner.modify(code, pieces=1, back=50_00)
    shop.control("run_queue")

    assert covered(50_00, 4_98) == merchant.books(code)


def test_22_without_settings_the_shop_sells_and_says_nothing(
    shop: Site, shopper: Shopper, merchant: Merchant, owner: Owner
) -> None:
    shop.control("settings", {})
    shopper.add("lamp")

    assert shopper.see().offer is None
    code = shopper.place()
    shop.control("run_queue")

    assert [] == merchant.front.door.received
    assert 55_00 == owner.order(code)["totalWithTax"]
    assert not owner.health()["connected"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"cart_key": "og_wrong"},
        {"url": "http://127.0.0.1:9"},
        {"url": "orderguard.example"},
        {"orders_key": None},
    ],
)
def test_22_wrong_settings_cost_no_sale(
    shop: Site, shopper: Shopper, merchant: Merchant, owner: Owner, wrong: dict[str, Any]
) -> None:
    shop.control("settings", {"net": connected(merchant, **wrong)})
    shopper.add("lamp")

    assert shopper.see().offer is None
    code = shopper.place()
    shop.control("run_queue")

    assert 55_00 == owner.order(code)["totalWithTax"]
    assert 0 == merchant.billed()


def test_22_an_address_may_end_in_a_slash(shop: Site, shopper: Shopper, merchant: Merchant) -> None:
    shop.control("settings", {"net": connected(merchant, url=f"{merchant.front.url}/")})
    code = protected(shopper)
    shop.control("run_queue")

    assert covered(50_00, 4_98) == merchant.books(code)


def test_22_each_channel_has_its_own_keys(
    shop: Site, shopper: Shopper, merchant: Merchant, running_server: Any
) -> None:
    other = Merchant(running_server)
    with other.front.door:
        shop.control("settings", {"net": connected(merchant), "gross": connected(other)})
        here, there = protected(shopper), protected(Shopper(shop, "gross"))
        shop.control("run_queue")

        assert covered(50_00, 4_98) == merchant.books(here)
        assert covered(50_00, 4_98) == other.books(there)
        assert (None, None) == (merchant.order(there), other.order(here))
    other.front.close()


def test_23_without_the_plugin_the_shop_sells_and_with_it_again_nothing_is_lost(
    folder: Path, tmp_path: Path, merchant: Merchant
) -> None:
    database = tmp_path / "shop.sqlite"
    with running_site(folder, database=database) as shop:
        shop.control("settings", {"net": connected(merchant)})
        shop.control("timeouts")
        shopper = Shopper(shop)
        cancelled = protected(shopper)
        shop.control("run_queue")
        shopper.add("lamp")
        shopper.see()
        shopper.tick()
        shopper.to_payment()
        merchant.front.spoiled = UNAVAILABLE
        waiting = shopper.pay()["code"]
        shop.control("run_queue")

    with running_site(folder, database=database, mode="without") as shop:
        shopper = Shopper(shop)
        shopper.add("lamp")
        meanwhile = shopper.place()
        Owner(shop).cancel(cancelled)
    merchant.front.spoiled = None
    with running_site(folder, database=database) as shop:
        shop.control("settings", {"net": connected(merchant)})
        shop.control("timeouts")
        assert 3 == shop.control("sweep")["taken"]
        assert {} == shop.control("sweep")

    assert covered(50_00, 4_98) == merchant.books(waiting)  # and nothing else is billed
    assert "declined" == merchant.books(meanwhile).outcome  # type: ignore[union-attr]
    assert {} == merchant.books(cancelled).covered  # type: ignore[union-attr]


def test_24_uninstalled_the_shop_sells_and_orders_say_what_they_say(
    folder: Path, tmp_path: Path, merchant: Merchant
) -> None:
    database = tmp_path / "shop.sqlite"
    with running_site(folder, database=database) as shop:
        shop.control("settings", {"net": connected(merchant)})
        shop.control("timeouts")
        order = protected(Shopper(shop))
        shop.control("run_queue")

    with running_site(folder, database=database, mode="without", MIGRATE="yes") as shop:
        # The shop's migration drops our columns, and leaves a table without an entity.
        ours = [made for made in shop.control("schema") if "orderguard" in made.lower()]
        assert [] == [made for made in ours if '"orderguard_report"' not in made]
        (fee,) = Owner(shop).order(order)["surcharges"]
        assert (f"orderguard:{','.join(BOTH)}", 4_98) == (fee["sku"], fee["priceWithTax"])
        shopper = Shopper(shop)
        shopper.add("lamp")
        shopper.place()
        assert 55_00 == shopper.total

    assert covered(50_00, 4_98) == merchant.books(order)

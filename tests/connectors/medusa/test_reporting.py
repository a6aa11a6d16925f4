"""What Orderguard hears of Medusa's orders: rows 14, 15 and 18 to 24 of the scenario table."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.client.pretend_server import Reply
from tests.connectors.medusa.conftest import connect, connected, prepared
from tests.connectors.medusa.shopper import Shopper, money
from tests.connectors.medusa.site import Ground, Refused, Site
from tests.connectors.woocommerce.front import GONE, REFUSED, SILENT, UNAVAILABLE
from tests.connectors.woocommerce.merchant import BOTH, Books, Merchant, covered

DECLINED = Books("declined", None, {}, 0, [])


def protected(shopper: Shopper, *, pieces: int = 1, state: str = "captured") -> str:
    """The id of an order with the fee; whether it is reported is the affair of events."""
    accepting(shopper, pieces)
    return shopper.place(state)


def accepting(shopper: Shopper, pieces: int = 1) -> None:
    shopper.forget()
    shopper.add("lamp", pieces)
    shopper.see()
    assert shopper.tick().checked


def pushes(merchant: Merchant, order: str) -> list[dict[str, Any]]:
    """The pushes of this order, in order."""
    bodies = [
        received.body
        for received in merchant.front.door.received
        if received.path == "/api/v1/orders" and received.method == "PUT"
    ]
    return [body for body in bodies if body["external_id"] == order]


def health(shop: Site) -> dict[str, Any]:
    said: dict[str, Any] = shop.admin("GET", "/admin/orderguard/health")
    return said


def push_again(shop: Site, order: str) -> str:
    return str(shop.admin("POST", f"/admin/orderguard/orders/{order}/push")["pushed"])


def ended(merchant: Merchant, order: str) -> bool:
    """Nothing is covered or billed any more."""
    books = merchant.books(order)
    assert books
    return ({}, 0) == (books.covered, books.billed)


def test_14_the_order_has_session_modes_and_amount(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shopper, pieces=2)
    shop.control("run_queue")

    (pushed,) = pushes(merchant, order)
    (line,) = pushed["line_items"]
    assert ("50.00", "LAMP", "Lamp") == (line["unit_price"]["amount"], line["sku"], line["title"])
    assert BOTH == pushed["fees"][0]["accepted_offer_mode"]
    assert "109.98" == pushed["total_price"]["amount"]
    assert shopper.said["session_id"] == pushed["metadata"][0]["value"]
    assert covered(100_00, 4_98) == merchant.books(order)
    shop.control("sweep")
    assert 1 == len(pushes(merchant, order))


def test_14_what_a_coupon_leaves_is_covered_to_the_cent(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("throw", 3)
    shopper.coupon("TEN")
    shopper.see()
    shopper.tick()
    order = shopper.place()
    shop.control("run_queue")

    assert Decimal("50.48") == money(shopper.order["total"])  # 40.50 of goods, 5.00, 4.98
    assert covered(40_50, 4_98) == merchant.books(order)


def test_14_what_happens_to_a_shipped_order_changes_no_money(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shopper)
    shop.control("run_queue")

    shop.control("fulfil", order)
    shop.control("run_queue")
    shop.control("sweep")

    assert covered(50_00, 4_98) == merchant.books(order)
    assert 1 == len(pushes(merchant, order))  # there was nothing new to say


def test_15_nothing_is_billed_before_the_money_is_there(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    accepting(shopper)
    shopper.to_payment("error")
    with pytest.raises(Refused, match="not authorized"):
        shopper.complete()
    shop.control("run_queue")
    shop.control("sweep")
    assert ([], 0) == (merchant.orders(), merchant.billed())

    assert shopper.see().checked  # the cart is the same, and so is the yes
    order = shopper.place()
    shop.control("run_queue")

    assert covered(50_00, 4_98) == merchant.books(order)
    assert 1 == len(merchant.orders())


def test_15_declined_then_paid_without_protection_is_not_billed(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    accepting(shopper)
    shopper.to_payment("error")
    with pytest.raises(Refused, match="not authorized"):
        shopper.complete()

    assert not shopper.untick().checked
    order = shopper.place()
    shop.control("run_queue")

    assert Decimal(55) == money(shopper.order["total"])
    assert DECLINED == merchant.books(order)
    assert 1 == len(merchant.orders())


def test_15_an_authorized_order_is_covered_when_it_is_captured(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shopper, state="authorized")
    shop.control("run_queue")
    assert ([], 0) == (merchant.orders(), merchant.billed())

    shop.control("capture", order)
    shop.control("run_queue")

    assert covered(50_00, 4_98) == merchant.books(order)


def test_15_a_shop_may_cover_from_the_authorization_on(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shop.control("options", {"coverAuthorized": True})
    order = protected(shopper, state="authorized")
    shop.control("run_queue")

    assert covered(50_00, 4_98) == merchant.books(order)


def test_15_an_order_that_is_cancelled_unpaid_is_never_heard_of(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shopper, state="authorized")
    shop.control("cancel", order)
    shop.control("run_queue")
    shop.control("sweep")

    assert ([], 0) == (merchant.orders(), merchant.billed())


@pytest.mark.parametrize("spoiled", [GONE, UNAVAILABLE, SILENT, Reply(401, {}), Reply(404, {})])
def test_18_a_push_that_nobody_takes_is_repeated_until_it_is_there_once(
    shop: Site, shopper: Shopper, merchant: Merchant, spoiled: Reply
) -> None:
    accepting(shopper)
    shopper.to_payment()
    merchant.front.spoiled = spoiled
    shop.control("timeouts", 20, 1 if spoiled is SILENT else 20)
    order = shopper.complete()["order"]["id"]  # no shopper waits for a push
    shop.control("run_queue")
    said = health(shop)
    assert (1, 0) == (said["waiting"], said["refused"])
    assert order in said["last_failure"]

    merchant.front.spoiled = None
    shop.control("timeouts")
    assert {"taken": 1} == shop.control("sweep")

    assert covered(50_00, 4_98) == merchant.books(order)
    assert 1 == len(merchant.orders())
    assert (0, None) == ((said := health(shop))["waiting"], said["last_failure"])
    assert {} == shop.control("sweep")


def test_18_a_lost_answer_is_no_second_order(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shopper)
    shop.control("run_queue")

    assert "taken" == push_again(shop, order)

    assert 2 == len(pushes(merchant, order))
    assert covered(50_00, 4_98) == merchant.books(order)


def test_18_an_event_that_was_lost_is_found_by_the_sweep(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    kept, refunded = protected(shopper), protected(shopper, pieces=2)
    shop.control("run_queue")
    before = merchant.billed()
    shop.control("deaf", True)
    shop.control("refund", refunded, 109.98)
    missed = protected(shopper)
    shop.control("deaf", False)
    assert merchant.order(missed) is None

    shop.control("rewind")
    shop.control("sweep")

    assert 50_00 == merchant.books(kept).covered[BOTH[0]]  # type: ignore[union-attr]
    assert {} == merchant.books(refunded).covered  # type: ignore[union-attr]
    assert 50_00 == merchant.books(missed).covered[BOTH[0]]  # type: ignore[union-attr]
    assert before == merchant.billed()  # one more, one less


def test_18_after_an_outage_the_first_push_brings_the_others_along(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    merchant.front.spoiled = UNAVAILABLE
    orders = []
    for _ in range(3):
        shopper.forget()
        shopper.add("lamp")
        orders.append(shopper.place())
        shop.control("run_queue")
    assert [] == merchant.orders()
    asked = merchant.front.asked("/api/v1/orders")
    shop.control("sweep")
    assert asked + 1 == merchant.front.asked("/api/v1/orders")  # a sweep stops at the first silence

    merchant.front.spoiled = None
    shop.control("cancel", orders[-1])  # an event
    shop.control("run_queue")
    shop.control("sweep")

    assert sorted(orders[:2]) == sorted(each["external_id"] for each in merchant.orders())


def test_19_a_refused_push_is_told_once_and_can_be_repeated(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    accepting(shopper)
    shopper.to_payment()
    merchant.front.spoiled = REFUSED
    order = shopper.complete()["order"]["id"]
    shop.control("run_queue")
    assert "refused" == push_again(shop, order)
    shop.control("sweep")

    told = [each["data"] for each in shop.control("notifications") if order in str(each["data"])]
    assert [True] == ["422 cannot be read" in each["description"] for each in told]
    assert (0, 1) == ((said := health(shop))["waiting"], said["refused"])

    merchant.front.spoiled = None
    assert "taken" == push_again(shop, order)

    assert covered(50_00, 4_98) == merchant.books(order)
    assert 0 == health(shop)["refused"]


def test_19_a_refused_push_of_an_order_without_our_fee_is_no_alarm(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.to_payment()
    merchant.front.spoiled = REFUSED
    order = shopper.complete()["order"]["id"]
    shop.control("run_queue")

    assert [] == [each for each in shop.control("notifications") if order in str(each["data"])]
    assert 1 == health(shop)["refused"]
    assert 0 == merchant.billed()


def test_19_only_the_owner_may_push_or_look(shop: Site) -> None:
    for method, path in (("GET", "health"), ("POST", "orders/order_1/push")):
        with pytest.raises(Refused) as refused:
            shop.store(method, f"/admin/orderguard/{path}")
        assert 401 == refused.value.status
    with pytest.raises(Refused) as unknown:
        push_again(shop, "order_1")
    assert 404 == unknown.value.status


def test_20_a_return_that_is_paid_back_lowers_the_cover(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shopper, pieces=2)
    shop.control("fulfil", order)
    shop.control("give_back", order, 1)
    shop.control("run_queue")
    assert 100_00 == merchant.books(order).covered[BOTH[0]]  # type: ignore[union-attr]

    shop.control("refund", order, 50)
    shop.control("run_queue")

    assert covered(50_00, 4_98) == merchant.books(order)
    assert "taken" not in shop.control("sweep")  # everything was looked at
    assert "could not look for changes" not in shop.log()


@pytest.mark.parametrize("amount", [4.98, 59.98], ids=["the fee", "everything"])
def test_20_a_refund_of_the_fee_or_of_everything_ends_the_cover(
    shop: Site, shopper: Shopper, merchant: Merchant, amount: float
) -> None:
    order = protected(shopper)
    shop.control("run_queue")

    shop.control("refund", order, amount)
    shop.control("run_queue")

    assert ended(merchant, order)


def test_20_a_small_goodwill_refund_leaves_the_cover(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shopper)
    shop.control("run_queue")

    shop.control("refund", order, 3)
    shop.control("run_queue")

    books = merchant.books(order)
    assert books
    assert (set(BOTH), 4_98) == (set(books.covered), books.billed)


def test_21_a_cancelled_order_takes_cover_and_billing_along(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shopper)
    shop.control("run_queue")
    assert 4_98 == merchant.billed()

    shop.control("cancel", order)
    shop.control("run_queue")

    assert ended(merchant, order)
    assert "canceled" == shop.control("order", order)["status"]


def test_21_an_edited_order_is_reported_as_it_ends_up(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    order = protected(shopper, pieces=2)
    shop.control("run_queue")

    shop.control("edit", order, 1)
    shop.control("run_queue")

    assert covered(50_00, 4_98) == merchant.books(order)


def test_22_without_settings_the_shop_sells_and_says_nothing(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shop.control("settings", {})
    shopper.add("lamp")

    assert shopper.see().offer is None
    shopper.place()
    shop.control("run_queue")

    assert [] == merchant.front.door.received
    assert Decimal(55) == money(shopper.order["total"])
    assert not health(shop)["connected"]


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
    shop: Site, shopper: Shopper, merchant: Merchant, wrong: dict[str, Any]
) -> None:
    connect(shop, merchant, **wrong)
    shopper.add("lamp")

    assert shopper.see().offer is None
    shopper.place()
    shop.control("run_queue")

    assert Decimal(55) == money(shopper.order["total"])
    assert 0 == merchant.billed()


def test_22_an_address_may_end_in_a_slash(shop: Site, shopper: Shopper, merchant: Merchant) -> None:
    connect(shop, merchant, url=f"{merchant.front.url}/")
    order = protected(shopper)
    shop.control("run_queue")

    assert covered(50_00, 4_98) == merchant.books(order)


def test_22_a_setting_may_depend_on_the_cart(
    shop: Site, shopper: Shopper, merchant: Merchant, running_server: Any
) -> None:
    other = Merchant(running_server)
    with other.front.door:
        shop.control("settings", {"us": connected(merchant), "ca": connected(other)})
        here, there = protected(shopper), protected(Shopper(shop, "ca"))
        shop.control("run_queue")

        assert covered(50_00, 4_98) == merchant.books(here)
        assert covered(50_00, 4_98) == other.books(there)
        assert (None, None) == (merchant.order(there), other.order(here))
    other.front.close()


def test_23_without_the_plugin_the_shop_sells_and_with_it_again_nothing_is_lost(
    ground: Ground, merchant: Merchant
) -> None:
    database = ground.copy()
    with ground.site(database) as shop:
        prepared(shop, merchant)
        shopper = Shopper(shop)
        cancelled = protected(shopper)
        shop.control("run_queue")
        accepting(shopper)
        shopper.to_payment()
        merchant.front.spoiled = UNAVAILABLE
        waiting = shopper.complete()["order"]["id"]
        shop.control("run_queue")
        shop.control("rewind")

    with ground.site(database, "without") as shop:
        shopper = Shopper(shop)
        shopper.add("lamp")
        meanwhile = shopper.place()
        shop.control("cancel", cancelled)
    merchant.front.spoiled = None
    with ground.site(database) as shop:
        shop.control("timeouts")
        connect(shop, merchant)
        assert 3 == shop.control("sweep")["taken"]
        assert "taken" not in shop.control("sweep")

    assert covered(50_00, 4_98) == merchant.books(waiting)  # and nothing else is billed
    assert "declined" == merchant.books(meanwhile).outcome  # type: ignore[union-attr]
    assert {} == merchant.books(cancelled).covered  # type: ignore[union-attr]


def test_24_uninstalled_the_shop_sells_and_orders_say_what_they_say(
    ground: Ground, merchant: Merchant
) -> None:
    database = ground.copy()
    with ground.site(database) as shop:
        prepared(shop, merchant)
        shopper = Shopper(shop)
        order = protected(shopper)
        shop.control("run_queue")
        accepting(shopper)
        cart = shopper.cart
        shop.control("uninstall")
        assert 3 == len(shop.control("tables"))

    with ground.site(database, "without") as shop:
        (fee,) = [each for each in shop.control("order", order)["items"] if not each["variant_id"]]
        assert (4.98, BOTH) == (fee["unit_price"], fee["metadata"]["orderguard"]["modes"])
        shopper = Shopper(shop)
        shopper.cart = cart  # the cart that was open when the plugin went
        shopper.place()
        assert (None, Decimal(55)) == (shopper.fee, money(shopper.order["total"]))

    assert covered(50_00, 4_98) == merchant.books(order)

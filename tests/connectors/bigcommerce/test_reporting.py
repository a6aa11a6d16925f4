"""What Orderguard hears of BigCommerce's orders: rows 14, 15 and 18 to 21 of the table."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.client.pretend_server import Reply
from tests.connectors.bigcommerce.api import BigCommerce
from tests.connectors.bigcommerce.owner import Owner
from tests.connectors.bigcommerce.shopper import Shopper
from tests.connectors.bigcommerce.site import Site
from tests.connectors.bigcommerce.store import (
    AWAITING_FULFILLMENT,
    AWAITING_PAYMENT,
    CANCELLED,
    INCOMPLETE,
    PARTIALLY_REFUNDED,
    REFUNDED,
    SHIPPED,
    Order,
    Store,
)
from tests.connectors.bigcommerce.store import (
    DECLINED as PAYMENT_DECLINED,
)
from tests.connectors.woocommerce.front import GONE, REFUSED, SILENT, UNAVAILABLE
from tests.connectors.woocommerce.merchant import BOTH, Books, Merchant, covered

NOTE = "Orderguard does not have this order"
DECLINED = Books("declined", None, {}, 0, [])
ENDED = ({}, 0)


def protected(shopper: Shopper, pieces: int = 1, slug: str = "lamp") -> None:
    """A cart with the fee."""
    shopper.add(slug, pieces)
    shopper.see()
    assert shopper.tick().checked


def pushes(merchant: Merchant, order: Order) -> list[dict[str, Any]]:
    bodies = [
        received.body
        for received in merchant.front.door.received
        if received.path == "/api/v1/orders" and received.method == "PUT"
    ]
    return [body for body in bodies if body["external_id"] == str(order.id)]


def end_of(merchant: Merchant, order: Order) -> tuple[dict[str, int], int]:
    books = merchant.books(order.id)
    assert books
    return books.covered, books.billed


def first_line(store: Store, order: Order) -> int:
    line: int = store.order_products(order)[0]["id"]
    return line


def test_14_the_order_has_session_modes_and_amount(
    site: Site, owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    protected(shopper, 2)
    order = shopper.place()
    owner.deliver()

    (pushed,) = pushes(merchant, order)
    (line,) = pushed["line_items"]
    assert ("50.00", "LAMP", "Lamp") == (line["unit_price"]["amount"], line["sku"], line["title"])
    assert (["Home"], "Acme") == (line["collections"], line["vendor"])
    assert BOTH == pushed["fees"][0]["accepted_offer_mode"]
    assert covered(100_00, 4_98) == merchant.books(order.id)
    # The session is on the order, in a metafield that only the app can read.
    (field,) = order.metafields
    assert ("app_only", "orderguard") == (field["permission_set"], field["namespace"])
    assert pushed["metadata"][0]["value"] in field["value"]
    assert 104_98 + 5_00 == shopper.total

    site.control("sweep", shopper.store.hash)
    assert 1 == len(pushes(merchant, order))


def test_14_webhooks_repeated_and_out_of_order_are_one_report(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    protected(shopper)
    order = shopper.place()
    shopper.store.set_status(order, SHIPPED)
    assert 5 == len(shopper.store.notices)

    owner.deliver(times=3, backwards=True)
    owner.deliver()

    assert 1 == len(pushes(merchant, order))
    assert covered(50_00, 4_98) == merchant.books(order.id)


def test_14_an_order_of_120_lines_is_covered_for_all_of_them(
    owner: Owner, shopper: Shopper, merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    protected(shopper)
    order = shopper.begin()
    (product,) = shopper.store.order_products(order)
    lines = [product | {"id": number} for number in range(1, 121)]
    monkeypatch.setattr(shopper.store, "order_products", lambda _order: lines)
    shopper.store.set_status(order, AWAITING_FULFILLMENT)
    owner.deliver()

    # c10: the third page has twenty lines.
    (pushed,) = pushes(merchant, order)
    assert 120 == len(pushed["line_items"])
    assert dict.fromkeys(BOTH, 6_000_00) == end_of(merchant, order)[0]


def test_14_prices_below_a_cent_are_rates(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    protected(shopper, 10_000, "screw")
    order = shopper.place()
    owner.deliver()

    assert "0.0045" == pushes(merchant, order)[0]["line_items"][0]["unit_price"]["amount"]
    assert covered(45_00, 4_98) == merchant.books(order.id)


def test_14_a_coupon_is_off_the_covered_amount(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.cart.coupon = Decimal(10)
    protected(shopper, 3, "throw")
    order = shopper.place()
    owner.deliver()

    assert covered(40_50, 4_98) == merchant.books(order.id)


def test_14_a_cart_whose_memory_is_gone_is_covered_by_its_fee(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    protected(shopper)
    shopper.cart.metafields.clear()
    order = shopper.place()
    owner.deliver()

    # c09: the modes travel with the fee.
    books = merchant.books(order.id)
    assert books
    assert ("accepted", dict.fromkeys(BOTH, 50_00), 4_98) == (
        books.outcome,
        books.covered,
        books.billed,
    )


def test_14_a_fee_that_does_not_name_what_was_sold_is_told_to_the_staff(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    protected(shopper)
    shopper.cart.fees[0]["source"] = "orderguard:"
    order = shopper.place()
    owner.deliver()

    assert NOTE in order.staff_notes
    assert (None, 0) == (merchant.order(order.id), merchant.billed())


def test_15_nothing_is_billed_before_the_money_is_there(
    site: Site, owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    protected(shopper)
    order = shopper.begin()  # BC3: BigCommerce tells of it at once
    owner.deliver()
    shopper.store.set_status(order, PAYMENT_DECLINED)
    shopper.store.set_status(order, INCOMPLETE)
    owner.deliver()
    shopper.store.set_status(order, AWAITING_PAYMENT)
    owner.deliver()
    site.control("sweep", shopper.store.hash)
    assert ([], 0) == (merchant.orders(), merchant.billed())

    shopper.store.set_status(order, AWAITING_FULFILLMENT)
    owner.deliver()

    assert covered(50_00, 4_98) == merchant.books(order.id)
    assert 1 == len(merchant.orders())


def test_15_declined_then_paid_without_protection_is_not_billed(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    protected(shopper)
    order = shopper.begin()
    owner.deliver()

    # The payment failed; the order is incomplete, and the checkout open.
    assert (True, 4_98) == ((seen := shopper.see()).checked, seen.fee)
    assert (None, 55_00) == ((seen := shopper.untick()).fee, seen.total)
    shopper.store.set_status(order, AWAITING_FULFILLMENT)
    owner.deliver()

    assert DECLINED == merchant.books(order.id)
    assert shopper.see().offer is None  # and now it is closed


def test_15_an_order_that_ends_unpaid_is_never_heard_of(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    protected(shopper)
    order = shopper.begin()
    shopper.store.set_status(order, CANCELLED)
    owner.deliver()

    assert ([], 0) == (merchant.orders(), merchant.billed())


def test_15_paid_money_that_is_uncertain_again_covers_nothing_meanwhile(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    protected(shopper)
    order = shopper.place()
    owner.deliver()

    shopper.store.set_status(order, AWAITING_PAYMENT)
    owner.deliver()
    assert {} == end_of(merchant, order)[0]

    shopper.store.set_status(order, AWAITING_FULFILLMENT)
    owner.deliver()
    assert (dict.fromkeys(BOTH, 50_00), 4_98) == end_of(merchant, order)


@pytest.mark.parametrize("spoiled", [GONE, UNAVAILABLE, SILENT, Reply(401, {}), Reply(404, {})])
def test_18_a_push_that_nobody_takes_is_repeated_until_it_is_there_once(
    site: Site, owner: Owner, shopper: Shopper, merchant: Merchant, spoiled: Reply
) -> None:
    protected(shopper)
    if spoiled is SILENT:
        site.control("timeouts", 800, 300)
    merchant.front.spoiled = spoiled
    order = shopper.place()
    owner.deliver()
    health = owner.health
    assert ("1", "0") == (health["Orders waiting"], health["Orders refused"])
    assert str(order.id) in health["Last failure"]
    assert "" == order.staff_notes

    merchant.front.spoiled = None
    site.control("timeouts")
    site.control("run_queue", shopper.store.hash)
    assert [] == merchant.orders()  # it waits for its turn
    site.control("age", 301_000)
    assert {"taken": 1} == site.control("run_queue", shopper.store.hash)

    assert covered(50_00, 4_98) == merchant.books(order.id)
    assert ("0", "none") == ((health := owner.health)["Orders waiting"], health["Last failure"])
    assert {} == site.control("run_queue", shopper.store.hash)


def test_18_a_lost_answer_and_a_lost_mark_are_no_second_order(
    owner: Owner, shopper: Shopper, merchant: Merchant, shops: BigCommerce
) -> None:
    protected(shopper)
    shops.fails("POST .*/orders/.*/metafields", Reply(503, {}))
    order = shopper.place()
    owner.deliver()
    shopper.store.set_status(order, SHIPPED)
    owner.deliver()

    assert 2 == len(pushes(merchant, order))
    assert covered(50_00, 4_98) == merchant.books(order.id)


def test_18_after_an_outage_the_first_push_brings_the_others_along(
    site: Site, owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    merchant.front.spoiled = UNAVAILABLE
    orders = [shopper.place(), *(shopper.pays_another() for _ in range(2))]
    owner.deliver()
    asked = merchant.front.asked("/api/v1/orders")
    site.control("age", 301_000)
    site.control("run_queue", shopper.store.hash)
    assert asked + 1 == merchant.front.asked("/api/v1/orders")  # a run stops at the first silence
    assert [] == merchant.orders()

    merchant.front.spoiled = None
    orders.append(shopper.pays_another())
    owner.deliver()

    assert {str(order.id) for order in orders} == {e["external_id"] for e in merchant.orders()}


def test_18_what_no_webhook_told_is_found_by_the_daily_sweep(
    site: Site, owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    site.control("round", owner.store.hash)
    protected(shopper)
    order = shopper.place()
    others = [shopper.pays_another() for _ in range(60)]  # more than a page
    shopper.store.notices.clear()
    site.control("round", owner.store.hash)
    assert [] == merchant.orders()

    site.control("age", 86_400_000)
    shopper.store.touch(order)
    for other in others:
        shopper.store.touch(other)
    site.control("round", owner.store.hash)

    assert 61 == len({each["external_id"] for each in all_orders(merchant)})
    assert (dict.fromkeys(BOTH, 50_00), 4_98) == end_of(merchant, order)


def all_orders(merchant: Merchant) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = merchant._http.get("/api/v1/orders?limit=250").json()["orders"]
    return found


def test_18_bigcommerce_out_of_order_loses_no_order(
    site: Site, owner: Owner, shopper: Shopper, merchant: Merchant, shops: BigCommerce
) -> None:
    protected(shopper)
    order = shopper.place()
    shops.fails("GET .*/v2/orders/", Reply(503, {}), times=99)
    owner.deliver()
    assert "BigCommerce answered 503" in owner.health["Last failure"]
    shops.spoiled.clear()

    site.control("age", 301_000)
    site.control("restart")  # what waits is on disk
    site.control("run_queue", shopper.store.hash)

    assert covered(50_00, 4_98) == merchant.books(order.id)


def test_19_a_refused_push_is_told_once_and_can_be_repeated(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    protected(shopper)
    merchant.front.spoiled = REFUSED
    order = shopper.place()
    order.staff_notes = "Ring twice."
    owner.deliver()
    shopper.store.set_status(order, AWAITING_FULFILLMENT)
    owner.deliver()

    assert order.staff_notes.startswith("Ring twice.\n")
    assert 1 == order.staff_notes.count(NOTE)
    assert "422 cannot be read" in order.staff_notes
    health = owner.health
    assert "0" == health["Orders waiting"]
    assert f"{order.id}: 422 cannot be read" in health["Orders refused"]

    merchant.front.spoiled = None
    owner.enters("send")
    owner.deliver()

    assert covered(50_00, 4_98) == merchant.books(order.id)
    assert "0" == owner.health["Orders refused"]


def test_19_a_refused_push_of_an_order_without_our_fee_is_no_note(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    merchant.front.spoiled = REFUSED
    order = shopper.place()
    owner.deliver()

    assert "" == order.staff_notes
    assert "422" in owner.health["Orders refused"]


def test_20_a_refund_of_goods_lowers_the_cover(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    protected(shopper, 2)
    order = shopper.place()
    owner.deliver()

    line = first_line(shopper.store, order)
    goods = {"item_type": "PRODUCT", "item_id": line, "quantity": 1, "requested_amount": 50.0}
    shopper.store.refund(order, [goods])
    shopper.store.set_status(order, PARTIALLY_REFUNDED)
    owner.deliver()

    assert (dict.fromkeys(BOTH, 50_00), 4_98) == end_of(merchant, order)


def test_20_a_refund_of_the_fee_ends_the_cover(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    protected(shopper)
    order = shopper.place()
    owner.deliver()

    (fee,) = shopper.store.order_fees(order)
    item = {"item_type": "FEE", "item_id": fee["id"], "quantity": 1, "requested_amount": 4.98}
    shopper.store.refund(order, [item])
    owner.deliver()

    assert ENDED == end_of(merchant, order)


def test_20_a_refund_of_everything_ends_the_cover(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    protected(shopper)
    order = shopper.place()
    owner.deliver()

    item = {"item_type": "ORDER", "item_id": order.id, "quantity": None, "requested_amount": 59.98}
    shopper.store.refund(order, [item])
    shopper.store.set_status(order, REFUNDED)
    owner.deliver()

    assert ENDED == end_of(merchant, order)


def test_20_a_small_goodwill_refund_and_a_declined_one_leave_the_cover(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    protected(shopper)
    order = shopper.place()
    owner.deliver()

    (fee,) = shopper.store.order_fees(order)
    item = {"item_type": "FEE", "item_id": fee["id"], "quantity": 1, "requested_amount": 4.98}
    shopper.store.refund(order, [item], declined=True)
    goodwill = {"item_type": "ORDER", "item_id": order.id, "requested_amount": 3.0}
    shopper.store.refund(order, [goodwill])
    owner.deliver()

    assert (dict.fromkeys(BOTH, 50_00), 4_98) == end_of(merchant, order)


def test_20_goods_whose_refund_names_no_amount_are_counted_by_pieces(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    protected(shopper, 3)
    order = shopper.place()
    line = first_line(shopper.store, order)
    goods = {"item_type": "PRODUCT", "item_id": line, "quantity": 2, "requested_amount": None}
    shopper.store.refund(order, [goods])
    owner.deliver()

    (pushed,) = pushes(merchant, order)
    assert ["100.00"] == [refund["amount"]["amount"] for refund in pushed["refunds"]]
    assert dict.fromkeys(BOTH, 50_00) == end_of(merchant, order)[0]


@pytest.mark.parametrize("ending", [CANCELLED, PAYMENT_DECLINED, "archived"])
def test_21_a_cancelled_order_takes_cover_and_billing_along(
    owner: Owner, shopper: Shopper, merchant: Merchant, ending: int | str
) -> None:
    protected(shopper)
    order = shopper.place()
    owner.deliver()
    assert 4_98 == merchant.billed()

    order.is_deleted = ending == "archived"
    shopper.store.set_status(order, ending if isinstance(ending, int) else AWAITING_FULFILLMENT)
    owner.deliver()

    assert ENDED == end_of(merchant, order)
    assert 59_98 == shopper.total  # the order says what it says

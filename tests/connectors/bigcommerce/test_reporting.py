"""What Orderguard hears of BigCommerce's orders: the rows, webhooks and BigCommerce's faults."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client.pretend_server import Reply
from tests.connectors.bigcommerce.api import BigCommerce
from tests.connectors.bigcommerce.driver import BigCommerceDriver
from tests.connectors.bigcommerce.owner import Owner
from tests.connectors.bigcommerce.shopper import Shopper
from tests.connectors.bigcommerce.site import Site
from tests.connectors.bigcommerce.store import (
    AWAITING_FULFILLMENT,
    AWAITING_PAYMENT,
    SHIPPED,
    Order,
    Store,
)
from tests.connectors.bigcommerce.store import (
    DECLINED as PAYMENT_DECLINED,
)
from tests.connectors.rows.reporting import *  # noqa: F403
from tests.connectors.woocommerce.merchant import BOTH, Merchant, covered

NOTE = "Orderguard does not have this order"
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


def test_14_the_session_is_on_the_order_where_only_the_app_can_read_it(
    driver: BigCommerceDriver,
) -> None:
    order = driver.protected()
    driver.run_queue()

    (pushed,) = driver.pushes(order)
    (line,) = pushed["line_items"]
    assert (["Home"], "Acme") == (line["collections"], line["vendor"])
    (field,) = driver.store.orders[int(order)].metafields
    assert ("app_only", "orderguard") == (field["permission_set"], field["namespace"])
    assert pushed["metadata"][0]["value"] in field["value"]
    driver.assert_covered(order, total=59_98, goods=50_00)


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


def test_15_a_checkout_that_is_paid_is_closed(driver: BigCommerceDriver) -> None:
    driver.cart()
    order = driver.reported()

    assert driver.see().offer is None
    driver.assert_covered(order, total=59_98, goods=50_00)


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


def test_20_a_declined_refund_leaves_the_cover(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    protected(shopper)
    order = shopper.place()
    owner.deliver()

    (fee,) = shopper.store.order_fees(order)
    item = {"item_type": "FEE", "item_id": fee["id"], "quantity": 1, "requested_amount": 4.98}
    shopper.store.refund(order, [item], declined=True)
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


def test_21_a_payment_that_is_declined_later_ends_the_cover(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    protected(shopper)
    order = shopper.place()
    owner.deliver()
    assert 4_98 == merchant.billed()

    shopper.store.set_status(order, PAYMENT_DECLINED)
    owner.deliver()

    assert ENDED == end_of(merchant, order)
    assert 59_98 == shopper.total  # the order says what it says

"""What shoppers see and pay in BigCommerce: the rows, BigCommerce's faults, and BC1 to BC4."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.client.pretend_server import Reply
from tests.connectors.bigcommerce.api import BigCommerce
from tests.connectors.bigcommerce.driver import BigCommerceDriver
from tests.connectors.bigcommerce.owner import Owner
from tests.connectors.bigcommerce.shopper import Seen, Shopper
from tests.connectors.bigcommerce.site import Site
from tests.connectors.bigcommerce.store import UNTAXED
from tests.connectors.rows.selling import *  # noqa: F403
from tests.connectors.woocommerce.front import UNAVAILABLE
from tests.connectors.woocommerce.merchant import BOTH, Books, Merchant, covered

OFFERED = Seen(4_98, checked=False, notice=None, fee=None, total=55_00)
ACCEPTED = Seen(4_98, checked=True, notice=None, fee=4_98, total=59_98)
DECLINED = Books("declined", None, {}, 0, [])
WRITES = r"(POST|PUT|DELETE) .*/fees"


def reported(owner: Owner, shopper: Shopper) -> int:
    """The order that the shopper places and pays, once it is reported."""
    order = shopper.place()
    owner.deliver()
    return order.id


def test_01_the_box_is_told_words_price_and_modes(shopper: Shopper, merchant: Merchant) -> None:
    shopper.add("lamp")
    shopper.see()

    offer = shopper.said["offer"]
    assert ("4.98", 2, BOTH) == (offer["price"], offer["decimals"], offer["modes"])
    assert "Order protection" == shopper.said["words"]["title"]
    shopper.tick()
    shopper.add("lamp", 4)
    shopper.see()
    assert "The price has changed" in shopper.said["words"]["notice"]
    assert (None, 0) == (shopper.fee, merchant.billed())


def test_02_a_right_fee_is_written_once(driver: BigCommerceDriver, shops: BigCommerce) -> None:
    driver.cart()
    driver.tick()
    driver.see()

    assert 1 == shops.asked(WRITES)  # BC1: BigCommerce never gives `cost` back
    (fee,) = driver.shopper.cart.fees
    assert f"orderguard:{','.join(BOTH)}" == fee["source"]
    driver.assert_covered(driver.reported(), total=59_98, goods=50_00)


def test_02_the_fees_of_others_stay(owner: Owner, shopper: Shopper, merchant: Merchant) -> None:
    wrapping = {"type": "custom_fee", "name": "wrap", "display_name": "Wrapping", "cost": 3}
    shopper.cart.fees = [shopper.store.put_fee(shopper.cart, wrapping | {"source": "wrap"})]
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    shopper.untick()

    assert ["wrap"] == [fee["source"] for fee in shopper.cart.fees]
    shopper.see()
    assert 62_98 == shopper.tick().total
    assert covered(50_00, 4_98) == merchant.books(reported(owner, shopper))


def test_02_five_fees_of_others_leave_no_room_and_no_box(
    owner: Owner, shopper: Shopper, merchant: Merchant, shops: BigCommerce
) -> None:
    gift = {"type": "custom_fee", "name": "gift", "display_name": "Gift", "cost": 1}
    shopper.add("lamp")
    shopper.see()
    token = shopper.said["offer"]["token"]
    shopper.cart.fees = [
        shopper.store.put_fee(shopper.cart, gift | {"source": f"gift-{n}"}) for n in range(5)
    ]

    assert replace(OFFERED, offer=None, total=60_00) == shopper.see()  # BC4
    assert "no_room_for_a_fee" == shopper.said["reason"]
    shopper.lie(token)
    assert 0 == shops.asked(WRITES)
    assert DECLINED == merchant.books(reported(owner, shopper))


@pytest.mark.parametrize("status", [409, 422, 500, 503])
def test_02_a_fee_that_bigcommerce_refuses_is_no_yes(
    owner: Owner, shopper: Shopper, merchant: Merchant, shops: BigCommerce, status: int
) -> None:
    shopper.add("lamp")
    shopper.see()
    shops.fails("POST .*/fees", Reply(status, {}), times=2)

    assert OFFERED == shopper.tick()  # the box stays, unticked
    assert OFFERED == shopper.see()  # c20: and goes on working
    shops.spoiled.clear()
    assert ACCEPTED == shopper.tick()
    assert covered(50_00, 4_98) == merchant.books(reported(owner, shopper))


def test_02_a_conflict_is_read_again(
    owner: Owner, shopper: Shopper, merchant: Merchant, shops: BigCommerce
) -> None:
    shopper.add("lamp")
    shopper.see()
    shops.fails("POST .*/(fees|metafields)", Reply(409, {}))

    assert ACCEPTED == shopper.tick()
    assert covered(50_00, 4_98) == merchant.books(reported(owner, shopper))


def test_02_a_spent_rate_limit_is_waited_for(
    owner: Owner, shopper: Shopper, merchant: Merchant, shops: BigCommerce
) -> None:
    shopper.add("lamp")
    shopper.see()
    spent = Reply(429, {}, headers={"X-Rate-Limit-Time-Reset-Ms": "900"})
    shops.fails("/fees", spent)
    shops.fails("GET /stores/.*/checkouts/", Reply(502, {}))

    assert ACCEPTED == shopper.tick()
    assert covered(50_00, 4_98) == merchant.books(reported(owner, shopper))


def test_03_what_is_no_question_is_refused(
    site: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    path = f"/offer/{shopper.store.hash}"

    asked = [
        site.http.post(f"{path}/{shopper.cart.id}", content=b"[" * 9_999),
        site.http.post(f"{path}/{shopper.cart.id}", content=b" " * 70_000),
        site.http.post(f"{path}/..%2f..%2fhooks", content=b"{}"),
        site.http.post(f"{path}/{'0' * 36}", content=b"{}"),
        site.http.post(f"/offer/nowhere/{shopper.cart.id}", content=b"{}"),
        site.http.get(f"{path}/{shopper.cart.id}"),
    ]

    assert [400, 413, 404, 404, 404, 404] == [answer.status_code for answer in asked]
    assert (None, 0) == (shopper.fee, merchant.billed())


def test_05_a_fee_that_cannot_be_taken_off_is_covered(
    owner: Owner, shopper: Shopper, merchant: Merchant, shops: BigCommerce
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    shops.fails("DELETE .*/fees", Reply(503, {}), times=9)
    shopper.add("lamp", 4)

    kept = shopper.see()

    assert (True, 4_98) == (kept.checked, kept.fee)
    books = merchant.books(reported(owner, shopper))
    assert books
    assert ("accepted", dict.fromkeys(BOTH, 250_00), 4_98) == (
        books.outcome,
        books.covered,
        books.billed,
    )


@pytest.mark.parametrize("fault", ["PUT .*/metafields/", "DELETE .*/fees"])
def test_07_a_fault_between_two_calls_charges_no_shopper_who_said_no(
    owner: Owner, shopper: Shopper, merchant: Merchant, shops: BigCommerce, fault: str
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    shops.fails(fault, Reply(503, {}))

    shopper.ask(accepted=False)

    assert 4_98 == shopper.fee  # the total says so, and so does the box, if it is there
    shops.spoiled.clear()
    if shopper.see().checked:
        shopper.untick()
    assert OFFERED == shopper.see()
    assert DECLINED == merchant.books(reported(owner, shopper))


def test_07_a_yes_that_could_not_be_kept_is_charged_only_if_it_is_paid_at_once(
    owner: Owner, shopper: Shopper, merchant: Merchant, shops: BigCommerce
) -> None:
    shopper.add("lamp")
    shopper.see()
    shops.fails("PUT .*/metafields/", Reply(503, {}))

    assert 503 == shopper.ask(accepted=True, token=shopper.said["offer"]["token"]).status_code

    assert 59_98 == shopper.total
    assert covered(50_00, 4_98) == merchant.books(reported(owner, shopper))


def test_08_goods_that_bigcommerce_does_not_describe_are_not_offered(
    owner: Owner, shopper: Shopper, merchant: Merchant, shops: BigCommerce
) -> None:
    shops.fails("GET .*/catalog/products", Reply(500, {}), times=3)
    shopper.add("coat")

    assert (None, "no_product_data") == (shopper.see().offer, shopper.said["reason"])
    assert {} == merchant.books(reported(owner, shopper)).covered  # type: ignore[union-attr]


def test_10_a_discount_of_the_whole_cart_is_shared_to_the_cent(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.add("throw", 3)
    shopper.cart.off_the_cart = Decimal("10.00")

    shopper.see()
    shopper.tick()

    asked = [r.body for r in merchant.front.door.received if r.path == "/v1/analyze"]
    assert 85_00 == asked[-1]["cart"]["totalAmount"]
    assert [44_74, 40_26] == [line["totalPrice"] for line in asked[-1]["cart"]["lines"]]
    books = merchant.books(reported(owner, shopper))
    assert 94_98 == shopper.total
    assert covered(85_00, 4_98) == books


def test_11_a_cart_that_is_merged_into_another_is_asked_about_again(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    guests = shopper.cart

    # BigCommerce puts the guest's goods into the customer's own cart, which has no fee.
    shopper.cart = shopper.store.new_cart()
    shopper.cart.address = guests.address
    shopper.add("lamp", 2)

    assert replace(OFFERED, total=105_00) == shopper.see()
    assert 109_98 == shopper.tick().total
    assert covered(100_00, 4_98) == merchant.books(reported(owner, shopper))


def test_12_what_the_store_cannot_charge_exactly_is_not_charged(
    site: Site, owner: Owner, merchant: Merchant
) -> None:
    owner.store.rounds_fees_to = 2
    shopper = Shopper(site, owner.store, "KWD")
    shopper.add("lamp")
    shopper.see()

    refused = shopper.tick()  # 1.255, which the store would make 1.26

    assert (None, None) == (refused.offer, refused.fee)
    assert "1.255 KWD" in owner.health["To do"]
    assert shopper.see().offer is None
    assert DECLINED == merchant.books(reported(owner, shopper))


def test_12_currencies_without_prices_get_no_offer(
    site: Site, owner: Owner, merchant: Merchant
) -> None:
    shopper = Shopper(site, owner.store, "GBP")
    shopper.add("lamp")

    assert shopper.see().offer is None
    assert "currency_not_supported" == shopper.said["reason"]
    books = merchant.books(reported(owner, shopper))
    assert books
    assert ("not_shown", 0) == (books.outcome, books.billed)


def test_13_a_tax_on_top_that_nobody_agreed_to_is_not_charged(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.store.tax_included, shopper.store.tax_rate = True, Decimal("0.19")
    shopper.store.adds_tax_to_fees = shopper.store.taxes_fees_by_default = True
    shopper.add("lamp")
    shopper.see()

    refused = shopper.tick()  # BC2: 4.98 would become 5.93

    assert (None, False, None) == (refused.offer, refused.checked, refused.fee)
    assert "tax class" in owner.health["To do"]
    assert DECLINED == merchant.books(reported(owner, shopper))

    owner.enters(tax_class=UNTAXED)
    another = Shopper(owner._site, shopper.store)
    another.add("lamp")
    another.see()
    assert 4_98 == another.tick().fee
    assert covered(50_00, 4_98) == merchant.books(reported(owner, another))


def test_17_a_yes_outlives_the_answer_it_was_given_to(
    site: Site, owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    merchant.front.spoiled = UNAVAILABLE
    site.control("age", 300_000)

    assert ACCEPTED == shopper.see()
    merchant.front.spoiled = None
    assert covered(50_00, 4_98) == merchant.books(reported(owner, shopper))


def test_17_bigcommerce_out_of_order_leaves_the_checkout_alone(
    owner: Owner, shopper: Shopper, merchant: Merchant, shops: BigCommerce
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    shops.fails("GET .*/checkouts/", Reply(503, {}), times=3)

    assert 503 == shopper.ask().status_code  # the box hides; the fee stays as the total says

    assert ACCEPTED == shopper.see()
    assert covered(50_00, 4_98) == merchant.books(reported(owner, shopper))

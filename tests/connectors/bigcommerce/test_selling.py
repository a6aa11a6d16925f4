"""What shoppers see and pay in BigCommerce: rows 1 to 13, 16, 17 and 25 of the scenario table."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.client.pretend_server import Reply
from tests.connectors.bigcommerce.api import BigCommerce
from tests.connectors.bigcommerce.conftest import EXCLUDING
from tests.connectors.bigcommerce.owner import Owner
from tests.connectors.bigcommerce.shopper import Seen, Shopper
from tests.connectors.bigcommerce.site import Site
from tests.connectors.bigcommerce.store import STANDARD, UNTAXED
from tests.connectors.woocommerce.front import (
    GONE,
    HALF_AN_ANSWER,
    NONSENSE,
    SILENT,
    UNAVAILABLE,
)
from tests.connectors.woocommerce.merchant import BOTH, DOCUMENT, Books, Merchant, covered
from tests.support.builders import a_document

OFFERED = Seen(4_98, checked=False, notice=None, fee=None, total=55_00)
ACCEPTED = Seen(4_98, checked=True, notice=None, fee=4_98, total=59_98)
DECLINED = Books("declined", None, {}, 0, [])
WRITES = r"(POST|PUT|DELETE) .*/fees"


def reported(owner: Owner, shopper: Shopper) -> int:
    """The order that the shopper places and pays, once it is reported."""
    order = shopper.place()
    owner.deliver()
    return order.id


def publish(merchant: Merchant, **changes: object) -> None:
    merchant.shop.publish(a_document(**DOCUMENT | EXCLUDING | changes))


def test_01_the_offer_is_shown_unticked_with_its_price(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")

    assert OFFERED == shopper.see()
    assert ("4.98", 2, BOTH) == tuple(
        shopper.said["offer"][name] for name in ("price", "decimals", "modes")
    )
    assert "Order protection" == shopper.said["words"]["title"]
    assert DECLINED == merchant.books(reported(owner, shopper))
    assert 55_00 == shopper.total


def test_02_a_tick_puts_the_fee_into_bigcommerces_own_total(
    owner: Owner, shopper: Shopper, merchant: Merchant, shops: BigCommerce
) -> None:
    shopper.add("lamp")
    shopper.see()

    assert ACCEPTED == shopper.tick()
    assert ACCEPTED == shopper.tick()  # a second click changes nothing
    assert ACCEPTED == shopper.see()
    assert 1 == shops.asked(WRITES)  # BC1: BigCommerce never gives `cost` back
    (fee,) = shopper.cart.fees
    assert f"orderguard:{','.join(BOTH)}" == fee["source"]
    assert covered(50_00, 4_98) == merchant.books(reported(owner, shopper))


def test_02_two_tabs_put_one_fee(owner: Owner, shopper: Shopper, merchant: Merchant) -> None:
    shopper.add("lamp")
    shopper.see()
    token = shopper.said["offer"]["token"]

    with ThreadPoolExecutor(4) as tabs:
        list(tabs.map(lambda _: shopper.ask(accepted=True, token=token), range(4)))

    assert ACCEPTED == shopper.see()
    assert covered(50_00, 4_98) == merchant.books(reported(owner, shopper))


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


@pytest.mark.parametrize(
    "token",
    ["lop_00000000000000000000 1 USD returnCoverage", "<script>alert(1)</script>" + "x" * 5000],
    ids=["other terms", "rubbish"],
)
def test_03_a_browser_cannot_make_a_price_or_a_session(
    owner: Owner, shopper: Shopper, merchant: Merchant, token: str
) -> None:
    shopper.add("lamp")
    shopper.see()

    lied = shopper.lie(token, amount=1, mode=["returnCoverage"], sessionId="lop_x")

    assert (None, False) == (lied.fee, lied.checked)
    assert DECLINED == merchant.books(reported(owner, shopper))


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


def test_04_a_small_rise_and_any_fall_keep_the_yes(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    shopper.add("lamp", 2)  # 150.00 of goods: 5.10 instead of 4.98

    assert Seen(5_10, checked=True, notice=None, fee=5_10, total=160_10) == shopper.see()
    assert shopper.said["isChanged"]  # so the page loads its total again
    assert covered(150_00, 5_10) == merchant.books(reported(owner, shopper))


def test_05_a_large_rise_ends_the_yes_and_says_so(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    shopper.add("lamp", 4)  # 250.00: 11.98
    assert Seen(11_98, checked=False, notice="price_rose", fee=None, total=255_00) == shopper.see()
    assert "The price has changed" in shopper.said["words"]["notice"]

    again = shopper.tick()
    assert (True, None, 11_98) == (again.checked, again.notice, again.fee)
    assert covered(250_00, 11_98) == merchant.books(reported(owner, shopper))


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


def test_06_a_cart_that_becomes_eligible_gets_its_box(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("throw")  # 15.00, below the minimum of 20.00
    assert shopper.see().offer is None
    assert "cart_total_too_low" == shopper.said["reason"]

    shopper.add("throw")

    assert 4_98 == shopper.see().offer
    assert 4_98 == shopper.tick().fee
    assert covered(30_00, 4_98) == merchant.books(reported(owner, shopper))


def test_07_a_no_is_reported_as_declined(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    assert OFFERED == shopper.untick()

    order = reported(owner, shopper)
    assert DECLINED == merchant.books(order)
    assert merchant.order(order)["acceptance"]["session_id"]  # type: ignore[index]


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


def test_08_excluded_goods_take_box_and_fee_away(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    shopper.add("coat")  # its category is Final sale

    gone = shopper.see()
    assert Seen(None, checked=False, notice="gone", fee=None, total=255_00) == gone
    assert {} == merchant.books(reported(owner, shopper)).covered  # type: ignore[union-attr]
    assert 0 == merchant.billed()


def test_08_goods_that_bigcommerce_does_not_describe_are_not_offered(
    owner: Owner, shopper: Shopper, merchant: Merchant, shops: BigCommerce
) -> None:
    shops.fails("GET .*/catalog/products", Reply(500, {}), times=3)
    shopper.add("coat")

    assert (None, "no_product_data") == (shopper.see().offer, shopper.said["reason"])
    assert {} == merchant.books(reported(owner, shopper)).covered  # type: ignore[union-attr]


def test_09_pickup_leaves_return_coverage_to_be_agreed_to(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    shopper.cart.is_pickup = True

    assert Seen(2_98, checked=False, notice="modes_changed", fee=None, total=50_00) == shopper.see()
    assert 2_98 == shopper.tick().fee
    assert covered(50_00, 2_98, ["returnCoverage"]) == merchant.books(reported(owner, shopper))


def test_09_goods_that_are_not_shipped_are_digital(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("ebook")

    shopper.see()

    asked = [r.body for r in merchant.front.door.received if r.path == "/v1/analyze"]
    assert [{"deliveryMethod": "DIGITAL"}] == asked[-1]["deliveryGroups"]
    seen = shopper.tick()
    modes = shopper.said["offer"]["modes"]
    assert covered(50_00, seen.fee or 0, modes) == merchant.books(reported(owner, shopper))


def test_10_a_coupon_counts_and_the_fee_follows(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    plans = [{"when": "cart.discountedSubtotalAmount > 14000", "base": {"USD": 3_10}}]
    pricing = {**DOCUMENT["pricing"], "returnCoverage": [*plans, {"base": {"USD": 2_98}}]}
    publish(merchant, pricing=pricing)
    shopper.add("lamp", 3)
    shopper.see()
    assert 5_10 == shopper.tick().fee

    shopper.cart.coupon = Decimal(10)

    assert (4_98, 4_98, 144_98) == ((seen := shopper.see()).offer, seen.fee, seen.total)
    assert covered(135_00, 4_98) == merchant.books(reported(owner, shopper))


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


def test_11_signing_in_keeps_session_and_yes(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    shopper.sign_in()

    assert ACCEPTED == shopper.see()
    assert covered(50_00, 4_98) == merchant.books(reported(owner, shopper))
    assert 1 == merchant.shop.row_counts()["offer_sessions"]


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


@pytest.mark.parametrize(
    ("currency", "fee", "goods"),
    [("JPY", 498, 50), ("KWD", 1_255, 50_000), ("EUR", 4_98, 50_00)],
)
def test_12_amounts_have_the_decimals_of_their_currency(
    site: Site, owner: Owner, merchant: Merchant, currency: str, fee: int, goods: int
) -> None:
    shopper = Shopper(site, owner.store, currency)
    shopper.add("lamp")

    assert fee == shopper.see().offer
    assert fee == shopper.tick().fee
    assert covered(goods, fee) == merchant.books(reported(owner, shopper))


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


@pytest.mark.parametrize("currency", ["GBP", "IRT"])
def test_12_currencies_without_prices_get_no_offer(
    site: Site, owner: Owner, merchant: Merchant, currency: str
) -> None:
    shopper = Shopper(site, owner.store, currency)
    shopper.add("lamp")

    assert shopper.see().offer is None
    assert "currency_not_supported" == shopper.said["reason"]
    order = reported(owner, shopper)
    assert 0 == merchant.billed()
    assert (currency == "GBP") == (merchant.order(order) is not None)


@pytest.mark.parametrize(
    ("tax_class", "without_tax"), [(UNTAXED, 11_98), (STANDARD, 10_07)], ids=["untaxed", "taxed"]
)
def test_13_prices_with_tax_are_quoted_charged_and_covered_with_it(
    owner: Owner, shopper: Shopper, merchant: Merchant, tax_class: int, without_tax: int
) -> None:
    shopper.store.tax_included, shopper.store.tax_rate = True, Decimal("0.19")
    owner.enters(tax_class=tax_class)
    shopper.add("vase", 3)  # 133.00 each, with 19 % inside

    assert 11_98 == shopper.see().offer
    ticked = shopper.tick()
    assert (11_98, 399_00 + 5_00 + 11_98) == (ticked.fee, ticked.total)
    (fee,) = shopper.cart.fees
    assert (tax_class, without_tax) == (fee["tax_class_id"], round(fee["cost_ex_tax"] * 100))
    assert covered(399_00, 11_98) == merchant.books(reported(owner, shopper))


def test_13_a_store_that_adds_tax_is_quoted_charged_and_covered_without(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.store.tax_rate = Decimal("0.19")
    owner.enters(tax_class=STANDARD)
    shopper.add("vase")
    shopper.see()

    ticked = shopper.tick()

    assert (5_10, 5_10) == (ticked.offer, ticked.fee)
    assert 158_27 + 5_00 + 6_07 == ticked.total  # 5.10 and 19 %
    assert covered(133_00, 5_10) == merchant.books(reported(owner, shopper))


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


def test_16_the_next_order_starts_unticked_in_a_session_of_its_own(
    site: Site, owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    first = reported(owner, shopper)

    again = Shopper(site, shopper.store)
    again.add("lamp")
    assert OFFERED == again.see()
    second = reported(owner, again)

    assert covered(50_00, 4_98) == merchant.books(first)
    ends = [merchant.order(order) for order in (first, second)]
    assert ["accepted", "declined"] == [end["acceptance"]["outcome"] for end in ends if end]
    assert 2 == len({end["acceptance"]["session_id"] for end in ends if end})


def test_16_a_cart_that_was_emptied_takes_yes_and_fee_along(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()

    shopper.cart.pieces.clear()
    assert (None, None) == ((seen := shopper.see()).offer, seen.fee)
    shopper.add("lamp")

    assert OFFERED == shopper.see()
    assert DECLINED == merchant.books(reported(owner, shopper))


@pytest.mark.parametrize("spoiled", [GONE, UNAVAILABLE, NONSENSE, HALF_AN_ANSWER, Reply(500, {})])
def test_17_an_orderguard_out_of_order_costs_no_sale(
    owner: Owner, shopper: Shopper, merchant: Merchant, spoiled: Reply
) -> None:
    merchant.front.spoiled = spoiled
    shopper.add("lamp")

    assert (None, None) == ((seen := shopper.see()).offer, seen.fee)
    shopper.see()
    order = shopper.place()

    assert 1 == merchant.front.asked("/v1/analyze")  # and rested afterwards
    merchant.front.spoiled = None
    owner.deliver()
    assert "declined" == merchant.books(order.id).outcome  # type: ignore[union-attr]


def test_17_silence_is_waited_for_once(
    site: Site, owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    site.control("timeouts", 800, 20_000)  # as it is in shops
    merchant.front.spoiled = SILENT

    shopper.add("lamp")
    silent = shopper.see()  # the silence is 30 seconds; ours ends it after 0.8
    shopper.see()

    assert (None, None) == (silent.offer, silent.fee)  # nobody priced this cart
    assert 2 == merchant.front.asked("/v1/analyze")
    merchant.front.spoiled = None
    assert DECLINED == merchant.books(reported(owner, shopper))


def test_17_a_yes_given_before_orderguard_went_silent_is_charged_and_covered(
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


def test_25_a_new_price_is_seen_within_minutes(
    site: Site, owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    plans = [{"base": {"USD": 4_98}}]
    publish(merchant, pricing={**DOCUMENT["pricing"], "returnCoverage": plans})

    assert 4_98 == shopper.see().offer
    site.control("age", 300_000)

    assert 6_98 == shopper.see().offer
    shopper.tick()
    assert covered(50_00, 6_98) == merchant.books(reported(owner, shopper))


def test_25_a_dearer_offer_takes_the_fee_off_and_asks_again(
    site: Site, owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    plans = [{"base": {"USD": 9_98}}]
    publish(merchant, pricing={**DOCUMENT["pricing"], "returnCoverage": plans})
    site.control("age", 300_000)

    assert Seen(11_98, checked=False, notice="price_rose", fee=None, total=55_00) == shopper.see()
    assert DECLINED == merchant.books(reported(owner, shopper))

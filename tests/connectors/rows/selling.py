"""What shoppers see and pay: rows 1 to 13, 16, 17 and 25 of the scenario table."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from tests.client.pretend_server import Reply
from tests.connectors.driver import (
    CURRENCY_CHANGED,
    GONE_OFFER,
    MODES_CHANGED,
    PRICE_ROSE,
    Driver,
    Seen,
)
from tests.connectors.rows import Case, each, row
from tests.connectors.woocommerce.front import (
    GONE,
    HALF_AN_ANSWER,
    NONSENSE,
    SILENT,
    UNAVAILABLE,
)
from tests.connectors.woocommerce.merchant import DOCUMENT

__all__ = [
    "test_01_the_offer_is_shown_unticked_with_its_price",
    "test_02_a_tick_puts_the_fee_into_the_platforms_own_total",
    "test_03_a_browser_cannot_make_a_price_or_a_session",
    "test_04_a_small_rise_and_any_fall_keep_the_yes",
    "test_05_a_larger_rise_ends_the_yes_and_says_so",
    "test_06_a_cart_that_becomes_eligible_gets_its_box",
    "test_07_a_no_is_reported_as_declined",
    "test_08_excluded_goods_take_box_and_fee_away",
    "test_09_what_is_not_shipped_is_covered_for_returns_or_digital",
    "test_10_a_coupon_counts_and_the_fee_follows",
    "test_11_signing_in_keeps_session_and_yes",
    "test_12_amounts_are_exact_in_their_currency_or_not_offered",
    "test_13_tax_is_charged_as_shown_and_reported_as_charged",
    "test_16_the_next_cart_starts_unticked",
    "test_17_an_outage_at_the_offer_costs_no_sale",
    "test_25_changed_settings_are_seen_in_time",
]

OFFERED = Seen(4_98, checked=False, notice=None, fee=None, total=55_00)
ACCEPTED = Seen(4_98, checked=True, notice=None, fee=4_98, total=59_98)


def test_01_the_offer_is_shown_unticked_with_its_price(driver: Driver) -> None:
    driver.add("lamp")

    assert OFFERED == driver.see()

    driver.assert_unprotected(driver.reported(), total=55_00)


def a_second_click_changes_nothing(driver: Driver) -> None:
    driver.add("lamp")
    driver.see()

    assert ACCEPTED == driver.tick()
    assert ACCEPTED == driver.tick()
    assert ACCEPTED == driver.see()

    driver.assert_covered(driver.reported(), total=59_98, goods=50_00)


def two_tabs_put_one_fee(driver: Driver) -> None:
    driver.add("lamp")
    driver.see()

    with ThreadPoolExecutor(4) as tabs:
        list(tabs.map(lambda _: driver.click(), range(4)))

    assert ACCEPTED == driver.see()
    driver.assert_covered(driver.reported(), total=59_98, goods=50_00)


@row(a_second_click_changes_nothing, two_tabs_put_one_fee)
def test_02_a_tick_puts_the_fee_into_the_platforms_own_total(driver: Driver, case: Case) -> None:
    case(driver)


def terms_of_ones_own_are_no_yes(driver: Driver, terms: str) -> None:
    driver.add("lamp")
    driver.see()

    lied = driver.lie(terms)

    assert replace(OFFERED, notice=PRICE_ROSE) == lied
    driver.assert_unprotected(driver.reported(), total=55_00)
    driver.assert_the_next_order_is_right()


@row(
    each(
        terms_of_ones_own_are_no_yes,
        other_terms="lop_00000000000000000000 1 USD returnCoverage",
        rubbish="<script>alert(1)</script>" + "x" * 5000,
    )
)
def test_03_a_browser_cannot_make_a_price_or_a_session(driver: Driver, case: Case) -> None:
    case(driver)


def test_04_a_small_rise_and_any_fall_keep_the_yes(driver: Driver) -> None:
    driver.cart()
    risen = Seen(5_10, checked=True, notice=None, fee=5_10, total=160_10)

    driver.add("lamp", 2)  # 150.00 of goods: 5.10 instead of 4.98
    assert risen == driver.see()
    driver.change("lamp", 1)
    assert ACCEPTED == driver.see()
    driver.change("lamp", 3)
    assert risen == driver.see()

    driver.assert_covered(driver.reported(), total=160_10, goods=150_00, fee=5_10)


def one_large_rise(driver: Driver) -> None:
    driver.cart()

    driver.add("lamp", 4)  # 250.00: 11.98
    rose = Seen(11_98, checked=False, notice=PRICE_ROSE, fee=None, total=255_00)
    assert rose == driver.see()

    again = driver.tick()
    assert Seen(11_98, checked=True, notice=None, fee=11_98, total=266_98) == again
    driver.assert_covered(driver.reported(), total=266_98, goods=250_00, fee=11_98)


def small_rises_do_not_add_up(driver: Driver) -> None:
    plans: list[dict[str, object]] = [{"base": {"USD": 2_98}}]
    for pieces, price in ((2, 3_38), (3, 3_78)):
        plans.insert(0, {"when": f"cart.itemCount >= {pieces}", "base": {"USD": price}})
    driver.publish(pricing=DOCUMENT["pricing"] | {"returnCoverage": plans})
    driver.cart()

    driver.add("lamp")
    assert 5_38 == driver.see().fee  # 8 % above 4.98
    driver.add("lamp")

    third = driver.see()  # 16 % above what was agreed to
    assert (None, PRICE_ROSE) == (third.fee, third.notice)
    driver.assert_unprotected(driver.reported(), total=155_00)
    driver.publish()
    driver.assert_the_next_order_is_right()


@row(one_large_rise, small_rises_do_not_add_up)
def test_05_a_larger_rise_ends_the_yes_and_says_so(driver: Driver, case: Case) -> None:
    case(driver)


def test_06_a_cart_that_becomes_eligible_gets_its_box(driver: Driver) -> None:
    driver.add("throw")  # 15.00, below the minimum of 20.00
    assert driver.see().offer is None
    assert driver.reason() in (None, "cart_total_too_low")

    driver.add("throw")

    assert 4_98 == driver.see().offer
    assert 4_98 == driver.tick().fee
    driver.assert_covered(driver.reported(), total=39_98, goods=30_00)


def test_07_a_no_is_reported_as_declined(driver: Driver) -> None:
    driver.cart()

    assert OFFERED == driver.untick()

    order = driver.reported()
    driver.assert_unprotected(order, total=55_00)
    found = driver.merchant.order(order)
    assert found
    assert found["acceptance"]["session_id"]


def test_08_excluded_goods_take_box_and_fee_away(driver: Driver) -> None:
    driver.cart()

    driver.add("coat")

    assert Seen(None, checked=False, notice=GONE_OFFER, fee=None, total=255_00) == driver.see()
    order = driver.reported()
    assert (None, 255_00) == (driver.fee(order), driver.total(order))
    driver.assert_ended(order)
    driver.assert_the_next_order_is_right()


def pickup_leaves_return_coverage_to_be_agreed_to(driver: Driver) -> None:
    driver.cart()

    driver.set_rate("pickup")

    assert Seen(2_98, checked=False, notice=MODES_CHANGED, fee=None, total=50_00) == driver.see()
    assert 2_98 == driver.tick().fee
    order = driver.reported()
    modes = ["returnCoverage"]
    driver.assert_covered(order, total=52_98, goods=50_00, fee=2_98, modes=modes)


def nothing_to_ship_is_digital(driver: Driver) -> None:
    driver.add("ebook", 2)

    goods = driver.see().total

    asked = driver.asked()[-1]
    assert [{"deliveryMethod": "DIGITAL"}] == asked["deliveryGroups"]
    assert [False] == [line["requiresShipping"] for line in asked["cart"]["lines"]]
    assert 4_98 == driver.tick().fee
    driver.assert_covered(driver.reported(), total=goods + 4_98, goods=goods)


@row(pickup_leaves_return_coverage_to_be_agreed_to, nothing_to_ship_is_digital)
def test_09_what_is_not_shipped_is_covered_for_returns_or_digital(
    driver: Driver, case: Case
) -> None:
    case(driver)


def test_10_a_coupon_counts_and_the_fee_follows(driver: Driver) -> None:
    plans = [{"when": "cart.discountedSubtotalAmount > 14000", "base": {"USD": 3_10}}]
    plans.append({"base": {"USD": 2_98}})
    driver.publish(pricing=DOCUMENT["pricing"] | {"returnCoverage": plans})
    assert 5_10 == driver.cart(pieces=3).fee

    driver.coupon()

    left = driver.coupon_leaves[150_00]
    assert Seen(4_98, True, None, 4_98, left + 5_00 + 4_98) == driver.see()
    asked = driver.asked()[-1]["cart"]
    assert (150_00, left) == (asked["subtotalAmount"], asked["discountedSubtotalAmount"])
    driver.assert_covered(driver.reported(), total=left + 9_98, goods=left)
    driver.publish()
    driver.assert_the_next_order_is_right()


def test_11_signing_in_keeps_session_and_yes(driver: Driver) -> None:
    driver.cart()

    driver.sign_in()

    assert ACCEPTED == driver.see()
    driver.assert_covered(driver.reported(), total=59_98, goods=50_00)
    assert 1 == driver.merchant.shop.row_counts()["offer_sessions"]
    assert 1 == len({body["cartId"] for body in driver.asked()})


def amounts_have_the_decimals_of_their_currency(
    driver: Driver, currency: str, unit: int, price: int
) -> None:
    ships = [{"base": {"JPY": 98, "KWD": 10, "EUR": 2_00}}]
    driver.publish(pricing=DOCUMENT["pricing"] | {"shippingProtection": ships})
    driver.sell_in(currency)
    driver.add("lamp")

    assert price == driver.see().offer
    ticked = driver.tick()
    assert (price, 55 * unit + price) == (ticked.fee, ticked.total)
    order = driver.reported()
    driver.assert_covered(order, total=55 * unit + price, goods=50 * unit, fee=price)


def a_price_of_1_255_is_charged_exactly_or_not_offered(driver: Driver) -> None:
    driver.sell_in("KWD")
    driver.add("lamp")
    seen = driver.see()

    if driver.holds_thousandths:
        ticked = driver.tick()
        assert (1_255, 56_255) == (ticked.fee, ticked.total)
        driver.assert_covered(driver.reported(), total=56_255, goods=50_000, fee=1_255)
    else:
        assert seen.offer is None
        assert driver.reason() in (None, "not_chargeable")
        driver.assert_unprotected(driver.reported(), total=55_000)


def an_unknown_currency_is_no_offer_no_note_and_no_loss(driver: Driver) -> None:
    driver.sell_in("IRT")
    driver.add("lamp")

    assert driver.see().offer is None
    order = driver.reported()

    assert driver.fee(order) is None
    assert [] == driver.notes(order)
    driver.assert_nothing_billed()


def another_currency_takes_the_fee_off(driver: Driver) -> None:
    driver.cart()

    driver.change_currency()

    seen = driver.see()
    assert (CURRENCY_CHANGED, None) == (seen.notice, seen.fee)
    driver.assert_unprotected(driver.reported(), total=None)


@row(
    each(
        amounts_have_the_decimals_of_their_currency,
        JPY=("JPY", 1, 498),
        KWD=("KWD", 1_000, 1_260),
        EUR=("EUR", 1_00, 4_98),
    ),
    a_price_of_1_255_is_charged_exactly_or_not_offered,
    an_unknown_currency_is_no_offer_no_note_and_no_loss,
    another_currency_takes_the_fee_off,
)
def test_12_amounts_are_exact_in_their_currency_or_not_offered(driver: Driver, case: Case) -> None:
    case(driver)


def prices_with_tax_are_quoted_charged_and_covered_with_it(
    driver: Driver, on_the_fee: bool, without_tax: int
) -> None:
    driver.with_tax(included=True, on_the_fee=on_the_fee)
    driver.add("vase", 3)

    seen = driver.see()
    goods = seen.total - driver.sending_in_a_gross_shop
    assert (11_98, goods) == (seen.offer, driver.asked()[-1]["cart"]["subtotalAmount"])
    ticked = driver.tick()
    assert (11_98, seen.total + 11_98) == (ticked.fee, ticked.total)
    order = driver.reported()
    assert (11_98, without_tax) == driver.fee(order)
    driver.assert_covered(order, total=ticked.total, goods=goods, fee=11_98)


def tax_on_top_is_quoted_and_covered_without_it(driver: Driver) -> None:
    driver.with_tax(included=False, on_the_fee=True)
    driver.add("vase")
    seen = driver.see()
    fee = seen.offer or 0
    with_tax = round(fee * 1.19)

    assert seen.total + with_tax == driver.tick().total
    order = driver.reported()
    assert (with_tax, fee) == driver.fee(order)
    driver.assert_covered(order, total=seen.total + with_tax, goods=driver.vase, fee=fee)


@row(
    each(
        prices_with_tax_are_quoted_charged_and_covered_with_it,
        untaxed_fee=(False, 11_98),
        taxed_fee=(True, 10_07),
    ),
    tax_on_top_is_quoted_and_covered_without_it,
)
def test_13_tax_is_charged_as_shown_and_reported_as_charged(driver: Driver, case: Case) -> None:
    case(driver)


def the_next_order_has_a_session_of_its_own(driver: Driver) -> None:
    first = driver.protected()
    driver.run_queue()

    driver.add("lamp")
    assert OFFERED == driver.see()
    second = driver.reported()

    driver.assert_covered(first, total=59_98, goods=50_00)
    driver.assert_unprotected(second, total=55_00, billed=4_98)
    ends = [driver.merchant.order(order) for order in (first, second)]
    assert 2 == len({end["acceptance"]["session_id"] for end in ends if end})
    assert 2 == len({body["cartId"] for body in driver.asked()})


def the_second_yes_of_a_customer_is_exact(driver: Driver) -> None:
    driver.add("lamp")
    driver.sign_in()
    for number in (1, 2):
        driver.see()
        driver.tick()
        order = driver.reported()
        driver.assert_covered(order, total=59_98, goods=50_00, billed=number * 4_98)
        driver.add("lamp")


def a_cart_that_was_emptied_takes_the_yes_along(driver: Driver) -> None:
    driver.cart()

    driver.empty()
    driver.add("lamp")

    assert OFFERED == driver.see()
    driver.assert_unprotected(driver.reported(), total=55_00)


@row(
    the_next_order_has_a_session_of_its_own,
    the_second_yes_of_a_customer_is_exact,
    a_cart_that_was_emptied_takes_the_yes_along,
)
def test_16_the_next_cart_starts_unticked(driver: Driver, case: Case) -> None:
    case(driver)


def an_orderguard_out_of_order_is_asked_once(driver: Driver, spoiled: Reply) -> None:
    driver.merchant.front.spoiled = spoiled
    driver.add("lamp")

    assert Seen(None, checked=False, notice=None, fee=None, total=55_00) == driver.see()
    driver.see()
    order = driver.place()

    assert 1 == len(driver.asked()) or 401 == spoiled.status or not driver.rests_after_an_error
    driver.merchant.front.spoiled = None
    driver.run_queue()
    driver.retry()
    driver.assert_unprotected(order, total=55_00)


def silence_is_waited_for_once(driver: Driver) -> None:
    driver.cart()
    driver.patience(is_short=True)
    driver.merchant.front.spoiled = SILENT
    asked = len(driver.asked())

    driver.add("lamp")
    silent = driver.see()  # the silence is 30 seconds
    assert (None, None, 105_00) == (silent.offer, silent.fee, silent.total)  # nobody priced it
    driver.see()
    order = driver.place()

    assert asked + 1 == len(driver.asked())
    driver.merchant.front.spoiled = None
    driver.patience(is_short=False)
    driver.run_queue()
    driver.retry()
    driver.assert_unprotected(order, total=105_00)
    driver.assert_the_next_order_is_right()


def a_yes_given_before_is_charged_and_covered(driver: Driver, spoiled: Reply) -> None:
    driver.cart()

    driver.patience(is_short=spoiled is SILENT)
    driver.merchant.front.spoiled = spoiled
    order = driver.place()

    driver.merchant.front.spoiled = None
    driver.patience(is_short=False)
    driver.run_queue()
    driver.retry()
    driver.assert_covered(order, total=59_98, goods=50_00)


def a_yes_that_an_outage_interrupted_is_asked_for_again(driver: Driver) -> None:
    driver.cart()
    driver.merchant.front.spoiled = UNAVAILABLE
    driver.add("lamp")

    assert Seen(None, checked=False, notice=GONE_OFFER, fee=None, total=105_00) == driver.see()
    driver.merchant.front.spoiled = None
    driver.age(600)

    seen = driver.see()
    assert (4_98, False, GONE_OFFER, None) == (seen.offer, seen.checked, seen.notice, seen.fee)
    assert 4_98 == driver.tick().fee
    driver.assert_covered(driver.reported(), total=109_98, goods=100_00)


@row(
    each(
        an_orderguard_out_of_order_is_asked_once,
        gone=GONE,
        unavailable=UNAVAILABLE,
        nonsense=NONSENSE,
        half_an_answer=HALF_AN_ANSWER,
        broken=Reply(500, {}),
        key_unknown=Reply(401, {}),
    ),
    silence_is_waited_for_once,
    each(a_yes_given_before_is_charged_and_covered, unavailable=UNAVAILABLE, silent=SILENT),
    a_yes_that_an_outage_interrupted_is_asked_for_again,
)
def test_17_an_outage_at_the_offer_costs_no_sale(driver: Driver, case: Case) -> None:
    case(driver)


def raised(driver: Driver, by: int) -> None:
    plans = [{"base": {"USD": 2_98 + by}}]
    driver.publish(pricing=DOCUMENT["pricing"] | {"returnCoverage": plans})


def a_new_price_is_seen_within_minutes(driver: Driver) -> None:
    driver.add("lamp")
    driver.see()
    raised(driver, 2_00)

    assert 4_98 == driver.see().offer
    driver.age(300)

    assert 6_98 == driver.see().offer
    driver.tick()
    driver.assert_covered(driver.reported(), total=61_98, goods=50_00, fee=6_98)


def a_dearer_offer_ends_the_yes_within_minutes(driver: Driver) -> None:
    driver.cart()
    raised(driver, 7_00)
    driver.age(300)

    assert Seen(11_98, checked=False, notice=PRICE_ROSE, fee=None, total=55_00) == driver.see()
    driver.assert_unprotected(driver.reported(), total=55_00)


def a_price_that_changes_while_placing_is_shown_before_it_is_charged(
    driver: Driver, by: int, age: int
) -> None:
    driver.cart()
    raised(driver, by)
    driver.age(age)

    order = driver.reported()  # which no shopper pays unseen, see `place`

    fee = 4_98 + by
    driver.assert_covered(order, total=55_00 + fee, goods=50_00, fee=fee)
    assert driver.stops_for_a_new_total <= (by > 0)


def a_much_higher_price_while_placing_takes_a_new_yes(driver: Driver) -> None:
    driver.cart()
    raised(driver, 7_00)

    driver.assert_unprotected(driver.reported(), total=55_00)


def protection_switched_off_while_placing_is_not_charged(driver: Driver) -> None:
    driver.cart()
    driver.publish(enabled=False)

    order = driver.reported()

    assert (None, 55_00) == (driver.fee(order), driver.total(order))
    driver.assert_ended(order)
    assert driver.stops_for_a_new_total <= 1


@row(
    a_new_price_is_seen_within_minutes,
    a_dearer_offer_ends_the_yes_within_minutes,
    each(
        a_price_that_changes_while_placing_is_shown_before_it_is_charged,
        higher=(40, 0),
        higher_for_minutes=(40, 300),
        lower=(-1_00, 0),
    ),
    a_much_higher_price_while_placing_takes_a_new_yes,
    protection_switched_off_while_placing_is_not_charged,
)
def test_25_changed_settings_are_seen_in_time(driver: Driver, case: Case) -> None:
    case(driver)

"""What Orderguard hears of orders: rows 14, 15 and 18 to 21 of the scenario table."""

from __future__ import annotations

from decimal import Decimal

from tests.client.pretend_server import Reply
from tests.connectors.driver import Driver
from tests.connectors.rows import Case, each, row
from tests.connectors.woocommerce.front import GONE, REFUSED, SILENT, UNAVAILABLE
from tests.connectors.woocommerce.merchant import BOTH, covered

__all__ = [
    "test_14_the_placed_order_arrives_with_session_modes_and_amount",
    "test_15_nothing_is_billed_before_the_money_is_there",
    "test_18_a_report_that_nobody_takes_arrives_once_in_the_end",
    "test_19_a_refused_report_is_told_and_can_be_repeated",
    "test_20_the_cover_follows_refunds",
    "test_21_the_cover_follows_cancellations_and_changes",
]


def the_order_says_session_modes_and_amount(driver: Driver) -> None:
    order = driver.protected(pieces=2)
    driver.run_queue()

    (pushed,) = driver.pushes(order)
    (line,), (fee,) = pushed["line_items"], pushed["fees"]
    price = Decimal(line["unit_price"]["amount"])
    assert (Decimal(50), "LAMP", "Lamp") == (price, line["sku"], line["title"])
    assert (BOTH, "4.98") == (fee["accepted_offer_mode"], fee["amount"]["amount"])
    assert "109.98" == pushed["total_price"]["amount"]
    driver.assert_covered(order, total=109_98, goods=100_00)
    driver.retry()
    assert 1 == len(driver.pushes(order))


def what_a_coupon_leaves_is_covered_to_the_cent(driver: Driver) -> None:
    driver.add("throw", 3)
    driver.coupon()
    driver.see()
    driver.tick()

    left = driver.coupon_leaves[45_00]
    driver.assert_covered(driver.reported(), total=left + 9_98, goods=left)


def a_shipped_order_is_no_news(driver: Driver) -> None:
    order = driver.protected()
    driver.run_queue()

    driver.ship(order)
    driver.run_queue()
    driver.retry()

    driver.assert_covered(order, total=59_98, goods=50_00)
    assert 1 == len(driver.pushes(order))


@row(
    the_order_says_session_modes_and_amount,
    what_a_coupon_leaves_is_covered_to_the_cent,
    a_shipped_order_is_no_news,
)
def test_14_the_placed_order_arrives_with_session_modes_and_amount(
    driver: Driver, case: Case
) -> None:
    case(driver)


def a_declined_card_is_not_billed_until_another_pays(driver: Driver) -> None:
    driver.cart()
    driver.pay_fails()
    driver.run_queue()
    driver.retry()
    driver.assert_nothing_billed()

    assert driver.see().checked  # the cart is the same, and so is the yes
    order = driver.reported()

    driver.assert_covered(order, total=59_98, goods=50_00)
    assert 1 == len(driver.merchant.orders())


def a_shopper_who_then_says_no_is_not_billed(driver: Driver) -> None:
    driver.cart()
    driver.pay_fails()

    driver.see()
    driver.untick()
    order = driver.reported()

    driver.assert_unprotected(order, total=55_00)
    assert 1 == len(driver.merchant.orders())


def an_order_whose_money_has_yet_to_come_waits_for_it(driver: Driver) -> None:
    driver.cart()
    order = driver.place_unpaid()
    driver.run_queue()
    driver.retry()
    driver.assert_nothing_billed()

    driver.capture(order)
    driver.run_queue()

    driver.assert_covered(order, total=59_98, goods=50_00)


def an_order_that_ends_unpaid_is_never_heard_of(driver: Driver) -> None:
    driver.cart()
    order = driver.place_unpaid()
    driver.cancel(order)
    driver.run_queue()
    driver.retry()

    assert 4_98 in (driver.fee(order) or ())
    driver.assert_nothing_billed()


@row(
    a_declined_card_is_not_billed_until_another_pays,
    a_shopper_who_then_says_no_is_not_billed,
    an_order_whose_money_has_yet_to_come_waits_for_it,
    an_order_that_ends_unpaid_is_never_heard_of,
)
def test_15_nothing_is_billed_before_the_money_is_there(driver: Driver, case: Case) -> None:
    case(driver)


def a_report_that_nobody_takes_is_repeated(driver: Driver, spoiled: Reply) -> None:
    driver.cart()
    driver.patience(is_short=spoiled is SILENT)
    order = driver.place(spoiled)  # no shopper waits for a report
    driver.run_queue()
    assert (1, 0) == (driver.waiting(), driver.refused())
    assert order in (driver.failure() or order)
    assert [] == driver.notes(order)

    driver.merchant.front.spoiled = None
    driver.patience(is_short=False)
    driver.run_queue()
    driver.assert_nothing_billed()  # it waits for its turn
    driver.retry()

    driver.assert_covered(order, total=59_98, goods=50_00)
    assert (1, 0) == (len(driver.merchant.orders()), driver.waiting())
    assert not driver.failure()


def a_lost_answer_is_no_second_order(driver: Driver) -> None:
    order = driver.protected()
    driver.run_queue()

    driver.push_again(order)

    assert 2 == len(driver.pushes(order))
    driver.assert_covered(order, total=59_98, goods=50_00)


def after_an_outage_all_that_waits_is_reported(driver: Driver) -> None:
    orders = []
    for _ in range(3):
        driver.merchant.front.spoiled = None
        driver.age(600)  # the breaker is closed again
        orders.append(driver.protected(spoiled=UNAVAILABLE))
        driver.run_queue()
    driver.assert_nothing_billed()
    asked = driver.merchant.front.asked("/api/v1/orders")
    driver.retry()
    tries = driver.merchant.front.asked("/api/v1/orders") - asked
    assert tries <= (1 if driver.stops_at_the_first_silence else len(orders))

    driver.merchant.front.spoiled = None
    driver.add("lamp")
    orders.append(driver.reported())
    driver.recover(orders[2])

    assert sorted(orders) == sorted(each["external_id"] for each in driver.merchant.orders())
    for order in orders[:3]:
        driver.assert_covered(order, total=59_98, goods=50_00, billed=3 * 4_98)
    driver.assert_unprotected(orders[3], total=55_00, billed=3 * 4_98)


@row(
    each(
        a_report_that_nobody_takes_is_repeated,
        gone=GONE,
        unavailable=UNAVAILABLE,
        silent=SILENT,
        key_unknown=Reply(401, {}),
        not_found=Reply(404, {}),
    ),
    a_lost_answer_is_no_second_order,
    after_an_outage_all_that_waits_is_reported,
)
def test_18_a_report_that_nobody_takes_arrives_once_in_the_end(driver: Driver, case: Case) -> None:
    case(driver)


def of_a_protected_order(driver: Driver) -> None:
    order = driver.protected(spoiled=REFUSED)
    driver.run_queue()
    driver.retry()

    (told,) = driver.notes(order)
    assert "total_price cannot be read" in told
    assert (0, 1) == (driver.waiting(), driver.refused())
    driver.assert_nothing_billed()

    driver.merchant.front.spoiled = None
    driver.push_again(order)

    driver.assert_covered(order, total=59_98, goods=50_00)
    assert (1, 0) == (len(driver.notes(order)), driver.refused())
    driver.assert_the_next_order_is_right()


def an_order_without_our_fee_is_no_note(driver: Driver) -> None:
    driver.add("lamp")
    order = driver.place(REFUSED)
    driver.run_queue()

    assert [] == driver.notes(order)
    assert 1 == driver.refused()
    assert (None, 55_00) == (driver.fee(order), driver.total(order))
    driver.assert_nothing_billed()


@row(of_a_protected_order, an_order_without_our_fee_is_no_note)
def test_19_a_refused_report_is_told_and_can_be_repeated(driver: Driver, case: Case) -> None:
    case(driver)


def goods_lower_the_cover(driver: Driver) -> None:
    order = driver.protected(pieces=2)
    driver.run_queue()

    driver.refund(order, 50_00, pieces=1)
    driver.run_queue()

    assert covered(50_00, 4_98) == driver.merchant.books(order)
    pushed = len(driver.pushes(order))
    driver.retry()
    assert pushed == len(driver.pushes(order))  # everything was looked at


def the_fee_ends_the_cover(driver: Driver) -> None:
    order = driver.protected()
    driver.run_queue()

    driver.refund(order, 4_98, fee=True)
    driver.run_queue()

    driver.assert_ended(order)


def everything_ends_the_cover(driver: Driver) -> None:
    order = driver.protected()
    driver.run_queue()

    driver.refund(order, 59_98)
    driver.run_queue()

    driver.assert_ended(order)
    driver.assert_the_next_order_is_right()


def a_small_goodwill_leaves_the_cover(driver: Driver) -> None:
    order = driver.protected()
    driver.run_queue()

    driver.refund(order, 3_00)
    driver.run_queue()

    books = driver.merchant.books(order)
    assert books
    assert (set(BOTH), 4_98, "exact") == (set(books.covered), books.billed, books.verdict)


@row(
    goods_lower_the_cover,
    the_fee_ends_the_cover,
    everything_ends_the_cover,
    a_small_goodwill_leaves_the_cover,
)
def test_20_the_cover_follows_refunds(driver: Driver, case: Case) -> None:
    case(driver)


def a_cancelled_order_takes_cover_and_billing_along(driver: Driver) -> None:
    order = driver.protected()
    driver.run_queue()
    driver.assert_covered(order, total=59_98, goods=50_00)

    driver.cancel(order)
    driver.run_queue()

    driver.assert_ended(order)
    driver.assert_the_next_order_is_right()


def an_edited_order_is_reported_as_it_ends_up(driver: Driver) -> None:
    order = driver.protected(pieces=2)
    driver.run_queue()

    driver.edit(order, 1)
    driver.run_queue()

    assert covered(50_00, 4_98) == driver.merchant.books(order)


def a_deleted_order_is_deleted(driver: Driver) -> None:
    order = driver.protected()
    driver.run_queue()
    assert 4_98 == driver.merchant.billed()

    driver.delete(order)
    driver.run_queue()

    assert 0 == driver.merchant.billed()


def an_order_of_the_owner_is_reported_when_paid(driver: Driver) -> None:
    order = driver.unpaid_by_hand()
    driver.run_queue()
    driver.assert_nothing_billed()

    driver.capture(order)
    driver.run_queue()

    driver.assert_unprotected(order, total=None)


@row(
    a_cancelled_order_takes_cover_and_billing_along,
    an_edited_order_is_reported_as_it_ends_up,
    a_deleted_order_is_deleted,
    an_order_of_the_owner_is_reported_when_paid,
)
def test_21_the_cover_follows_cancellations_and_changes(driver: Driver, case: Case) -> None:
    case(driver)

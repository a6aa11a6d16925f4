"""Each page of the shop, while Orderguard is dead, silent or slow: rows 17 and 18.

Every page here is the one that asks, because what the shop remembers is old: in a shop the next
pages do not wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from tests.connectors.pages import (
    BUDGET_SECONDS,
    ROUNDS,
    SLOW_SECONDS,
    TROUBLE,
    Clock,
    State,
    doing,
)
from tests.connectors.woocommerce.driver import WooCommerceDriver
from tests.connectors.woocommerce.merchant import BOTH, Merchant, covered
from tests.connectors.woocommerce.shoppers import Shopper
from tests.connectors.woocommerce.site import PLUGIN, Site

Answer = TypeVar("Answer")


class Walk:
    """One shopper's way through all pages in one state of Orderguard."""

    def __init__(self, shop: Site, shopper: Shopper, merchant: Merchant, clock: Clock) -> None:
        self.shop = shop
        self.shopper = shopper
        self.merchant = merchant
        self.clock = clock
        self.asked: list[list[float]] = []

    def goes(self, state: State) -> tuple[int, int]:
        """An order with a yes from before, and one without that is paid on its own page."""
        shop, shopper = self.shop, self.shopper
        unpaid: int = shop.control("admin_order", "lamp", False)["id"]
        cart = f"/?page_id={shop.ids['cart']}"
        shopper.add("lamp")
        shopper.see()
        if state is not State.ABSENT:
            shopper.tick()
        shop.control("options", {"test_timeout": 0})  # as shops wait
        with doing(self.merchant.front, state):
            self._page("cart", state, lambda: shopper.http.get(cart))
            self._page("checkout", state, lambda: shopper.http.get(shopper.page))
            self._page("update", state, shopper.update)
            placed = self._page("place the order", state, shopper.place)
            assert placed.order, placed.error
            order = placed.order
            self._page("thank you", state, lambda: shopper.open_order(order, "order-received"))
            page = self._page("pay page", state, lambda: shopper.open_order(unpaid, "order-pay"))
            self._page("pay, the button", state, lambda: shopper.pay(unpaid, page))
            if state.is_outage:
                shop.control("options", {"test_timeout": 1})
                shop.control("run_queue")
        shop.control("options", {"test_timeout": 20})
        shop.control("age", 600)
        return order, unpaid

    def _page(self, name: str, state: State, work: Callable[[], Answer]) -> Answer:
        self.shop.control("age", 240)
        before = len(self.shop.requests())
        with self.clock.page(f"{self.shopper.checkout}: {name}", state):
            answer = work()
        self.asked.append(
            [each["timeout"] for each in self.shop.requests()[before:] if "analyze" in each["path"]]
        )
        return answer


def assert_each_is_reported_once(walk: Walk, orders: list[tuple[int, int]]) -> None:
    """With its coverage and its posting, once what waits is sent."""
    shop, merchant = walk.shop, walk.merchant
    shop.control("run_queue", True)
    for with_fee, without in orders:
        assert covered(50_00, len(orders) * 4_98, BOTH) == merchant.books(with_fee)
        assert "declined" == merchant.books(without).outcome  # type: ignore[union-attr]
    taken = [each for each in shop.requests() if each["status"] in (200, 201)]
    sent = [each["body"]["external_id"] for each in taken if each["method"] == "PUT"]
    assert {1} == {sent.count(str(order)) for pair in orders for order in pair}


@pytest.mark.parametrize("state", TROUBLE)
def test_18_no_page_waits_long_and_every_order_is_reported_once(
    shop: Site, driver: WooCommerceDriver, merchant: Merchant, state: State
) -> None:
    walk = Walk(shop, driver.shopper, merchant, Clock())

    assert_each_is_reported_once(walk, [walk.goes(state)])

    assert any(walk.asked)
    for waits in walk.asked:
        if state is State.SLOW:
            assert all(wait <= BUDGET_SECONDS - SLOW_SECONDS for wait in waits[1:]), walk.asked
        else:
            assert len(waits) <= 1, walk.asked
        assert all(wait <= BUDGET_SECONDS for wait in waits)
    driver.assert_the_next_order_is_right()


if ROUNDS:

    @pytest.fixture(scope="module")
    def clock(site: Site) -> Iterator[Clock]:
        clock = Clock()
        yield clock
        clock.write("woocommerce", {"WooCommerce": str(site.kind)})

    def test_how_long_pages_take(
        shop: Site, shopper: Shopper, merchant: Merchant, clock: Clock
    ) -> None:
        walk = Walk(shop, shopper, merchant, clock)
        orders = []
        for _ in range(ROUNDS):
            shop.control("run_queue", True)
            shop.control("deactivate", PLUGIN)
            walk.goes(State.ABSENT)
            shop.control("activate", PLUGIN)
            orders += [walk.goes(state) for state in State if state is not State.ABSENT]
        assert_each_is_reported_once(walk, orders)


def test_17_a_page_that_asks_about_many_carts_waits_for_one_budget(
    shop: Site, merchant: Merchant
) -> None:
    shop.control("options", {"test_timeout": 0})
    merchant.front.slow_seconds = SLOW_SECONDS

    shop.control("ask", 4)

    waits = [each["timeout"] for each in shop.requests()]
    assert 1 <= len(waits) <= 2
    assert all(wait <= BUDGET_SECONDS - SLOW_SECONDS for wait in waits[1:])
    merchant.front.slow_seconds = 0
    shop.control("options", {"test_timeout": 20})
    if 2 == len(waits):  # which was short of time: that is no silence, so the next page asks
        assert [True] == shop.control("ask", 1)

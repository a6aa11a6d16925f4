"""Each page of the shop, while Orderguard is dead, silent or slow: rows 17 and 18.

Every page here is the one that asks, because what the shop remembers is old: in a shop the next
pages do not wait.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest

from tests.connectors.oscar.shopper import Shopper
from tests.connectors.oscar.site import Site
from tests.connectors.pages import ROUNDS, TROUBLE, Clock, State, doing
from tests.connectors.woocommerce.merchant import BOTH, Merchant, covered

Answer = TypeVar("Answer")


class Walk:
    """A shopper's way to a paid order in one state of Orderguard."""

    def __init__(self, shop: Site, merchant: Merchant, clock: Clock) -> None:
        self.shop = shop
        self.merchant = merchant
        self.clock = clock
        self.asked: list[int] = []

    def goes(self, state: State) -> str:
        shopper = Shopper(self.shop)
        if state is State.ABSENT:
            self.shop.settings(self.merchant, ORDERGUARD_URL="")
        shopper.add("lamp")
        shopper.see()
        if state is not State.ABSENT:
            shopper.tick()
            self.shop.settings(self.merchant, ORDERGUARD_BUDGET_MS=800)
        with doing(self.merchant.front, state):
            self._page("basket", state, lambda: shopper.http.get("/basket/"))
            self._page("preview of the order", state, shopper.see)
            answer = self._page("place and pay, with the thanks", state, shopper.press)
            placed = shopper.outcome(answer)
            if state is State.DEAD:
                self.shop.push()
        self.shop.settings(self.merchant)
        shopper.close()
        assert placed.order, placed.error
        return placed.order

    def _page(self, name: str, state: State, step: Callable[[], Answer]) -> Answer:
        self.shop.control("age", 240)
        self.shop.control("rested")
        before = self.merchant.front.asked("/v1/analyze")
        with self.clock.page(name, state):
            answer = step()
        self.asked.append(self.merchant.front.asked("/v1/analyze") - before)
        return answer


def assert_each_is_reported_once(walk: Walk, numbers: list[str]) -> None:
    """With its coverage and its posting, once what waits is sent."""
    walk.shop.push("--now")
    for number in numbers:
        assert covered(50_00, len(numbers) * 4_98, BOTH) == walk.merchant.books(number)
    reported = [each["external_id"] for each in walk.merchant.orders()]
    assert {1} == {reported.count(number) for number in numbers}


@pytest.mark.parametrize("state", TROUBLE)
def test_18_no_page_waits_long_and_every_order_is_reported_once(
    shop: Site, merchant: Merchant, state: State
) -> None:
    walk = Walk(shop, merchant, Clock())

    number = walk.goes(state)
    assert_each_is_reported_once(walk, [number])

    if state is State.DEAD:
        assert 1 == merchant.front.asked("/api/v1/orders")
    assert 1 == max(walk.asked) or state is State.DEAD, walk.asked


if ROUNDS:

    def test_how_long_pages_take(shop: Site, merchant: Merchant) -> None:
        walk = Walk(shop, merchant, Clock())
        numbers = []
        for _ in range(ROUNDS):
            walk.goes(State.ABSENT)
            numbers += [walk.goes(state) for state in State if state is not State.ABSENT]
        assert_each_is_reported_once(walk, numbers)
        walk.clock.write("oscar", {})

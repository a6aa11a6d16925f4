"""Each page of the shop, while Orderguard is dead, silent or slow: rows 17 and 18.

Every page here is the one that asks, because what the shop remembers is old: in a shop the next
pages do not wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from tests.connectors.oscar.shopper import Shopper
from tests.connectors.oscar.site import Site, pushes
from tests.connectors.pages import ROUNDS, STATES, Clock, State, doing
from tests.connectors.woocommerce.merchant import BOTH, Merchant, covered

Answer = TypeVar("Answer")


@pytest.fixture(scope="module")
def clock(site: Site) -> Iterator[Clock]:
    clock = Clock()
    yield clock
    clock.write("oscar", {})


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
            self.shop.settings(self.merchant, ORDERGUARD_BUDGET_MS=800, ORDERGUARD_PUSH="thread")
        with doing(self.merchant.front, state):
            self._page("basket", state, lambda: shopper.http.get("/basket/"))
            self._page("preview of the order", state, shopper.see)
            answer = self._page("place and pay, with the thanks", state, shopper.press)
            placed = shopper.outcome(answer)
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


@pytest.mark.parametrize("state", STATES)
def test_18_no_page_waits_long_and_every_order_is_reported_once(
    shop: Site, merchant: Merchant, clock: Clock, state: State
) -> None:
    walk = Walk(shop, merchant, clock)
    numbers = [walk.goes(state) for _ in range(ROUNDS + 1)]
    if state is State.ABSENT:
        return

    shop.push("--now")

    for number in numbers:
        assert covered(50_00, len(numbers) * 4_98, BOTH) == merchant.books(number)
    assert sorted(numbers) == sorted(each["external_id"] for each in merchant.orders())
    if state is State.DEAD:
        assert [1] * len(numbers) == [len(pushes(merchant, number)) for number in numbers]
    assert max(walk.asked) <= 1, walk.asked

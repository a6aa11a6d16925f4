"""Each request of a storefront, while Orderguard is dead, silent or slow: rows 17 and 18.

Every request here is the one that asks, because what the shop remembers is old: in a shop the next
ones do not wait.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.pages import ROUNDS, TROUBLE, Clock, State, doing
from tests.connectors.vendure.shopper import ADDRESS, ORDER, Shopper
from tests.connectors.vendure.site import Site, running_site
from tests.connectors.woocommerce.merchant import BOTH, Merchant, covered

ACTIVE = "{ activeOrder { id code totalWithTax surcharges { sku priceWithTax } } }"
TO_ADDRESS = "mutation ($a: CreateAddressInput!) { setOrderShippingAddress(input: $a) { ORDER } }"


class Walk:
    """A shopper's way to a paid order in one state of Orderguard."""

    def __init__(self, shop: Site, merchant: Merchant, clock: Clock) -> None:
        self.shop = shop
        self.front = merchant.front
        self.clock = clock
        self.asked: list[int] = []

    def goes(self, state: State) -> str:
        shopper = Shopper(self.shop)
        shopper.add("lamp")
        if state is not State.ABSENT:
            shopper.see()
            shopper.tick()
            self.shop.control("timeouts", 0.8, 10)  # as it is in shops
        address = TO_ADDRESS.replace("ORDER", ORDER)
        steps: dict[str, Callable[[], Any]] = {
            "query of the order": lambda: shopper.shop(ACTIVE),
            "query of the offer": shopper.see if state is not State.ABSENT else lambda: None,
            "change of the address": lambda: shopper.shop(address, a=ADDRESS),
            "name of the customer": shopper.says_who,
            "to the payment": lambda: shopper.go("ArrangingPayment"),
            "add payment": shopper.pay,
        }
        with doing(self.front, state):
            for name, step in steps.items():
                self._request(name, state, shopper, step)
            if state is State.DEAD:
                self.shop.control("run_queue")
        if state is not State.ABSENT:
            self.shop.control("timeouts")
            self.shop.control("rested")
        return shopper.code

    def _request(
        self, name: str, state: State, shopper: Shopper, step: Callable[[], object]
    ) -> None:
        if state is not State.ABSENT:
            self.shop.control("age", shopper.code, 240)
            self.shop.control("rested")
        before = self.front.asked("/v1/analyze")
        with self.clock.page(name, state):
            step()
        self.asked.append(self.front.asked("/v1/analyze") - before)


def assert_each_is_reported_once(shop: Site, merchant: Merchant, codes: list[str]) -> None:
    """With its coverage and its posting, once what waits is sent."""
    shop.control("run_queue")
    shop.control("sweep")
    for code in codes:
        assert covered(50_00, len(codes) * 4_98, BOTH) == merchant.books(code)
    assert sorted(codes) == sorted(each["external_id"] for each in merchant.orders())


@pytest.mark.parametrize("state", TROUBLE)
def test_18_no_request_waits_long_and_every_order_is_reported_once(
    shop: Site, merchant: Merchant, state: State
) -> None:
    walk = Walk(shop, merchant, Clock())

    code = walk.goes(state)
    assert_each_is_reported_once(shop, merchant, [code])

    assert 1 == max(walk.asked) or state is State.DEAD, walk.asked


if ROUNDS:

    def test_how_long_requests_take(folder: Path, shop: Site, merchant: Merchant) -> None:
        clock = Clock()
        codes = []
        with running_site(folder, mode="without") as plain:
            for _ in range(ROUNDS):
                Walk(plain, merchant, clock).goes(State.ABSENT)
                walk = Walk(shop, merchant, clock)
                codes += [walk.goes(state) for state in State if state is not State.ABSENT]
        assert_each_is_reported_once(shop, merchant, codes)
        clock.write("vendure", {})


def test_17_a_request_with_many_changes_waits_for_one_budget(
    shop: Site, shopper: Shopper, merchant: Merchant
) -> None:
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    variant = shopper.shop('{ product(slug: "lamp") { variants { id } } }')["variants"][0]["id"]
    add = "addItemToOrder(productVariantId: $id, quantity: 1) { __typename }"
    changes = " ".join(f"change{number}: {add}" for number in range(4))
    shop.control("timeouts", 0.8)
    merchant.front.slow_seconds = 0.6
    before = merchant.front.asked("/v1/analyze")

    shopper.shop(f"mutation ($id: ID!) {{ {changes} }}", id=variant)

    assert merchant.front.asked("/v1/analyze") <= before + 2

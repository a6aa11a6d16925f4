"""The money of every order after every scenario: the shop's total, coverage, verdict, posting."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from orderguard.domain.iso4217 import EXPONENTS_EVER
from tests.connectors.woocommerce.merchant import BOTH, Merchant, covered
from tests.connectors.woocommerce.shoppers import Shopper
from tests.connectors.woocommerce.site import Site


def assert_the_money_agrees(shop: Site, merchant: Merchant) -> None:
    """Compare shop and books, once what waits has been reported.

    For each order that Orderguard has: the shop's total is the reported one; cover and verdict are
    those of an order that bears our fee, or of one that does not; and all fees that the shop took
    and did not give back are posted, and no other.
    """
    known = merchant.orders()
    if not known:
        assert 0 == merchant.billed()
        return
    merchant.front.spoiled = None
    orders = shop.control("money")["orders"]
    posted = sum(_posted(orders.get(each["external_id"]), each) for each in merchant.orders())
    assert posted == merchant.billed()


def _posted(of_shop: dict[str, Any] | None, of_books: dict[str, Any]) -> int:
    """What this order adds to the bill, after a look at the rest of its money."""
    active = [each for each in of_books["coverages"] if each["state"] == "active"]
    if of_shop is None or "active" != of_books["status"]:
        assert [] == active
        return 0
    total = of_books["total_price"]
    assert Decimal(of_shop["total"]) == Decimal(total["amount"])
    fee, back = (_minor(of_shop[name], total["currency_code"]) for name in ("fee", "back"))
    acceptance = of_books["acceptance"]
    if not fee:
        assert ("declined", []) == (acceptance["outcome"], active)
        return 0
    assert ("accepted", "exact") == (acceptance["outcome"], acceptance["verdict"])
    assert bool(active) == (back < fee)
    return fee - back


def _minor(amount: Any, currency: str) -> int:
    return round(Decimal(str(amount)).scaleb(EXPONENTS_EVER[currency]))


def assert_the_next_order_is_right(shop: Site, shopper: Shopper, merchant: Merchant) -> None:
    """A shopper comes after the scenario, starts unticked, says yes, and pays what is covered."""
    before = merchant.billed()
    merchant.front.spoiled = None
    shop.control("age", 600)
    shopper.empty()
    shopper.add("lamp")
    seen = shopper.see()
    assert ("$4.98", False, None) == (seen.offer, seen.checked, seen.fee)
    assert "59.98" == shopper.tick().total
    placed = shopper.place()
    assert placed.order, placed.error
    shop.control("run_queue", True)
    assert "59.98" == shop.control("order", placed.order)["total"]
    assert covered(50_00, before + 4_98, BOTH) == merchant.books(placed.order)

"""The money of every order after every scenario: the shop's total, coverage, verdict, posting."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from orderguard.domain.iso4217 import EXPONENTS_EVER
from tests.connectors.woocommerce.merchant import Merchant
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

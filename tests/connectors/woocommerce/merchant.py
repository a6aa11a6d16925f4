"""A merchant of a real Orderguard, and what its books say of the shop's orders."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.connectors.woocommerce.front import Front
from tests.support.order_desk import billed
from tests.support.shop import RunningServer

BOTH = ["returnCoverage", "shippingProtection"]
DOCUMENT: dict[str, Any] = {
    "currencies": ["USD", "JPY", "KWD", "EUR"],
    "limits": {"USD": {"subtotal_minimum": 20_00, "subtotal_maximum": 1000_00}},
    "exclusions": [{"tag": "final-sale"}],
    "excluded_item_policy": "reject_cart",
    "pricing": {
        "returnCoverage": [
            {"when": "cart.subtotalAmount > 20000", "base": {"USD": 9_98}},
            {"when": "cart.subtotalAmount > 10000", "base": {"USD": 3_10}},
            {"base": {"USD": 2_98, "EUR": 2_98, "JPY": 400, "KWD": 1_250}},
        ],
        "shippingProtection": [{"base": {"USD": 2_00, "EUR": 2_00, "JPY": 98, "KWD": 5}}],
    },
}


@dataclass(frozen=True)
class Books:
    """What Orderguard made of one order: the coverage, its amount, and what is billed."""

    outcome: str
    verdict: str | None
    covered: dict[str, int]
    billed: int
    warnings: list[str]


class Merchant:
    """One per test. Its shop reaches Orderguard through `front`."""

    def __init__(self, running: RunningServer, **changes: Any) -> None:
        self.shop = running.a_shop(**(DOCUMENT | changes))
        self.cart_key = self.shop.issue_key("cart").text
        self.orders_key = self.shop.issue_key("orders").text
        self._http = running.client(**{"X-Authorization": self.orders_key})
        self.front = Front(running.url)

    def settings(self, **changes: Any) -> dict[str, Any]:
        """What the owner enters in the settings page."""
        entered = {
            "url": self.front.url,
            "cart_key": self.cart_key,
            "orders_key": self.orders_key,
            "tax_class": "",
            "place": "totals",
            "on_hold": "no",
        }
        return entered | changes

    def order(self, external_id: int | str | None) -> dict[str, Any] | None:
        """The order as Orderguard has it."""
        answer = self._http.get(f"/api/v1/orders/external/{external_id}")
        if answer.status_code == 404:
            return None
        order: dict[str, Any] = answer.raise_for_status().json()["order"]
        return order

    def orders(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._http.get("/api/v1/orders").json()["orders"]
        return found

    def books(self, external_id: int | str | None) -> Books | None:
        order = self.order(external_id)
        if order is None:
            return None
        active = [each for each in order["coverages"] if each["state"] == "active"]
        return Books(
            order["acceptance"]["outcome"],
            order["acceptance"]["verdict"],
            {each["mode"]: each["amount"]["amount"] for each in active},
            self.billed(),
            [warning["code"] for warning in order["warnings"]],
        )

    def billed(self) -> int:
        """All fees of this merchant, net of reversals, in minor units."""
        return sum(billed(self.shop.running.database, self.shop.id).values())


def covered(amount: int, billed: int, modes: list[str] | None = None) -> Books:
    """Everything right: accepted, exact, covered for this amount, and billed once."""
    return Books("accepted", "exact", dict.fromkeys(modes or BOTH, amount), billed, [])


@contextmanager
def open_merchant(running: RunningServer, **changes: Any) -> Iterator[Merchant]:
    """A merchant whose front is open meanwhile."""
    merchant = Merchant(running, **changes)
    try:
        with merchant.front.door:
            yield merchant
    finally:
        merchant.front.close()

"""The visitors of the shop, kept in memory and bounded; the cookie is a random number."""

from __future__ import annotations

import secrets
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from orderguard.client import Offer
from orderguard.demo.shop.cart import Cart, Switches
from orderguard.demo.shop.exchanges import LoggedExchange
from orderguard.demo.shop.offer import Analysis
from orderguard.demo.shop.order import Order

VISITORS_MAXIMUM = 500
ORDERS_KEPT = 10
EXCHANGES_KEPT = 20


def _new_cart() -> Cart:
    return Cart(f"cart-{secrets.token_hex(8)}")


@dataclass(slots=True, eq=False)
class Visitor:
    """One browser: its cart, its settings, its orders, and its log of calls to Orderguard."""

    id: str
    cart: Cart = field(default_factory=_new_cart)
    switches: Switches = field(default_factory=Switches)
    analysis: Analysis | None = None
    analyses_begun: int = 0
    agreed: Offer | None = None
    """The last accepted terms. They are charged only if they are still valid."""
    orders: deque[Order] = field(default_factory=lambda: deque(maxlen=ORDERS_KEPT))
    exchanges: deque[LoggedExchange] = field(default_factory=lambda: deque(maxlen=EXCHANGES_KEPT))

    def offer_for(self, request: Mapping[str, Any]) -> Offer | None:
        """The offer of the last analysis, if `request` is the same as that of the analysis."""
        analysis = self.analysis
        return analysis.offer if analysis and analysis.request == request else None

    def order(self, number: str) -> Order | None:
        return next((each for each in self.orders if each.number == number), None)

    def start_anew(self) -> None:
        """Replace the cart by an empty one with a new id, so that it gets a new offer session."""
        self.cart = _new_cart()
        self.analysis = None
        self.agreed = None


class Visitors:
    """At most `VISITORS_MAXIMUM` visitors; the least recently active is removed first."""

    def __init__(self) -> None:
        self._by_id: OrderedDict[str, Visitor] = OrderedDict()

    def find(self, cookie: str | None) -> Visitor | None:
        visitor = self._by_id.get(cookie or "")
        if visitor:
            self._by_id.move_to_end(visitor.id)
        return visitor

    def welcome(self) -> Visitor:
        """A new visitor with a generated id; an id proposed by the client is never used."""
        visitor = Visitor(secrets.token_urlsafe(24))
        self._by_id[visitor.id] = visitor
        if len(self._by_id) > VISITORS_MAXIMUM:
            self._by_id.popitem(last=False)
        return visitor

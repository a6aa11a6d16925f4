"""An order of the demo shop, and Orderguard's record of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from orderguard.client import Offer, SessionId
from orderguard.demo.shop.cart import CartLine
from orderguard.domain.money import Currency, Money


class Unprotected(StrEnum):
    """Why an order has no protection and no fee although the shopper accepted the offer."""

    UNAVAILABLE = "unavailable"


class Push(StrEnum):
    """The state of the order's push to Orderguard."""

    UNDER_WAY = "under way"
    KNOWN = "known"
    REFUSED = "refused"
    GIVEN_UP = "given up"


@dataclass(slots=True, eq=False)
class Order:
    """A placed order. It stays placed even if its push fails."""

    number: str
    placed_at: datetime
    lines: tuple[CartLine, ...]
    currency: Currency
    region: str
    session_id: SessionId | None
    protection: Offer | None
    unprotected: Unprotected | None = None
    push: Push = Push.UNDER_WAY
    known: Mapping[str, Any] = field(default_factory=dict)
    """The order in Orderguard's answer; empty before it has answered."""
    confirmed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the confirmation page is sent."""
    attempted: asyncio.Event = field(default_factory=asyncio.Event)
    try_again: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def subtotal(self) -> Money:
        return Money(sum(line.total(self.currency).amount for line in self.lines), self.currency)

    @property
    def fee(self) -> Money | None:
        return self.protection.charge.amount if self.protection else None

    @property
    def total(self) -> Money:
        return self.subtotal + self.fee if self.fee else self.subtotal

    @property
    def coverages(self) -> list[dict[str, Any]]:
        """The active coverages in Orderguard's answer; none before it has answered."""
        found = self.known.get("coverages", [])
        return [each for each in found if each["state"] == "active"]

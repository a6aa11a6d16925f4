"""An order of the demo shop, and what Orderguard made of it."""

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
    """Why an order whose shopper had ticked the box carries no protection, and no fee."""

    UNAVAILABLE = "unavailable"


class Push(StrEnum):
    """How far the order has come on its way to Orderguard."""

    UNDER_WAY = "under way"
    KNOWN = "known"
    REFUSED = "refused"
    GIVEN_UP = "given up"


@dataclass(slots=True, eq=False)
class Order:
    """What was bought. It is placed whatever becomes of its push."""

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
    """The order as Orderguard has it, once it has it."""
    confirmed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the shopper has the confirmation."""
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
        """What Orderguard says is covered, once it has said so."""
        found = self.known.get("coverages", [])
        return [each for each in found if each["state"] == "active"]

"""One call's decision, as it is recorded in its offer session (contract §6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from orderguard.domain.cart import Cart
from orderguard.domain.ids import ConfigurationVersion, MerchantId, SessionId
from orderguard.domain.offers.offer import Offer


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """A decision about to be recorded, and how to find the session it belongs to.

    `session` wins over `cart_id`; with neither, or with a cart id not seen before, the session
    becomes `new_session`. `decided_for` is set when the offer depends on its session, because an
    experiment is running: the analysis is recorded in that session or not at all. `cart_has_lines`
    is False for a cart read from a record that has only the cart's head.
    """

    merchant: MerchantId
    session: SessionId | None
    cart_id: str | None
    new_session: SessionId
    decided_for: SessionId | None = None
    cart: Cart
    offer: Offer
    configuration_version: ConfigurationVersion | None
    request_id: str
    at: datetime
    cart_has_lines: bool = True


@dataclass(frozen=True, slots=True)
class RecordedAnalysis:
    """Where an analysis was recorded, and the number it got there, from 1."""

    session: SessionId
    ordinal: int

    @property
    def session_created(self) -> bool:
        return self.ordinal == 1

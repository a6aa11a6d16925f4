"""An offer session: the stored series of analyses of one cart (contract §6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from orderguard.domain.ids import MerchantId, SessionId
from orderguard.domain.offers.offer import Offer

RETENTION = timedelta(days=30)
"""How long a session is kept after its last analysis, unless an order refers to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferSession:
    """A session as of its last analysis. It belongs to a merchant, not to a key."""

    merchant: MerchantId
    id: SessionId
    created_at: datetime
    updated_at: datetime
    analysis_count: int
    offer: Offer

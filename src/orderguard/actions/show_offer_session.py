"""Show an offer session without analysing the cart again (contract §3)."""

from __future__ import annotations

from dataclasses import dataclass

from orderguard.actions.ports.journal import OfferSessionJournal
from orderguard.domain.errors import SessionNotFound
from orderguard.domain.ids import MerchantId, SessionId
from orderguard.domain.offers.offer_session import OfferSession


@dataclass(frozen=True, slots=True)
class ShowOfferSession:
    """The action behind `GET session`."""

    journal: OfferSessionJournal

    async def __call__(self, merchant: MerchantId, session: SessionId) -> OfferSession:
        """Raises `SessionNotFound` when it is not this merchant's, and `StorageUnavailable`."""
        found = await self.journal.find_offer_session(merchant, session)
        if found is None:
            raise SessionNotFound
        return found

"""What the actions need of journal; storage provides it."""

from __future__ import annotations

from typing import Protocol

from orderguard.domain.ids import (
    MerchantId,
    SessionId,
)
from orderguard.domain.offers.analysis import Analysis, RecordedAnalysis
from orderguard.domain.offers.offer_session import OfferSession


class DecidedForAnotherSession(Exception):
    """A decision of an experiment was made for a session that is not, or no longer, the cart's.

    `actual` is the session to decide for; None when a new one has to begin.
    """

    def __init__(self, actual: SessionId | None) -> None:
        super().__init__(actual)
        self.actual = actual


class OfferSessionJournal(Protocol):
    """The hot path's storage: every method is durable when it returns."""

    async def record(self, analysis: Analysis) -> RecordedAnalysis:
        """Record one analysis and say which session it belongs to.

        Raises `SessionNotFound` when it names a session this merchant does not have,
        `DecidedForAnotherSession`, and `StorageUnavailable`.
        """

    async def find_session_of_cart(self, merchant: MerchantId, cart_id: str) -> SessionId | None:
        """The session that this merchant's cart id is bound to."""

    async def find_offer_session(
        self, merchant: MerchantId, session: SessionId
    ) -> OfferSession | None:
        """The session with its last offer. Raises `StorageUnavailable`."""

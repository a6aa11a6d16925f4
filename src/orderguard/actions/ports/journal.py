"""The interface to the journal of analyses, which checkouts write; storage implements it."""

from __future__ import annotations

from typing import Protocol

from orderguard.domain.ids import (
    MerchantId,
    SessionId,
)
from orderguard.domain.offers.analysis import Analysis, RecordedAnalysis
from orderguard.domain.offers.offer_session import OfferSession


class DecidedForAnotherSession(Exception):
    """An offer was decided for an experiment arm of a session that is no longer the cart's.

    `actual` is the session to decide for; None when a new one has to begin.
    """

    def __init__(self, actual: SessionId | None) -> None:
        super().__init__(actual)
        self.actual = actual


class OfferSessionJournal(Protocol):
    """Storage of analyses for `POST analyze`: when a method returns, it is durable."""

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

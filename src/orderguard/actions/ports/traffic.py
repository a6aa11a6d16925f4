"""The interface to a merchant's newest traffic, for the integration check."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from orderguard.domain.ids import MerchantId
from orderguard.domain.integration.traffic import FailedAnswer, SeenSession
from orderguard.domain.orders.order_record import OrderRecord


class TrafficRecords(Protocol):
    """The newest traffic of one merchant, limited in number and size. Read-only."""

    def sessions(
        self, merchant: MerchantId, *, since: datetime | None, limit: int
    ) -> Sequence[SeenSession]:
        """The sessions that were analysed last, newest first."""

    def orders(
        self, merchant: MerchantId, *, since: datetime | None, limit: int
    ) -> Sequence[OrderRecord]:
        """The orders pushed last, and the newest cancelled, refunded, pending and doubtful orders.

        Newest first.
        """

    def first_session_at(self, merchant: MerchantId) -> datetime | None:
        """When the oldest stored session began; None without any session."""

    def failures(
        self, merchant: MerchantId, *, since: datetime | None, limit: int
    ) -> Sequence[FailedAnswer]:
        """Requests to analyse a cart that failed through our fault, newest first."""

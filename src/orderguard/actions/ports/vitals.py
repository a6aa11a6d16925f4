"""The interface to the state of the database; storage implements it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Protocol

from orderguard.domain.analytics.vitals import ConnectionCount, Room
from orderguard.domain.ids import (
    MerchantId,
)
from orderguard.domain.webhooks.webhook import (
    WebhookEndpoint,
)


class Vitals(Protocol):
    """Measurements of the database; None for a measurement that its kind does not have."""

    def clock(self) -> datetime | None: ...

    def connections(self) -> ConnectionCount | None: ...

    def room(self) -> Room | None: ...

    def last_analysed_at(self, merchant: MerchantId) -> datetime | None: ...

    def stored_bytes(self, merchant: MerchantId, day: date) -> int:
        """Roughly the bytes stored for the merchant's analyses on a day in UTC."""

    def oldest_undelivered(self, endpoint: WebhookEndpoint) -> datetime | None:
        """The time of the oldest event that is not delivered to this endpoint yet."""

    def rows(self) -> Mapping[str, int]:
        """The number of stored rows by name: merchants, sessions, orders, coverages, postings."""

    def newest(self) -> datetime | None:
        """The time of the last change of a session or an order."""

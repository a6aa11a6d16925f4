"""The interface to the outbox of events for webhooks; storage implements it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from orderguard.domain.ids import (
    MerchantId,
)
from orderguard.domain.orders.event import Event
from orderguard.domain.webhooks.webhook import CommittedEvent


class Outbox(Protocol):
    """Events, written in the transaction of the change they report."""

    def add(
        self, merchant: MerchantId, events: Sequence[Event], *, new_event_id: Callable[[], str]
    ) -> None: ...

    def last(self, merchant: MerchantId) -> int:
        """The number of the merchant's last event; 0 without any."""

    def after(
        self, merchant: MerchantId, number: int, *, limit: int
    ) -> Sequence[tuple[int, CommittedEvent]]:
        """The merchant's next events, in order, each with its number."""

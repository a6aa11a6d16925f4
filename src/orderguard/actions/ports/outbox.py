"""The interface to the outbox of events for webhooks; storage implements it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from orderguard.domain.ids import (
    MerchantId,
)
from orderguard.domain.orders.event import Event


class Outbox(Protocol):
    """Events, written in the transaction of the change they report."""

    def add(
        self, merchant: MerchantId, events: Sequence[Event], *, new_event_id: Callable[[], str]
    ) -> None: ...

"""The outbox: events, written in the same transaction as the change that they report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, func, insert, select

from orderguard.domain.ids import MerchantId
from orderguard.domain.orders.event import Event
from orderguard.domain.webhooks.webhook import CommittedEvent
from orderguard.storage.rows import to_row
from orderguard.storage.tables import outbox
from orderguard.storage.webhook_rows import event_from_row


class SqlOutbox:
    """The events of all merchants, each merchant's numbered from 1 in commit order."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self, merchant: MerchantId, events: Sequence[Event], *, new_event_id: Callable[[], str]
    ) -> None:
        if not events:
            return
        rows = events_to_rows(merchant, events, self.last(merchant), new_event_id)
        self._connection.execute(insert(outbox), rows)

    def last(self, merchant: MerchantId) -> int:
        query = select(func.max(outbox.c.sequence)).where(outbox.c.merchant_id == merchant)
        return self._connection.execute(query).scalar() or 0

    def after(
        self, merchant: MerchantId, number: int, *, limit: int
    ) -> Sequence[tuple[int, CommittedEvent]]:
        query = (
            select(outbox)
            .where(outbox.c.merchant_id == merchant, outbox.c.sequence > number)
            .order_by(outbox.c.sequence)
            .limit(limit)
        )
        return [(row.sequence, event_from_row(row)) for row in self._connection.execute(query)]


def events_to_rows(
    merchant: MerchantId, events: Sequence[Event], last: int, new_event_id: Callable[[], str]
) -> list[dict[str, Any]]:
    """All columns of events that follow the merchant's `last` one."""
    return [
        {
            "merchant_id": merchant,
            "sequence": number,
            "event_id": new_event_id(),
            "type": event.type,
            "topic": event.topic,
            "happened_at": event.at,
            "body": to_row(event.body),
        }
        for number, event in enumerate(events, start=last + 1)
    ]

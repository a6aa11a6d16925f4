"""Webhook endpoints."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from orderguard.domain.ids import MerchantId
from orderguard.domain.orders.event import EventType
from orderguard.domain.webhooks.webhook import (
    DisabledBecause,
    WebhookEndpoint,
    WebhookEndpointId,
    WebhookSecret,
)
from orderguard.storage.tables import (
    outbox,
    webhook_attempts,
    webhook_deliveries,
    webhook_endpoints,
)

# All columns but the secret, which only the sender reads.
COLUMNS = [column for column in webhook_endpoints.c if column.name != "secret"]


class SqlWebhookEndpoints:
    """Webhook endpoints of all merchants."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, endpoint: WebhookEndpoint, secret: WebhookSecret) -> None:
        last = select(func.max(outbox.c.sequence)).where(outbox.c.merchant_id == endpoint.merchant)
        self._connection.execute(
            insert(webhook_endpoints).values(
                merchant_id=endpoint.merchant,
                id=endpoint.id,
                url=endpoint.url,
                event_types=sorted(endpoint.event_types),
                secret=secret.text,
                created_at=endpoint.created_at,
                lined_up_through=self._connection.execute(last).scalar() or 0,
            )
        )

    def find_anywhere(self, id_: WebhookEndpointId) -> WebhookEndpoint | None:
        query = select(*COLUMNS).where(webhook_endpoints.c.id == id_)
        row = self._connection.execute(query).first()
        return endpoint_from_row(row) if row else None

    def of_merchant(self, merchant: MerchantId) -> Sequence[WebhookEndpoint]:
        query = (
            select(*COLUMNS)
            .where(webhook_endpoints.c.merchant_id == merchant)
            .order_by(webhook_endpoints.c.created_at, webhook_endpoints.c.id)
        )
        return [endpoint_from_row(row) for row in self._connection.execute(query)]

    def disable(self, endpoint: WebhookEndpoint, because: DisabledBecause, *, at: datetime) -> None:
        table = webhook_endpoints
        self._connection.execute(
            update(table)
            .where(*_is(table, "id", endpoint), table.c.disabled_at.is_(None))
            .values(disabled_at=at, disabled_because=because)
        )

    def enable(self, endpoint: WebhookEndpoint, *, at: datetime) -> None:
        """Enable an endpoint, and restart the retry schedule of its undelivered events."""
        table, deliveries = webhook_endpoints, webhook_deliveries
        self._connection.execute(
            update(table)
            .where(*_is(table, "id", endpoint))
            .values(disabled_at=None, disabled_because=None)
        )
        self._connection.execute(
            update(deliveries)
            .where(
                *_is(deliveries, "endpoint_id", endpoint),
                deliveries.c.due_at.is_not(None),
                deliveries.c.lease.is_(None),
            )
            .values(due_at=at, failures=0, failing_since=None)
        )

    def remove(self, endpoint: WebhookEndpoint) -> None:
        self._connection.execute(
            delete(webhook_endpoints).where(*_is(webhook_endpoints, "id", endpoint))
        )
        for table in (webhook_attempts, webhook_deliveries):
            self._connection.execute(delete(table).where(*_is(table, "endpoint_id", endpoint)))


def _is(table: Any, column: str, endpoint: WebhookEndpoint) -> list[Any]:
    return [table.c.merchant_id == endpoint.merchant, table.c[column] == endpoint.id]


def endpoint_from_row(row: Row[Any]) -> WebhookEndpoint:
    because = row.disabled_because
    return WebhookEndpoint(
        id=row.id,
        merchant=row.merchant_id,
        url=row.url,
        event_types=frozenset(EventType(name) for name in row.event_types),
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        disabled_because=DisabledBecause(because) if because else None,
    )

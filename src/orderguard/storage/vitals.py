"""Measurements of the database: its clock, free space, connections and backlogs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from shutil import disk_usage

from sqlalchemy import Connection, func, select, text

from orderguard.domain.analytics.vitals import ConnectionCount, Room
from orderguard.domain.ids import MerchantId
from orderguard.domain.webhooks.webhook import WebhookEndpoint
from orderguard.storage.tables import (
    coverages,
    merchants,
    offer_sessions,
    orders,
    outbox,
    postings,
    stored_bytes,
    webhook_deliveries,
    webhook_endpoints,
)


class SqlVitals:
    """Measures the database with read-only queries, each along an index."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._is_postgresql = connection.dialect.name == "postgresql"

    def clock(self) -> datetime | None:
        """The clock of the PostgreSQL server; None for SQLite."""
        if not self._is_postgresql:
            return None
        # A number, because psycopg converts a time into the time zone of the server, and warns
        # whenever Python does not know that one.
        epoch = self._connection.execute(text("SELECT extract(epoch FROM clock_timestamp())"))
        return datetime.fromtimestamp(float(epoch.scalar_one()), UTC)

    def connections(self) -> ConnectionCount | None:
        """Connections of all clients, and their limit; None for SQLite."""
        if not self._is_postgresql:
            return None
        row = self._connection.execute(
            text(
                "SELECT count(*) AS used, current_setting('max_connections')::int AS allowed "
                "FROM pg_stat_activity WHERE backend_type = 'client backend'"
            )
        ).one()
        return ConnectionCount(used=row.used, allowed=row.allowed)

    def room(self) -> Room | None:
        """Sizes of the SQLite file and its log, and free disk space; None for PostgreSQL."""
        if self._is_postgresql:
            return None
        file = Path(str(self._connection.engine.url.database))
        log = file.with_name(f"{file.name}-wal")
        return Room(
            database=file.stat().st_size,
            log=log.stat().st_size if log.exists() else 0,
            free=disk_usage(file.parent).free,
        )

    def last_analysed_at(self, merchant: MerchantId) -> datetime | None:
        query = select(func.max(offer_sessions.c.updated_at))
        return self._connection.execute(
            query.where(offer_sessions.c.merchant_id == merchant)
        ).scalar()

    def stored_bytes(self, merchant: MerchantId, day: date) -> int:
        query = select(stored_bytes.c.bytes).where(
            stored_bytes.c.merchant_id == merchant, stored_bytes.c.day == day
        )
        return self._connection.execute(query).scalar() or 0

    def oldest_undelivered(self, endpoint: WebhookEndpoint) -> datetime | None:
        lined_up_through = (
            select(webhook_endpoints.c.lined_up_through)
            .where(
                webhook_endpoints.c.merchant_id == endpoint.merchant,
                webhook_endpoints.c.id == endpoint.id,
            )
            .scalar_subquery()
        )
        # The first delivery of every topic's queue has a due time, so the oldest of all has one.
        due = select(func.min(webhook_deliveries.c.sequence)).where(
            webhook_deliveries.c.merchant_id == endpoint.merchant,
            webhook_deliveries.c.endpoint_id == endpoint.id,
            webhook_deliveries.c.due_at.is_not(None),
        )
        behind = select(func.min(outbox.c.sequence)).where(
            outbox.c.merchant_id == endpoint.merchant, outbox.c.sequence > lined_up_through
        )
        waiting = [self._connection.execute(query).scalar() for query in (due, behind)]
        return self._connection.execute(
            select(func.min(outbox.c.happened_at)).where(
                outbox.c.merchant_id == endpoint.merchant,
                outbox.c.sequence.in_([each for each in waiting if each is not None]),
            )
        ).scalar()

    def rows(self) -> Mapping[str, int]:
        tables = {
            "merchants": merchants,
            "sessions": offer_sessions,
            "orders": orders,
            "coverages": coverages,
            "postings": postings,
        }
        return {
            name: self._connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in tables.items()
        }

    def newest(self) -> datetime | None:
        """The time of the last change of a session or an order of a live merchant.

        The clock of a sandbox is set by its integrator.
        """
        columns = (offer_sessions.c.updated_at, orders.c.changed_at)
        sandboxes = select(merchants.c.id).where(merchants.c.is_sandbox)
        found = [
            self._connection.execute(
                select(func.max(each)).where(each.table.c.merchant_id.not_in(sandboxes))
            ).scalar()
            for each in columns
        ]
        return max((each for each in found if each), default=None)

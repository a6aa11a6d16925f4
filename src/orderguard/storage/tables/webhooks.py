"""The outbox, and webhook endpoints with their deliveries."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from orderguard.storage.tables.columns import Instant, metadata

# The outbox: events in commit order, from which webhooks are sent.
outbox = Table(
    "outbox",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("event_id", String(32), nullable=False),
    Column("type", String(32), nullable=False),
    Column("topic", String(64), nullable=False),
    Column("happened_at", Instant, nullable=False),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("merchant_id", "event_id", name="uq_outbox_event_id"),
)

# Webhook endpoints. The secret is stored in plain text, because we sign with it.
webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("id", String(20), primary_key=True),
    Column("url", Text, nullable=False),
    Column("event_types", JSON, nullable=False),
    Column("secret", String(100), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    Column("disabled_because", String(16)),
    # The last event of the outbox that has its place among the deliveries, if it was wanted.
    Column("lined_up_through", BigInteger, nullable=False),
)

# One event for one endpoint. `due_at` is set while it may be sent; while it is being sent, to when
# the sender is presumed dead. The lease names that sender.
webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("endpoint_id", String(20), primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("topic", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("due_at", Instant),
    Column("lease", String(32)),
    Column("attempts", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("failing_since", Instant),
    Column("settled_at", Instant),
    Index("ix_webhook_deliveries_due", "merchant_id", "endpoint_id", "due_at"),
    Index("ix_webhook_deliveries_topic", "merchant_id", "endpoint_id", "topic"),
)

webhook_attempts = Table(
    "webhook_attempts",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("endpoint_id", String(20), primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("attempted_at", Instant, nullable=False),
    Column("duration_us", BigInteger, nullable=False),
    Column("status", Integer),
    Column("error", String(200)),
)

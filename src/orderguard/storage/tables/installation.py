"""Merchants and their keys, and what all processes of an installation share."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    false,
)

from orderguard.storage.tables.columns import Instant, metadata

merchants = Table(
    "merchants",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    # For good: a trigger refuses to change it, because a sandbox's books may be deleted.
    Column("is_sandbox", Boolean, nullable=False, server_default=false()),
    # How far a sandbox's test clock is ahead, in microseconds.
    Column("clock_ahead_us", BigInteger, nullable=False, server_default="0"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("merchant_id", String(20), ForeignKey("merchants.id"), nullable=False, index=True),
    Column("hash", LargeBinary(32), nullable=False, unique=True),
    Column("scopes", JSON, nullable=False),
    Column("origins", JSON, nullable=False),
    Column("requests_per_minute", Integer),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    Column("last_used_at", Instant),
    # When a browser of another site last sent it, although it has no list of origins.
    Column("seen_in_browser_at", Instant),
)

# One row. It counts changes of keys and configurations, so that processes detect them cheaply.
change_counter = Table(
    "change_counter",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("value", BigInteger, nullable=False),
)

# One row: the time that servers have confirmed last. While a clock differs from it by more than a
# day: where that clock was last, and for how long it has run evenly (docs/decisions/0056).
clock_record = Table(
    "clock_record",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("confirmed_at", Instant, nullable=False),
    Column("doubtful_at", Instant),
    Column("held_us", BigInteger, nullable=False),
)

# How long analyze took, of the whole installation. `up_to_us` 0 stands for longer than all others.
latency_hours = Table(
    "latency_hours",
    metadata,
    Column("hour", Instant, primary_key=True, autoincrement=False),
    Column("up_to_us", BigInteger, primary_key=True, autoincrement=False),
    Column("answers", BigInteger, nullable=False),
)

# Who changed what. Append-only, by triggers; see the migration.
audit_trail = Table(
    "audit_trail",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("at", Instant, primary_key=True, autoincrement=False),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("actor", String(100), nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("before", JSON(none_as_null=True)),
    Column("after", JSON(none_as_null=True)),
    Index("ix_audit_trail_actor", "merchant_id", "actor", "at", "ordinal"),
)

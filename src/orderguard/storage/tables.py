"""The schema, for both databases. Migrations change it; `tests/storage` holds the two together.

Keys lead with the merchant, so that tables can be spread by merchant. Instants are microseconds
since 1970 in UTC: the one form that both databases keep exactly.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_microseconds(instant: datetime) -> int:
    """Exact, unlike `timestamp()`, which is a float."""
    return (instant - EPOCH) // _MICROSECOND


def from_microseconds(count: int) -> datetime:
    return EPOCH + timedelta(microseconds=count)


class Instant(TypeDecorator[datetime]):
    """A zoned datetime, kept as microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:  # noqa: ARG002
        return None if value is None else to_microseconds(value)

    def process_result_value(self, value: Any, dialect: Any) -> datetime | None:  # noqa: ARG002
        return None if value is None else from_microseconds(value)


metadata = MetaData()

merchants = Table(
    "merchants",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
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
)

configurations = Table(
    "configurations",
    metadata,
    Column("merchant_id", String(20), ForeignKey("merchants.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("source", Text, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("published_by", String(100), nullable=False),
)

# One row. It counts changes to keys and configurations, so that processes notice them cheaply.
change_counter = Table(
    "change_counter",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("value", BigInteger, nullable=False),
)

offer_sessions = Table(
    "offer_sessions",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("id", String(24), primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("analysis_count", Integer, nullable=False),
    # Whether the offer could be shown at least once; tells "not shown" from "abandoned".
    Column("ever_eligible", Boolean, nullable=False),
    # An order refers to it, so retention does not apply.
    Column("is_kept", Boolean, nullable=False),
    Index("ix_offer_sessions_updated_at", "updated_at"),
)

# Exactly one session per merchant and cart id is this primary key's job.
cart_bindings = Table(
    "cart_bindings",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("cart_id", String(255), primary_key=True),
    Column("session_id", String(24), nullable=False),
    Index("ix_cart_bindings_session", "merchant_id", "session_id"),
)

analyses = Table(
    "analyses",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("session_id", String(24), primary_key=True),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("analysed_at", Instant, nullable=False),
    Column("configuration_version", Integer),
    Column("request_id", String(128), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("cart", LargeBinary, nullable=False),
    Column("offer", LargeBinary, nullable=False),
)

"""Offer sessions, their analyses, and the carts and quotes of these."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, LargeBinary, String, Table

from orderguard.storage.tables.columns import Instant, metadata, queue_index

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
    # How many of its analyses the rollups contain. Sessions with fewer are the roll-up queue.
    Column("counted", Integer, nullable=False, server_default="0"),
    # Whether an order that stands is linked to it now. NULL: not said since 0011; then `is_kept`.
    Column("has_order", Boolean),
    # Whether all its quotes are in `session_quotes`. NULL: it began before 0011.
    Column("has_quotes", Boolean),
    Index("ix_offer_sessions_latest", "merchant_id", "updated_at", "id"),
    queue_index("ix_offer_sessions_uncounted", "counted <> analysis_count"),
)

# Exactly one session per merchant and cart id is this primary key's job.
cart_bindings = Table(
    "cart_bindings",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("cart_id", String(255), primary_key=True),
    Column("session_id", String(24), nullable=False),
    # Session ids are unique by themselves; see migration 0010.
    Index("ix_cart_bindings_session", "session_id"),
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
    # Empty when the cart is in `session_carts`, under this digest.
    Column("cart", LargeBinary, nullable=False),
    Column("offer", LargeBinary, nullable=False),
    # NULL: the cart is here; empty: here as well, but without its lines.
    Column("cart_digest", LargeBinary(16)),
)

# The carts of a session, each once, however often it was analysed.
session_carts = Table(
    "session_carts",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("session_id", String(24), primary_key=True),
    Column("digest", LargeBinary(16), primary_key=True),
    Column("cart", LargeBinary, nullable=False),
)

# The distinct quotes of a session, with the latest analysis that gave each: what orders are
# compared with.
session_quotes = Table(
    "session_quotes",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("session_id", String(24), primary_key=True),
    Column("digest", LargeBinary(16), primary_key=True),
    Column("ordinal", Integer, nullable=False),
    Column("quote", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# How many bytes were stored for a merchant's analyses on a day.
stored_bytes = Table(
    "stored_bytes",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("bytes", BigInteger, nullable=False),
)

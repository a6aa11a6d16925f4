"""Orders, their coverages, and the books."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    false,
    true,
)

from orderguard.storage.tables.columns import Instant, metadata, queue_index

orders = Table(
    "orders",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("external_id", String(100)),
    Column("document", LargeBinary, nullable=False),
    Column("acceptance", LargeBinary, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("verdict", String(20)),
    # The session this order is linked to. Unique: the first order that stands keeps the link.
    Column("session_id", String(24)),
    Column("configuration_version", Integer),
    Column("revision", Integer, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("deleted_at", Instant),
    # The revision that the rollups contain.
    Column("counted", Integer, nullable=False, server_default="0"),
    # The next three have defaults for a process of the release before, which still inserts.
    Column("status", String(16), nullable=False, server_default="active"),
    # False once the order was cancelled or refunded in full: its session is free for another one.
    Column("stands", Boolean, nullable=False, server_default=true()),
    Column("needs_review", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("merchant_id", "external_id", name="uq_orders_external_id"),
    UniqueConstraint("merchant_id", "session_id", name="uq_orders_session_id"),
    Index("ix_orders_received", "merchant_id", "received_at", "id"),
    Index("ix_orders_changed", "merchant_id", "changed_at"),
    Index("ix_orders_verdict", "merchant_id", "verdict", "received_at", "id"),
    queue_index("ix_orders_uncounted", "counted <> revision"),
    Index("ix_orders_status", "merchant_id", "status", "received_at", "id"),
    Index("ix_orders_review", "merchant_id", "needs_review", "received_at", "id"),
)

coverages = Table(
    "coverages",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("order_id", BigInteger, nullable=False),
    Column("mode", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("void_reason", String(32)),
    Column("scope", LargeBinary, nullable=False),
    Column("active_from", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("history", LargeBinary, nullable=False),
    UniqueConstraint("merchant_id", "order_id", "mode", name="uq_coverages_order_mode"),
)

# Append-only, by triggers; see the migration. A posting is written after its entries, and only if
# they sum to zero per currency.
postings = Table(
    "postings",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("id", String(40), primary_key=True),
    Column("order_id", BigInteger, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("reverses", String(40)),
    Column("because", String(32)),
    Column("posted_at", Instant, nullable=False),
    Column("period", String(7), nullable=False),
    UniqueConstraint("merchant_id", "order_id", "sequence", name="uq_postings_order_sequence"),
    UniqueConstraint("merchant_id", "reverses", name="uq_postings_reverses"),
    Index("ix_postings_period", "merchant_id", "period"),
    Index("ix_postings_posted", "merchant_id", "posted_at"),
)

entries = Table(
    "entries",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("posting_id", String(40), primary_key=True),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("account", String(32), nullable=False),
    Column("mode", String(32)),
    Column("currency", String(3), nullable=False),
    Column("amount", BigInteger, nullable=False),
    ForeignKeyConstraint(
        ["merchant_id", "posting_id"],
        ["postings.merchant_id", "postings.id"],
        name="fk_entries_posting",
        deferrable=True,
        initially="DEFERRED",
    ),
)

statements = Table(
    "statements",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("period", String(7), primary_key=True),
    Column("document", LargeBinary, nullable=False),
    Column("closed_at", Instant, nullable=False),
    Column("closed_by", String(100), nullable=False),
)

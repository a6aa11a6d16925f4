"""Facts and their sums, from which reports are read."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Index, Integer, LargeBinary, String, Table

from orderguard.storage.tables.columns import Instant, metadata

# What each session adds to the rollups, so that it can be taken back when the session changes. The
# subject is a session's id, or the number of an order without one.
analytics_facts = Table(
    "analytics_facts",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("subject", String(24), primary_key=True),
    # As of which analysis and which revision of which order.
    Column("analysis_count", Integer, nullable=False),
    Column("order_id", BigInteger),
    Column("order_revision", Integer, nullable=False),
    # When it changes by the passing of time alone.
    Column("due_at", Instant),
    Column("facts", LargeBinary, nullable=False),
    Index("ix_analytics_facts_order", "merchant_id", "order_id"),
    Index("ix_analytics_facts_due", "merchant_id", "due_at"),
)


def _sums(name: str) -> Table:
    return Table(
        name,
        metadata,
        Column("merchant_id", String(20), primary_key=True),
        Column("dimension", String(16), primary_key=True),
        Column("day", Date, primary_key=True),
        Column("value", String(200), primary_key=True),
        Column("currency", String(3), primary_key=True),
        Column("measure", String(64), primary_key=True),
        Column("total", BigInteger, nullable=False),
    )


# The sums of all facts: per day, one dimension's value, currency and measure.
analytics_rollups = _sums("analytics_rollups")

# The same per month, under its first day.
analytics_months = _sums("analytics_months")

# Every round of a merchant's rollups raises the number by one, so that of two processes at the same
# round only one gets through. The instants are for the release before 0012 only.
analytics_progress = Table(
    "analytics_progress",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("round", BigInteger, nullable=False),
    Column("sessions_through", Instant, nullable=False),
    Column("orders_through", Instant, nullable=False),
)

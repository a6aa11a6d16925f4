"""Rollups for analytics."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_index("ix_orders_changed", "orders", ["merchant_id", "changed_at"])
    op.create_table(
        "analytics_facts",
        sa.Column("merchant_id", sa.String(20), primary_key=True),
        sa.Column("subject", sa.String(24), primary_key=True),
        sa.Column("analysis_count", sa.Integer, nullable=False),
        sa.Column("order_id", sa.BigInteger),
        sa.Column("order_revision", sa.Integer, nullable=False),
        sa.Column("due_at", sa.BigInteger),
        sa.Column("facts", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_analytics_facts_order", "analytics_facts", ["merchant_id", "order_id"])
    op.create_index("ix_analytics_facts_due", "analytics_facts", ["merchant_id", "due_at"])
    op.create_table(
        "analytics_rollups",
        sa.Column("merchant_id", sa.String(20), primary_key=True),
        sa.Column("dimension", sa.String(16), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("value", sa.String(200), primary_key=True),
        sa.Column("currency", sa.String(3), primary_key=True),
        sa.Column("measure", sa.String(64), primary_key=True),
        sa.Column("total", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "analytics_progress",
        sa.Column("merchant_id", sa.String(20), primary_key=True),
        sa.Column("round", sa.BigInteger, nullable=False),
        sa.Column("sessions_through", sa.BigInteger, nullable=False),
        sa.Column("orders_through", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "latency_hours",
        sa.Column("hour", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("up_to_us", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("answers", sa.BigInteger, nullable=False),
    )

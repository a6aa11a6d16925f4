"""Webhook endpoints, and the deliveries to them with their attempts."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("merchant_id", sa.String(20), primary_key=True),
        sa.Column("id", sa.String(20), primary_key=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("event_types", sa.JSON, nullable=False),
        sa.Column("secret", sa.String(100), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("disabled_at", sa.BigInteger),
        sa.Column("disabled_because", sa.String(16)),
        sa.Column("lined_up_through", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("merchant_id", sa.String(20), primary_key=True),
        sa.Column("endpoint_id", sa.String(20), primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("topic", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("due_at", sa.BigInteger),
        sa.Column("lease", sa.String(32)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("failing_since", sa.BigInteger),
        sa.Column("settled_at", sa.BigInteger),
    )
    place = ["merchant_id", "endpoint_id"]
    op.create_index("ix_webhook_deliveries_due", "webhook_deliveries", [*place, "due_at"])
    op.create_index("ix_webhook_deliveries_topic", "webhook_deliveries", [*place, "topic"])
    op.create_table(
        "webhook_attempts",
        sa.Column("merchant_id", sa.String(20), primary_key=True),
        sa.Column("endpoint_id", sa.String(20), primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("attempted_at", sa.BigInteger, nullable=False),
        sa.Column("duration_us", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("error", sa.String(200)),
    )

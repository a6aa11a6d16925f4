"""Merchants, keys, configurations, offer sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "merchants",
        sa.Column("id", sa.String(20), primary_key=True),
        sa.Column("name", sa.String(100), nullable=False, unique=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(20), primary_key=True),
        sa.Column("merchant_id", sa.String(20), sa.ForeignKey("merchants.id"), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False, unique=True),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("origins", sa.JSON, nullable=False),
        sa.Column("requests_per_minute", sa.Integer),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("revoked_at", sa.BigInteger),
        sa.Column("last_used_at", sa.BigInteger),
    )
    op.create_index("ix_api_keys_merchant_id", "api_keys", ["merchant_id"])
    op.create_table(
        "configurations",
        sa.Column("merchant_id", sa.String(20), sa.ForeignKey("merchants.id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("published_at", sa.BigInteger, nullable=False),
        sa.Column("published_by", sa.String(100), nullable=False),
    )
    counter = op.create_table(
        "change_counter",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("value", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(counter, [{"id": 1, "value": 0}])
    op.create_table(
        "offer_sessions",
        sa.Column("merchant_id", sa.String(20), primary_key=True),
        sa.Column("id", sa.String(24), primary_key=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("analysis_count", sa.Integer, nullable=False),
        sa.Column("ever_eligible", sa.Boolean, nullable=False),
        sa.Column("is_kept", sa.Boolean, nullable=False),
    )
    op.create_index("ix_offer_sessions_updated_at", "offer_sessions", ["updated_at"])
    op.create_table(
        "cart_bindings",
        sa.Column("merchant_id", sa.String(20), primary_key=True),
        sa.Column("cart_id", sa.String(255), primary_key=True),
        sa.Column("session_id", sa.String(24), nullable=False),
    )
    op.create_index("ix_cart_bindings_session", "cart_bindings", ["merchant_id", "session_id"])
    op.create_table(
        "analyses",
        sa.Column("merchant_id", sa.String(20), primary_key=True),
        sa.Column("session_id", sa.String(24), primary_key=True),
        sa.Column("ordinal", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("analysed_at", sa.BigInteger, nullable=False),
        sa.Column("configuration_version", sa.Integer),
        sa.Column("request_id", sa.String(128), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("cart", sa.LargeBinary, nullable=False),
        sa.Column("offer", sa.LargeBinary, nullable=False),
    )

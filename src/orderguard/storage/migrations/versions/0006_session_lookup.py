"""Finding sessions by their last analyses, and shadow runs."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    # In the place of an index on the instant alone: lists and retention go merchant by merchant, so
    # a checkout still keeps one index up to date.
    op.create_index(
        "ix_offer_sessions_latest", "offer_sessions", ["merchant_id", "updated_at", "id"]
    )
    op.drop_index("ix_offer_sessions_updated_at", "offer_sessions")
    op.create_table(
        "shadow_runs",
        sa.Column("merchant_id", sa.String(20), primary_key=True),
        sa.Column("id", sa.String(20), primary_key=True),
        sa.Column("draft_id", sa.String(40)),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("replayed", sa.Integer, nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("progressed_at", sa.BigInteger, nullable=False),
        sa.Column("started_by", sa.String(100), nullable=False),
        sa.Column("report", sa.LargeBinary),
        sa.Column("failure", sa.Text),
    )
    op.create_index("ix_shadow_runs_started", "shadow_runs", ["merchant_id", "started_at"])

"""Drafts of configurations and scheduled publications."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "drafts",
        sa.Column("merchant_id", sa.String(20), primary_key=True),
        sa.Column("id", sa.String(20), primary_key=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("based_on", sa.Integer),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("created_by", sa.String(100), nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("changed_by", sa.String(100), nullable=False),
    )
    op.create_table(
        "scheduled_publications",
        sa.Column("merchant_id", sa.String(20), primary_key=True),
        sa.Column("id", sa.String(20), primary_key=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("based_on", sa.Integer),
        sa.Column("draft_id", sa.String(20)),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("scheduled_at", sa.BigInteger, nullable=False),
        sa.Column("scheduled_by", sa.String(100), nullable=False),
        sa.Column("settled_at", sa.BigInteger),
        sa.Column("version", sa.Integer),
        sa.Column("failure", sa.Text),
    )
    op.create_index("ix_scheduled_publications_due", "scheduled_publications", ["status", "due_at"])

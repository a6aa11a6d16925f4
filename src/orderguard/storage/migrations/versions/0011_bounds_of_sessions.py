"""Limit what a session stores: each cart once, its distinct quotes, and the bytes of a day.

Adds nullable columns and empty tables only, so that no row is rewritten. Sessions that began before
are recognised by `has_quotes`, which is NULL for them (ADR 0051).
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "session_carts",
        sa.Column("merchant_id", sa.String(20), primary_key=True),
        sa.Column("session_id", sa.String(24), primary_key=True),
        sa.Column("digest", sa.LargeBinary(16), primary_key=True),
        sa.Column("cart", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "session_quotes",
        sa.Column("merchant_id", sa.String(20), primary_key=True),
        sa.Column("session_id", sa.String(24), primary_key=True),
        sa.Column("digest", sa.LargeBinary(16), primary_key=True),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("quote", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "stored_bytes",
        sa.Column("merchant_id", sa.String(20), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("bytes", sa.BigInteger, nullable=False),
    )
    # Last, because checkouts wait from here to the end of the transaction.
    op.add_column("analyses", sa.Column("cart_digest", sa.LargeBinary(16)))
    op.add_column("offer_sessions", sa.Column("has_order", sa.Boolean))
    op.add_column("offer_sessions", sa.Column("has_quotes", sa.Boolean))

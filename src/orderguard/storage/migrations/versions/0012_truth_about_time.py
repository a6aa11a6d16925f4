"""Mark the rows that analytics has to count, instead of comparing times (docs/decisions/0055).

All existing rows start as not counted, so that rows missed by earlier releases are counted.
Ledger and audit trail can no longer be truncated, and servers record readings of their clock.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0010"

_APPEND_ONLY = ("postings", "entries", "statements", "audit_trail")


def upgrade() -> None:
    op.create_table(
        "clock_record",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("confirmed_at", sa.BigInteger, nullable=False),
        sa.Column("doubtful_at", sa.BigInteger),
        sa.Column("held_us", sa.BigInteger, nullable=False),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in _APPEND_ONLY:
            op.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION orderguard_append_only()"
            )
    # Last, because checkouts wait from here to the end of the transaction. A constant default:
    # neither database rewrites the rows.
    for table in ("orders", "offer_sessions"):
        op.add_column(table, sa.Column("counted", sa.Integer, nullable=False, server_default="0"))

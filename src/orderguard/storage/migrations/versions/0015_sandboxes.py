"""Sandbox merchants with a test clock, whose books may be deleted (docs/decisions/0076).

What was posted for a live merchant can still neither be changed nor deleted, and no merchant can
become a sandbox, or stop being one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_BOOKS = ("postings", "entries", "statements")
_IS_LIVE = "NOT EXISTS (SELECT 1 FROM merchants WHERE id = OLD.merchant_id AND is_sandbox)"


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE if is_sqlite else _POSTGRESQL:
        op.execute(statement)
    # Last, because checkouts read the table. Constant defaults: neither database rewrites the rows.
    op.add_column(
        "merchants", sa.Column("is_sandbox", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.add_column(
        "merchants", sa.Column("clock_ahead_us", sa.BigInteger, nullable=False, server_default="0")
    )
    op.execute(_KIND_IS_FINAL_SQLITE if is_sqlite else _KIND_IS_FINAL_POSTGRESQL)


_SQLITE = [
    *(
        statement
        for table in _BOOKS
        for statement in (
            f"DROP TRIGGER {table}_no_delete",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN {_IS_LIVE} "
            f"BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END",
        )
    ),
]

_POSTGRESQL = [
    # OLD exists for rows only; the triggers on TRUNCATE call the same function.
    f"""
    CREATE OR REPLACE FUNCTION orderguard_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' AND TG_TABLE_NAME IN ('postings', 'entries', 'statements') THEN
        IF NOT ({_IS_LIVE}) THEN
          RETURN OLD;
        END IF;
      END IF;
      RAISE EXCEPTION '% are append-only', TG_TABLE_NAME;
    END $$
    """,
    """
    CREATE FUNCTION orderguard_kind_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF OLD.is_sandbox <> NEW.is_sandbox OR OLD.id <> NEW.id THEN
        RAISE EXCEPTION 'a merchant stays what it is';
      END IF;
      RETURN NEW;
    END $$
    """,
]

_KIND_IS_FINAL_SQLITE = (
    "CREATE TRIGGER merchants_kind_is_final BEFORE UPDATE ON merchants "
    "WHEN OLD.is_sandbox <> NEW.is_sandbox OR OLD.id <> NEW.id "
    "BEGIN SELECT RAISE(ABORT, 'a merchant stays what it is'); END"
)
_KIND_IS_FINAL_POSTGRESQL = (
    "CREATE TRIGGER merchants_kind_is_final BEFORE UPDATE ON merchants "
    "FOR EACH ROW EXECUTE FUNCTION orderguard_kind_is_final()"
)

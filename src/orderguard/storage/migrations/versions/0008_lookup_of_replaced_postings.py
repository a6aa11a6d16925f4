"""The trigger that refuses to replace postings uses an index instead of reading all postings."""

from alembic import op

revision = "0008"
down_revision = "0007"

_SAME = "EXISTS (SELECT 1 FROM postings WHERE merchant_id = NEW.merchant_id AND "


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return  # PostgreSQL has no such trigger: it cannot replace rows
    op.execute("DROP TRIGGER postings_no_replace")
    # One look-up per key: for a single one with OR, SQLite takes the index of the merchant alone.
    op.execute(
        "CREATE TRIGGER postings_no_replace BEFORE INSERT ON postings WHEN "
        f"{_SAME} id = NEW.id) OR "
        f"{_SAME} order_id = NEW.order_id AND sequence = NEW.sequence) OR "
        f"{_SAME} reverses = NEW.reverses) "
        "BEGIN SELECT RAISE(ABORT, 'postings are append-only'); END"
    )

"""Orders, coverages, the ledger and its statements, and the outbox.

Triggers refuse an unbalanced posting, a change to a posting, and a posting to a closed month. The
domain checks the same; neither relies on the other.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _create_tables()
    statements = _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL
    for statement in statements:
        op.execute(statement)


def _create_tables() -> None:
    op.create_table(
        "orders",
        sa.Column("merchant_id", sa.String(20), primary_key=True),
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("external_id", sa.String(100)),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.Column("acceptance", sa.LargeBinary, nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("verdict", sa.String(20)),
        sa.Column("session_id", sa.String(24)),
        sa.Column("configuration_version", sa.Integer),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("deleted_at", sa.BigInteger),
        sa.UniqueConstraint("merchant_id", "external_id", name="uq_orders_external_id"),
        sa.UniqueConstraint("merchant_id", "session_id", name="uq_orders_session_id"),
    )
    op.create_index("ix_orders_received", "orders", ["merchant_id", "received_at", "id"])
    op.create_table(
        "coverages",
        sa.Column("merchant_id", sa.String(20), primary_key=True),
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("order_id", sa.BigInteger, nullable=False),
        sa.Column("mode", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("void_reason", sa.String(32)),
        sa.Column("scope", sa.LargeBinary, nullable=False),
        sa.Column("active_from", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("history", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("merchant_id", "order_id", "mode", name="uq_coverages_order_mode"),
    )
    op.create_table(
        "postings",
        sa.Column("merchant_id", sa.String(20), primary_key=True),
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("order_id", sa.BigInteger, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("reverses", sa.String(40)),
        sa.Column("because", sa.String(32)),
        sa.Column("posted_at", sa.BigInteger, nullable=False),
        sa.Column("period", sa.String(7), nullable=False),
        sa.UniqueConstraint(
            "merchant_id", "order_id", "sequence", name="uq_postings_order_sequence"
        ),
        sa.UniqueConstraint("merchant_id", "reverses", name="uq_postings_reverses"),
    )
    op.create_index("ix_postings_period", "postings", ["merchant_id", "period"])
    op.create_table(
        "entries",
        sa.Column("merchant_id", sa.String(20), primary_key=True),
        sa.Column("posting_id", sa.String(40), primary_key=True),
        sa.Column("line", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("account", sa.String(32), nullable=False),
        sa.Column("mode", sa.String(32)),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id", "posting_id"],
            ["postings.merchant_id", "postings.id"],
            name="fk_entries_posting",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_table(
        "statements",
        sa.Column("merchant_id", sa.String(20), primary_key=True),
        sa.Column("period", sa.String(7), primary_key=True),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.Column("closed_at", sa.BigInteger, nullable=False),
        sa.Column("closed_by", sa.String(100), nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column("merchant_id", sa.String(20), primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("event_id", sa.String(32), nullable=False),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("topic", sa.String(64), nullable=False),
        sa.Column("happened_at", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("merchant_id", "event_id", name="uq_outbox_event_id"),
    )


_ENTRIES_OF_NEW = (
    "SELECT 1 FROM entries WHERE merchant_id = NEW.merchant_id AND posting_id = NEW.id"
)


def _refuse(name: str, timing: str, condition: str, complaint: str) -> str:
    return (
        f"CREATE TRIGGER {name} BEFORE {timing} {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{complaint}'); END"
    )


_SQLITE = [
    _refuse(
        "postings_balanced",
        "INSERT ON postings",
        f"WHEN NOT EXISTS ({_ENTRIES_OF_NEW}) OR EXISTS "
        f"({_ENTRIES_OF_NEW} GROUP BY currency HAVING SUM(amount) <> 0)",
        "entries must sum to zero per currency",
    ),
    _refuse(
        "postings_open_period",
        "INSERT ON postings",
        "WHEN EXISTS (SELECT 1 FROM statements WHERE merchant_id = NEW.merchant_id "
        "AND period >= NEW.period)",
        "the month is closed",
    ),
    _refuse(
        "entries_sealed",
        "INSERT ON entries",
        "WHEN EXISTS (SELECT 1 FROM postings WHERE merchant_id = NEW.merchant_id "
        "AND id = NEW.posting_id)",
        "a posting cannot get further entries",
    ),
    # `INSERT OR REPLACE` deletes conflicting rows without firing the triggers on deletion.
    _refuse(
        "postings_no_replace",
        "INSERT ON postings",
        "WHEN EXISTS (SELECT 1 FROM postings WHERE merchant_id = NEW.merchant_id AND "
        "(id = NEW.id OR (order_id = NEW.order_id AND sequence = NEW.sequence) "
        "OR reverses = NEW.reverses))",
        "postings are append-only",
    ),
    _refuse(
        "statements_no_replace",
        "INSERT ON statements",
        "WHEN EXISTS (SELECT 1 FROM statements WHERE merchant_id = NEW.merchant_id "
        "AND period = NEW.period)",
        "statements are append-only",
    ),
    _refuse(
        "entries_no_replace",
        "INSERT ON entries",
        "WHEN EXISTS (SELECT 1 FROM entries WHERE merchant_id = NEW.merchant_id "
        "AND posting_id = NEW.posting_id AND line = NEW.line)",
        "entries are append-only",
    ),
    *(
        _refuse(f"{table}_no_{verb.lower()}", f"{verb} ON {table}", "", f"{table} are append-only")
        for table in ("postings", "entries", "statements")
        for verb in ("UPDATE", "DELETE")
    ),
]

_POSTGRESQL = [
    """
    CREATE FUNCTION orderguard_posting_is_sound() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NOT EXISTS (SELECT 1 FROM entries
                     WHERE merchant_id = NEW.merchant_id AND posting_id = NEW.id)
         OR EXISTS (SELECT 1 FROM entries
                    WHERE merchant_id = NEW.merchant_id AND posting_id = NEW.id
                    GROUP BY currency HAVING SUM(amount) <> 0) THEN
        RAISE EXCEPTION 'entries must sum to zero per currency';
      END IF;
      IF EXISTS (SELECT 1 FROM statements
                 WHERE merchant_id = NEW.merchant_id AND period >= NEW.period) THEN
        RAISE EXCEPTION 'the month is closed';
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER postings_sound BEFORE INSERT ON postings
    FOR EACH ROW EXECUTE FUNCTION orderguard_posting_is_sound()
    """,
    """
    CREATE FUNCTION orderguard_posting_is_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF EXISTS (SELECT 1 FROM postings
                 WHERE merchant_id = NEW.merchant_id AND id = NEW.posting_id) THEN
        RAISE EXCEPTION 'a posting cannot get further entries';
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER entries_sealed BEFORE INSERT ON entries
    FOR EACH ROW EXECUTE FUNCTION orderguard_posting_is_sealed()
    """,
    """
    CREATE FUNCTION orderguard_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '% are append-only', TG_TABLE_NAME; END $$
    """,
    *(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION orderguard_append_only()"
        for table in ("postings", "entries", "statements")
    ),
]

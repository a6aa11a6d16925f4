"""Console accounts, their sessions, the audit trail, and indexes for what the console lists."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _create_audit_trail()
    _create_accounts()
    _index_what_the_console_lists()
    op.create_table(
        "account_sessions",
        sa.Column("token_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("id", sa.String(20), nullable=False, unique=True),
        sa.Column("account_id", sa.String(20), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("last_seen_at", sa.BigInteger, nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("browser", sa.String(200), nullable=False),
    )
    op.create_index("ix_account_sessions_account", "account_sessions", ["account_id"])
    op.create_table(
        "sign_in_links",
        sa.Column("token_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("account_id", sa.String(20), sa.ForeignKey("accounts.id")),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "failed_sign_ins",
        sa.Column("subject", sa.LargeBinary(32), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False),
    )


def _index_what_the_console_lists() -> None:
    order = ["merchant_id", "verdict", "received_at", "id"]
    op.create_index("ix_orders_verdict", "orders", order)
    op.create_index("ix_postings_posted", "postings", ["merchant_id", "posted_at"])


def _create_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(20), primary_key=True),
        sa.Column("email", sa.String(100), nullable=False, unique=True),
        sa.Column("password_hash", sa.String(200)),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "memberships",
        sa.Column("merchant_id", sa.String(20), sa.ForeignKey("merchants.id"), primary_key=True),
        sa.Column("account_id", sa.String(20), sa.ForeignKey("accounts.id"), primary_key=True),
        sa.Column("role", sa.String(16), nullable=False),
    )
    op.create_index("ix_memberships_account", "memberships", ["account_id"])


def _create_audit_trail() -> None:
    op.create_table(
        "audit_trail",
        sa.Column("merchant_id", sa.String(20), primary_key=True),
        sa.Column("at", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("ordinal", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("actor", sa.String(100), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("before", sa.JSON),
        sa.Column("after", sa.JSON),
    )
    op.create_index(
        "ix_audit_trail_actor", "audit_trail", ["merchant_id", "actor", "at", "ordinal"]
    )
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in _POSTGRESQL if is_postgresql else _SQLITE:
        op.execute(statement)


# A plain REPLACE in SQLite deletes without telling the trigger on deletes.
_SQLITE = [
    *(
        f"CREATE TRIGGER audit_trail_no_{verb.lower()} BEFORE {verb} ON audit_trail "
        "BEGIN SELECT RAISE(ABORT, 'audit_trail is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ),
    "CREATE TRIGGER audit_trail_no_replace BEFORE INSERT ON audit_trail "
    "WHEN EXISTS (SELECT 1 FROM audit_trail WHERE merchant_id = NEW.merchant_id "
    "AND at = NEW.at AND ordinal = NEW.ordinal) "
    "BEGIN SELECT RAISE(ABORT, 'audit_trail is append-only'); END",
]

_POSTGRESQL = [
    "CREATE TRIGGER audit_trail_append_only BEFORE UPDATE OR DELETE ON audit_trail "
    "FOR EACH ROW EXECUTE FUNCTION orderguard_append_only()",
]

"""Fill the states of orders and build four indexes, while servers keep writing.

On PostgreSQL nothing here is in the migration's transaction, so every step is safe to repeat.
"""

import sqlalchemy as sa
from alembic import op

from orderguard.storage.migrations.beside_writers import add_index, in_batches

revision = "0014"
down_revision = "0013"

_VERDICTS_TO_REVIEW = ("altered", "currency_mismatch", "mode_mismatch", "stale", "unlinked")
_ESCAPES = r"(\\[^u])|\\u[0-9A-Fa-f]{4}"
_ENDED = ("order_cancelled", "order_refunded")

_orders = sa.table(
    "orders",
    sa.column("merchant_id", sa.String),
    sa.column("id", sa.BigInteger),
    sa.column("document", sa.LargeBinary),
    sa.column("verdict", sa.String),
    sa.column("status", sa.String),
    sa.column("stands", sa.Boolean),
    sa.column("needs_review", sa.Boolean),
    sa.column("deleted_at", sa.BigInteger),
)
_coverages = sa.table(
    "coverages",
    sa.column("merchant_id", sa.String),
    sa.column("order_id", sa.BigInteger),
    sa.column("void_reason", sa.String),
)


def upgrade() -> None:
    in_batches(_orders, _fill)
    for table, count in (("offer_sessions", "analysis_count"), ("orders", "revision")):
        waits = f"counted <> {count}"
        add_index(f"ix_{table}_uncounted", table, ["merchant_id", "id"], where=waits)
    for name, column in (("ix_orders_status", "status"), ("ix_orders_review", "needs_review")):
        add_index(name, "orders", ["merchant_id", column, "received_at", "id"])


def _fill(batch: sa.ColumnElement[bool]) -> list[sa.Update]:
    """Statements that derive the three columns for the orders of a batch."""
    of_order = sa.and_(
        _coverages.c.merchant_id == _orders.c.merchant_id, _coverages.c.order_id == _orders.c.id
    )
    has_ended = sa.exists().where(of_order, _coverages.c.void_reason.in_(_ENDED))
    is_over = sa.or_(_orders.c.status == "cancelled", _orders.c.deleted_at.is_not(None), has_ended)
    is_to_review = _orders.c.verdict.in_(_VERDICTS_TO_REVIEW)
    return [
        sa.update(_orders).where(batch).values(status=sa.func.coalesce(_status(), "active")),
        sa.update(_orders).where(batch, is_over).values(stands=sa.false()),
        sa.update(_orders).where(batch, is_to_review).values(needs_review=sa.true()),
    ]


def _status() -> sa.ColumnElement[str]:
    """The status in a document, which is JSON in a binary column."""
    if op.get_bind().dialect.name == "postgresql":
        # PostgreSQL reads no JSON with a zero character or half a surrogate pair anywhere in it. No
        # status has an escape, so all of them may be other characters here.
        text = sa.func.regexp_replace(
            sa.func.convert_from(_orders.c.document, "UTF8"), _ESCAPES, r"\1?", "g"
        )
        return sa.func.json_extract_path_text(sa.cast(text, sa.JSON), "status")
    return sa.func.json_extract(sa.cast(_orders.c.document, sa.Text), "$.status")

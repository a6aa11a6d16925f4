"""Columns by which many orders are searched: status, whether they stand, whether to review them.

All three are derived from stored data, so this migration fills them for existing rows.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"

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
    text, yes, no = sa.String(16), sa.true(), sa.false()
    op.add_column("orders", sa.Column("status", text, nullable=False, server_default="active"))
    op.add_column("orders", sa.Column("stands", sa.Boolean, nullable=False, server_default=yes))
    op.add_column(
        "orders", sa.Column("needs_review", sa.Boolean, nullable=False, server_default=no)
    )
    op.execute(sa.update(_orders).values(status=sa.func.coalesce(_status(), "active")))
    of_order = sa.and_(
        _coverages.c.merchant_id == _orders.c.merchant_id, _coverages.c.order_id == _orders.c.id
    )
    has_ended = sa.exists().where(of_order, _coverages.c.void_reason.in_(_ENDED))
    is_over = sa.or_(_orders.c.status == "cancelled", _orders.c.deleted_at.is_not(None), has_ended)
    op.execute(sa.update(_orders).where(is_over).values(stands=no))
    op.execute(
        sa.update(_orders)
        .where(_orders.c.verdict.in_(_VERDICTS_TO_REVIEW))
        .values(needs_review=yes)
    )
    op.create_index("ix_orders_status", "orders", ["merchant_id", "status", "received_at", "id"])
    op.create_index(
        "ix_orders_review", "orders", ["merchant_id", "needs_review", "received_at", "id"]
    )


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

"""Columns to filter orders by: status, whether they stand, whether to review them.

Constant defaults, so that neither database rewrites the rows; 0014 fills them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"


def upgrade() -> None:
    text, yes, no = sa.String(16), sa.true(), sa.false()
    op.add_column("orders", sa.Column("status", text, nullable=False, server_default="active"))
    op.add_column("orders", sa.Column("stands", sa.Boolean, nullable=False, server_default=yes))
    op.add_column(
        "orders", sa.Column("needs_review", sa.Boolean, nullable=False, server_default=no)
    )

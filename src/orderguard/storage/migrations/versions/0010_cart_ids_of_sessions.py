"""An index for the cart ids of a session that PostgreSQL cannot prefer for other look-ups.

The old index began with the merchant, and was chosen while the statistics were outdated.
"""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.drop_index("ix_cart_bindings_session", "cart_bindings")
    op.create_index("ix_cart_bindings_session", "cart_bindings", ["session_id"])

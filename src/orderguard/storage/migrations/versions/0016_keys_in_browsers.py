"""Store when a browser last sent a server's key, for the integration check (decision 0081)."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    # Without a default, so that neither database rewrites the rows.
    op.add_column("api_keys", sa.Column("seen_in_browser_at", sa.BigInteger))

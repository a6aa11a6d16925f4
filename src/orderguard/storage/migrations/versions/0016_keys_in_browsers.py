"""When a browser last sent the key of a server, for the integration check (docs/decisions/0081)."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    # Without a default, so that neither database rewrites the rows.
    op.add_column("api_keys", sa.Column("seen_in_browser_at", sa.BigInteger))

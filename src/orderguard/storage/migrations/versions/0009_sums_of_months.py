"""Analytics sums per month besides those per day, because adding up a year of days was slow."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "analytics_months",
        sa.Column("merchant_id", sa.String(20), primary_key=True),
        sa.Column("dimension", sa.String(16), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("value", sa.String(200), primary_key=True),
        sa.Column("currency", sa.String(3), primary_key=True),
        sa.Column("measure", sa.String(64), primary_key=True),
        sa.Column("total", sa.BigInteger, nullable=False),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    month = "substr(day, 1, 8) || '01'" if is_sqlite else "date_trunc('month', day)::date"
    op.execute(
        "INSERT INTO analytics_months "  # noqa: S608
        f"SELECT merchant_id, dimension, {month}, value, currency, measure, sum(total) "
        f"FROM analytics_rollups GROUP BY merchant_id, dimension, {month}, value, currency, measure"
    )

"""Rollups for analytics."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Filled in by the work that needs it."""

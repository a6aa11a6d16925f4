"""Console accounts, their sessions and the audit trail."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Filled in by the work that needs it."""

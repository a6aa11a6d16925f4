"""Drafts of configurations and scheduled publications."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Filled in by the work that needs it."""

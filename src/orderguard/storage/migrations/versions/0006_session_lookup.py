"""Finding sessions and analyses by cart, order and request."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Filled in by the work that needs it."""

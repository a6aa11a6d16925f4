"""Find the cart of an analysis: in `session_carts`, or in the analysis itself if it is old."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, func

from orderguard.storage.kept_analyses import WITHOUT_LINES
from orderguard.storage.tables import analyses, session_carts

OF_ANALYSIS = and_(
    session_carts.c.merchant_id == analyses.c.merchant_id,
    session_carts.c.session_id == analyses.c.session_id,
    session_carts.c.digest == analyses.c.cart_digest,
)
"""For an outer join of `session_carts`."""

CART = func.coalesce(session_carts.c.cart, analyses.c.cart).label("whole_cart")


def has_lines(row: Any) -> bool:
    """Whether the stored cart has its lines; without them only the head of the cart was kept."""
    return bool(row.cart_digest != WITHOUT_LINES)

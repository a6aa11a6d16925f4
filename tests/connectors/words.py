"""What pages of ours tell a shopper, where the platform draws the box by itself."""

from __future__ import annotations

from tests.connectors.driver import GONE_OFFER, MODES_CHANGED, PRICE_ROSE, Seen

ROSE = "The price has changed with your cart. Tick the box if you still want protection."
CHANGED = "What is covered has changed with your cart. Tick the box if you still want protection."
REMOVED = "Order protection is no longer available and has been removed from your order."
AGAIN = "Protection is available again. Tick the box if you still want it."


def notice_of(text: str, *, has_offer: bool) -> str | None:
    """What a text beside the box means."""
    gone = AGAIN if has_offer else REMOVED
    known = {"": None, ROSE: PRICE_ROSE, CHANGED: MODES_CHANGED, gone: GONE_OFFER}
    return known[text]


def assert_a_new_total_is_told(error: str, now: Seen) -> None:
    """What "Place order" answered instead of an order, and what the page shows then."""
    if now.fee is not None:
        assert f"Order protection now costs ${now.fee / 100:.2f}." in error
    else:
        assert ROSE in error or REMOVED in error, error

"""Requests as a shop's backend would write them."""

from __future__ import annotations

from typing import Any


def wire_line(price: Any = 5000, **changes: Any) -> dict[str, Any]:
    """A line of one piece at this price."""
    line = {
        "id": "line-1",
        "productId": "p-1",
        "quantity": 1,
        "totalPrice": price,
        "originalTotalPrice": price,
        "title": "Lamp",
    }
    return line | changes


def wire_cart(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A cart in USD of these lines, or of one lamp at 50.00."""
    cart: dict[str, Any] = {
        "lines": list(lines) or [wire_line()],
        "currencyCode": "USD",
        "subtotalAmount": 5000,
        "totalDiscountAmount": 0,
        "discountedSubtotalAmount": 5000,
        "totalTaxAmount": 0,
        "totalAmount": 5000,
        "itemCount": 1,
    }
    return cart | changes


def wire_request(*lines: dict[str, Any], cart: dict[str, Any] | None = None, **changes: Any
) -> dict[str, Any]:  # fmt: skip
    """A whole request; `cart` holds changes to the cart."""
    request = {"platform": "woocommerce", "region": "US", "cart": wire_cart(*lines, **(cart or {}))}
    return request | changes

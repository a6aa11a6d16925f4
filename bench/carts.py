"""The carts that are analysed: realistic, about 300 bytes a line, each one different."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

CART_ID = "@CART_ID@"
PRICE = "@PRICE@"
"""Places in a template: the cart's id, and the price of its first line (four digits)."""

_GOODS = (
    ("Floor lamp, brushed brass", "Lighting", "Northlight", 12900),
    ("Linen duvet cover, king size", "Bedding", "Marram", 8900),
    ("Stoneware dinner plate, set of six", "Kitchen", "Kilnhouse", 5450),
    ("Wool throw, charcoal", "Textiles", "Marram", 6200),
    ("Walnut picture frame, 30 by 40", "Decoration", "Fold & Grain", 2799),
)


@dataclass(frozen=True, slots=True)
class CartTemplate:
    """A request body with two placeholders: the cart id, and a value that makes the cart new."""

    lines: int
    parts: tuple[str, ...]
    """The text between the places, which alternate: cart id, price."""

    @property
    def text(self) -> str:
        return f"{self.parts[0]}{CART_ID}{self.parts[1]}{PRICE}{self.parts[2]}"

    def body(self, cart_id: str, price: int = 4999) -> bytes:
        before, between, after = self.parts
        return f"{before}{cart_id}{between}{price}{after}".encode()


def cart_template(lines: int) -> CartTemplate:
    """The template of a cart with this number of lines, as a WooCommerce shop would send it."""
    text = json.dumps(_document(lines), separators=(",", ":")).replace(f'"{PRICE}"', PRICE)
    before, rest = text.split(CART_ID)
    between, after = rest.split(PRICE)
    return CartTemplate(lines, (before, between, after))


def _document(count: int) -> dict[str, Any]:
    lines = [_line(index) for index in range(count)]
    subtotal = sum(line["originalTotalPrice"] for line in lines)
    lines[0]["totalPrice"] = PRICE
    discount = subtotal // 10
    return {
        "platform": "woocommerce",
        "cartId": CART_ID,
        "region": "US-OH",
        "locale": "en-US",
        "customer": {"isB2B": False, "groups": ["newsletter"]},
        "deliveryGroups": [{"deliveryMethod": "SHIPPING"}],
        "offerOrigin": "checkout",
        "cart": {
            "id": "wc-81723",
            "currencyCode": "USD",
            "subtotalAmount": subtotal,
            "totalDiscountAmount": discount,
            "discountedSubtotalAmount": subtotal - discount,
            "totalTaxAmount": subtotal // 14,
            "totalAmount": subtotal - discount + subtotal // 14,
            "itemCount": sum(line["quantity"] for line in lines),
            "lines": lines,
        },
    }


def _line(index: int) -> dict[str, Any]:
    title, kind, vendor, price = _GOODS[index % len(_GOODS)]
    quantity = 1 + index % 3
    return {
        "id": f"line-{index + 1}",
        "productId": f"p-{1000 + index}",
        "variantId": f"p-{1000 + index}-v{index % 7}",
        "sku": f"{vendor[:3].upper()}-{4000 + index}",
        "title": title,
        "productType": kind,
        "vendor": vendor,
        "quantity": quantity,
        "totalPrice": price * quantity,
        "originalTotalPrice": price * quantity,
        "tags": ["new"],
        "collections": ["living-room"],
        "requiresShipping": True,
    }

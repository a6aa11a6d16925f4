"""Write a stored cart as a request body again, so that it can be tried once more."""

from __future__ import annotations

import json
import shlex
from typing import Any

from orderguard.domain.cart import Cart, CartLine

KEY_PLACEHOLDER = "YOUR_API_KEY"


def request_from_cart(cart: Cart) -> dict[str, Any]:
    """A body of `POST analyze` that decodes to this cart; it names no session and no cart id."""
    return _present(
        {
            "platform": cart.platform,
            "region": str(cart.region),
            "locale": cart.locale,
            "customer": {"isB2B": cart.customer.is_b2b, "groups": list(cart.customer.groups)},
            "deliveryGroups": [{"deliveryMethod": str(each)} for each in cart.delivery_methods],
            "offerOrigin": cart.presentation.offer_origin,
            "mountTarget": cart.presentation.mount_target,
            "cartExperience": cart.presentation.cart_experience,
            "cart": _present(
                {
                    "id": cart.id,
                    "lines": [_line(line) for line in cart.lines],
                    "currencyCode": cart.currency,
                    "subtotalAmount": cart.subtotal_amount,
                    "totalDiscountAmount": cart.total_discount_amount,
                    "discountedSubtotalAmount": cart.discounted_subtotal_amount,
                    "totalTaxAmount": cart.total_tax_amount,
                    "totalAmount": cart.total_amount,
                    "itemCount": cart.item_count,
                }
            ),
        }
    )


def curl_from_cart(cart: Cart, server: str) -> str:
    """A command that asks the server about this cart, with reasons, once the key is filled in.

    It starts a session of its own, so that it does not add to a shopper's session.
    """
    body = json.dumps(request_from_cart(cart) | {"debug": True}, ensure_ascii=False, indent=2)
    return " \\\n  ".join(
        (
            f"curl {shlex.quote(f'{server}/v1/analyze')}",
            f"-H {shlex.quote(f'X-Authorization: {KEY_PLACEHOLDER}')}",
            "-H 'Content-Type: application/json'",
            f"-d {shlex.quote(body)}",
        )
    )


def _line(line: CartLine) -> dict[str, Any]:
    return _present(
        {
            "id": line.id,
            "productId": line.product_id,
            "quantity": line.quantity,
            "totalPrice": line.total_price,
            "originalTotalPrice": line.original_total_price,
            "title": line.title,
            "unitPrice": line.unit_price,
            "variantId": line.variant_id,
            "sku": line.sku,
            "productType": line.product_type,
            "vendor": line.vendor,
            "tags": list(line.tags),
            "collections": list(line.collections),
            "requiresShipping": line.requires_shipping,
        }
    )


def _present(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}

"""The JSON the shop sends to Orderguard: a cart to analyse, and a placed order."""

from __future__ import annotations

from typing import Any

from orderguard.client import with_protection
from orderguard.demo.shop.cart import Cart, CartLine, Switches
from orderguard.demo.shop.order import Order
from orderguard.domain.money import Currency, Money


def analyze_request(cart: Cart, switches: Switches) -> dict[str, Any]:
    """The body of `POST /v1/analyze`, made from the shop's own cart and nothing from a browser."""
    return {
        "platform": "custom",
        "region": switches.region,
        "cartId": cart.id,
        "locale": switches.locale,
        "customer": {"isB2B": switches.is_b2b},
        "deliveryGroups": [{"deliveryMethod": "PICKUP" if switches.pickup else "SHIPPING"}],
        "cart": wire_cart(cart, switches.currency),
        # The drawer shows the explanation. A real shop leaves this out.
        "debug": True,
    }


def wire_cart(cart: Cart, currency: Currency) -> dict[str, Any]:
    """The cart of the request. Amounts are whole minor units; none is ever multiplied by 100."""
    subtotal = cart.subtotal(currency).amount
    return {
        "id": f"revision-{cart.revision}",
        "lines": [_cart_line(line, currency) for line in cart.lines],
        "currencyCode": currency,
        "subtotalAmount": subtotal,
        "totalDiscountAmount": 0,
        "discountedSubtotalAmount": subtotal,
        "totalTaxAmount": 0,
        "totalAmount": subtotal,
        "itemCount": cart.item_count,
    }


def _cart_line(line: CartLine, currency: Currency) -> dict[str, Any]:
    total = line.total(currency).amount
    return {
        "id": line.id,
        "productId": line.good.sku,
        "sku": line.good.sku,
        "title": line.title,
        "quantity": line.quantity,
        "unitPrice": line.good.prices[currency],
        "totalPrice": total,
        "originalTotalPrice": total,
        "productType": line.good.product_type,
        "vendor": line.good.vendor,
        "tags": list(line.good.tags),
        "collections": list(line.good.collections),
        "requiresShipping": line.good.requires_shipping,
    }


def order_document(order: Order) -> dict[str, Any]:
    """The body of `PUT /api/v1/orders`: an ordinary order with a fee and a session id added."""
    document = {
        "external_id": order.number,
        "name": f"#{order.number}",
        "created_at": order.placed_at.isoformat(timespec="seconds"),
        "taxes_included": True,
        "total_price": _order_money(order.total),
        "line_items": [_order_line(line, order.currency) for line in order.lines],
    }
    return with_protection(document, order.protection, session_id=order.session_id)


def _order_line(line: CartLine, currency: Currency) -> dict[str, Any]:
    return {
        "external_id": line.id[:100],
        "title": line.title,
        "sku": line.good.sku,
        "quantity": line.quantity,
        "unit_price": _order_money(line.good.price(currency)),
    }


def _order_money(money: Money) -> dict[str, Any]:
    """A whole number is minor units; a text would be major ones."""
    return {"amount": money.amount, "currency_code": money.currency}

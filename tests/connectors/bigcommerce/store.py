"""One BigCommerce store of our own: catalog, carts, checkouts, fees, orders, refunds.

It counts as BigCommerce documents that it counts. How it is reached over HTTP is in api.py.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from email.utils import format_datetime
from typing import Any

INCOMPLETE, AWAITING_PAYMENT, AWAITING_FULFILLMENT = 0, 7, 11
SHIPPED, REFUNDED, CANCELLED, DECLINED, PARTIALLY_REFUNDED = 2, 4, 5, 6, 14
FEES_AT_MOST = 5
DECIMALS = {"JPY": 0, "KWD": 3}
UNTAXED, STANDARD = 1, 2


@dataclass(frozen=True)
class Product:
    id: int
    name: str
    price: Decimal
    category: int
    is_digital: bool = False


PRODUCTS = {
    "lamp": Product(77, "Lamp", Decimal("50.00"), 1),
    "throw": Product(78, "Throw", Decimal("15.00"), 1),
    "vase": Product(79, "Vase", Decimal("133.00"), 1),
    "coat": Product(80, "Coat", Decimal("200.00"), 2),
    "ebook": Product(81, "E-book", Decimal("50.00"), 1, is_digital=True),
    "screw": Product(82, "Screw", Decimal("0.0045"), 1),
}
CATEGORIES = {1: "Home", 2: "Final sale"}
SHIPPING = Decimal("5.00")


@dataclass
class Cart:
    currency: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    pieces: dict[str, int] = field(default_factory=dict)
    address: dict[str, str] | None = None
    is_pickup: bool = False
    coupon: Decimal = Decimal(0)  # off every line, in percent
    off_the_cart: Decimal = Decimal(0)
    customer: int = 0
    fees: list[dict[str, Any]] = field(default_factory=list)
    order: int | None = None
    metafields: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Order:
    id: int
    cart: Cart
    status_id: int = INCOMPLETE
    staff_notes: str = ""
    is_deleted: bool = False
    refunds: list[dict[str, Any]] = field(default_factory=list)
    metafields: list[dict[str, Any]] = field(default_factory=list)
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    modified: datetime = field(default_factory=lambda: datetime.now(UTC))


class Store:
    """A store of one currency, unless a cart says another."""

    def __init__(self, currency: str = "USD") -> None:
        self.hash = secrets.token_hex(5)
        self.token = ""
        self.code = secrets.token_hex(8)
        self.currency = currency
        self.tax_included = False
        self.tax_rate = Decimal(0)
        self.taxes_fees_by_default = False
        self.adds_tax_to_fees = False
        """Whether a fee's cost is without tax, also where prices are shown with tax."""
        self.rounds_fees_to: int | None = None
        self.hooks: list[dict[str, Any]] = []
        self.scripts: list[dict[str, Any]] = []
        self.carts: dict[str, Cart] = {}
        self.orders: dict[int, Order] = {}
        self.notices: list[dict[str, Any]] = []
        """Webhooks that are to be delivered, the oldest first."""
        self._next_order = 100 + secrets.randbelow(10**6)

    # What shoppers do.

    def new_cart(self, currency: str | None = None) -> Cart:
        cart = Cart(currency or self.currency)
        self.carts[cart.id] = cart
        return cart

    def begin_order(self, cart: Cart) -> Order:
        """The shopper is at the payment page: an incomplete order, of which webhooks tell."""
        self._next_order += 1
        order = Order(self._next_order, cart)
        self.orders[order.id] = order
        cart.order = order.id
        self._tell("store/order/created", order)
        return order

    def set_status(self, order: Order, status: int) -> None:
        order.status_id = status
        self.touch(order)
        self._tell("store/order/statusUpdated", order)
        self._tell("store/order/updated", order)

    def refund(self, order: Order, items: list[dict[str, Any]], *, declined: bool = False) -> None:
        refund_id = 1 + len(order.refunds)
        total = sum(Decimal(str(item["requested_amount"] or 0)) for item in items)
        order.refunds.append(
            {
                "id": refund_id,
                "order_id": order.id,
                "created": datetime.now(UTC).isoformat(),
                "reason": "",
                "total_amount": float(total),
                "total_tax": 0,
                "items": items,
                "payments": [
                    {"id": 1, "provider_id": "card", "offline": False, "is_declined": declined}
                ],
            }
        )
        self.touch(order)
        self._tell("store/order/refund/created", order)

    def touch(self, order: Order) -> None:
        order.modified = datetime.now(UTC)

    def _tell(self, scope: str, order: Order) -> None:
        for hook in self.hooks:
            if hook["scope"] == scope and hook["is_active"]:
                payload = {
                    "scope": scope,
                    "store_id": "1025646",
                    "data": {"type": "order", "id": order.id},
                    "hash": secrets.token_hex(20),
                    "created_at": int(datetime.now(UTC).timestamp()),
                    "producer": f"stores/{self.hash}",
                }
                self.notices.append({"hook": hook, "payload": payload})

    # What BigCommerce works out.

    def put_fee(self, cart: Cart, asked: dict[str, Any]) -> dict[str, Any]:
        cost = Decimal(str(asked["cost"]))
        if self.rounds_fees_to is not None:
            cost = cost.quantize(Decimal(1).scaleb(-self.rounds_fees_to), ROUND_HALF_UP)
        tax_class = asked.get("tax_class_id")
        is_taxed = self.taxes_fees_by_default if tax_class is None else tax_class == STANDARD
        share = 1 + (self.tax_rate if is_taxed else 0)
        if self.tax_included and not self.adds_tax_to_fees:
            with_tax, without = cost, self.money(cost / share, cart.currency)
        else:
            with_tax, without = self.money(cost * share, cart.currency), cost
        return {
            "id": asked.get("id") or str(uuid.uuid4()),
            "type": "custom_fee",
            "name": asked["name"],
            "display_name": asked["display_name"],
            "cost_inc_tax": float(with_tax),
            "cost_ex_tax": float(without),
            "source": asked["source"],
            "tax_class_id": tax_class,
        }

    def money(self, amount: Decimal, currency: str) -> Decimal:
        return amount.quantize(Decimal(1).scaleb(-DECIMALS.get(currency, 2)), ROUND_HALF_UP)

    def lines(self, cart: Cart) -> list[dict[str, Any]]:
        """Lines with what they cost as shown: before and after a coupon, in the cart's currency."""
        found = []
        for slug, quantity in cart.pieces.items():
            product = PRODUCTS[slug]
            total = self.money(product.price * quantity, cart.currency)
            off = self.money(total * cart.coupon / 100, cart.currency)
            found.append({"product": product, "quantity": quantity, "total": total, "off": off})
        return found

    def taxed(self, shown: Decimal, currency: str) -> tuple[Decimal, Decimal]:
        """With and without tax."""
        share = 1 + self.tax_rate
        if self.tax_included:
            return shown, self.money(shown / share, currency)
        return self.money(shown * share, currency), shown

    def checkout(self, cart: Cart) -> dict[str, Any]:
        """As V3 answers."""
        lines = self.lines(cart)
        goods = sum((each["total"] - each["off"] for each in lines), Decimal(0))
        goods -= cart.off_the_cart
        with_tax, without = self.taxed(goods, cart.currency)
        shipping = self.shipping(cart)
        fees = sum((Decimal(str(fee["cost_inc_tax"])) for fee in cart.fees), Decimal(0))
        fee_tax = fees - sum((Decimal(str(fee["cost_ex_tax"])) for fee in cart.fees), Decimal(0))
        consignment: dict[str, Any] = {
            "id": "consignment-1",
            "line_item_ids": [f"item-{each['product'].id}" for each in lines],
            "shipping_address": cart.address,
            "selected_pickup_option": {"pickup_method_id": 1} if cart.is_pickup else None,
        }
        return {
            "id": cart.id,
            "cart": {
                "id": cart.id,
                "customer_id": cart.customer,
                "channel_id": 1,
                "email": "",
                "currency": {"code": cart.currency},
                "tax_included": self.tax_included,
                "base_amount": float(sum((each["total"] for each in lines), Decimal(0))),
                "discount_amount": float(cart.off_the_cart),
                "cart_amount_inc_tax": float(with_tax),
                "cart_amount_ex_tax": float(without),
                "line_items": {
                    "physical_items": [_item(e) for e in lines if not e["product"].is_digital],
                    "digital_items": [_item(e) for e in lines if e["product"].is_digital],
                    "gift_certificates": [],
                    "custom_items": [],
                },
            },
            "consignments": [consignment] if cart.address or cart.is_pickup else [],
            "taxes": [],
            "coupons": [],
            "fees": cart.fees,
            "order_id": str(cart.order) if cart.order else None,
            "tax_total": float(with_tax - without + fee_tax),
            "grand_total": float(with_tax + shipping + fees),
        }

    def shipping(self, cart: Cart) -> Decimal:
        is_shipped = any(not PRODUCTS[slug].is_digital for slug in cart.pieces)
        return SHIPPING if is_shipped and cart.address and not cart.is_pickup else Decimal(0)

    def total(self, cart: Cart) -> int:
        """What the shopper pays, in minor units."""
        total = Decimal(str(self.checkout(cart)["grand_total"]))
        return int(total.scaleb(DECIMALS.get(cart.currency, 2)).to_integral_value())

    def order(self, order: Order) -> dict[str, Any]:
        """As V2 answers."""
        checkout = self.checkout(order.cart)
        shipping = f"{self.shipping(order.cart):.4f}"
        return {
            "id": order.id,
            "cart_id": order.cart.id,
            "status_id": order.status_id,
            "date_created": format_datetime(order.created),
            "date_modified": format_datetime(order.modified),
            # Shown in one currency, paid in another: the second is the order's.
            "currency_code": "CHF",
            "default_currency_code": order.cart.currency,
            "total_inc_tax": f"{checkout['grand_total']:.4f}",
            "total_tax": f"{checkout['tax_total']:.4f}",
            "shipping_cost_inc_tax": shipping,
            "shipping_cost_ex_tax": shipping,
            "is_deleted": order.is_deleted,
            "is_tax_inclusive_pricing": self.tax_included,
            "staff_notes": order.staff_notes,
        }

    def order_products(self, order: Order) -> list[dict[str, Any]]:
        cart = order.cart
        lines = self.lines(cart)
        goods = sum((each["total"] - each["off"] for each in lines), Decimal(0))
        found = []
        for number, each in enumerate(lines, 1):
            share = cart.off_the_cart * (each["total"] - each["off"]) / goods if goods else 0
            discounts = [("coupon", each["off"]), ("total-coupon", Decimal(share))]
            with_tax, without = self.taxed(each["total"], cart.currency)
            price = each["product"].price
            unit = (with_tax / each["quantity"], without / each["quantity"])
            unit = (price, price) if not self.tax_rate else unit
            found.append(
                {
                    "id": order.id * 1000 + number,
                    "product_id": each["product"].id,
                    "variant_id": each["product"].id + 1000,
                    "name": each["product"].name,
                    "sku": each["product"].name.upper(),
                    "quantity": each["quantity"],
                    "price_inc_tax": f"{unit[0]:.4f}",
                    "price_ex_tax": f"{unit[1]:.4f}",
                    "total_inc_tax": f"{with_tax:.4f}",
                    "total_ex_tax": f"{without:.4f}",
                    "applied_discounts": [
                        {"id": name, "amount": f"{off:.4f}"} for name, off in discounts if off
                    ],
                }
            )
        return found

    def order_fees(self, order: Order) -> list[dict[str, Any]]:
        return [
            {
                "id": order.id * 10 + number,
                "type": "custom_fee",
                "display_name_customer": fee["display_name"],
                "display_name_merchant": fee["name"],
                "source": fee["source"],
                "base_cost": f"{fee['cost_ex_tax']:.4f}",
                "cost_ex_tax": f"{fee['cost_ex_tax']:.4f}",
                "cost_inc_tax": f"{fee['cost_inc_tax']:.4f}",
                "cost_tax": f"{fee['cost_inc_tax'] - fee['cost_ex_tax']:.4f}",
                "tax_class_id": fee["tax_class_id"],
            }
            for number, fee in enumerate(order.cart.fees, 1)
        ]

    def modified_since(self, since: datetime) -> list[Order]:
        found = [order for order in self.orders.values() if order.modified >= since]
        return sorted(found, key=lambda order: order.modified)

    def age(self, order: Order, days: int) -> None:
        order.modified -= timedelta(days=days)
        order.created -= timedelta(days=days)


def _item(line: dict[str, Any]) -> dict[str, Any]:
    product, quantity = line["product"], line["quantity"]
    return {
        "id": f"item-{product.id}",
        "product_id": product.id,
        "variant_id": product.id + 1000,
        "sku": product.name.upper(),
        "name": product.name,
        "quantity": quantity,
        "list_price": float(product.price),
        "sale_price": float(product.price),
        "extended_list_price": float(line["total"]),
        # After discounts, and before coupons.
        "extended_sale_price": float(line["total"]),
        "discount_amount": 0,
        "coupon_amount": float(line["off"]),
        "is_require_shipping": not product.is_digital,
    }

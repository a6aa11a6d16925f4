"""The fields that a rule may read, as typed messages: a misspelt field fails at publication.

The field names equal the request's (contract §2). An absent text is empty, an absent number 0.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from orderguard.domain.cart import Cart, CartLine
from orderguard.domain.configuration.rule import RuleFacts

PACKAGE = "orderguard"

MESSAGES: dict[str, dict[str, str]] = {
    "Region": {"country": "string", "subdivision": "string"},
    "Customer": {"isB2B": "bool", "locale": "string", "groups": "list(string)"},
    "Line": {
        "id": "string",
        "productId": "string",
        "variantId": "string",
        "sku": "string",
        "title": "string",
        "productType": "string",
        "vendor": "string",
        "tags": "list(string)",
        "collections": "list(string)",
        "requiresShipping": "bool",
        "quantity": "int",
        "unitPrice": "int",
        "totalPrice": "int",
        "originalTotalPrice": "int",
    },
    "Cart": {
        "id": "string",
        "lines": "list(Line)",
        "currencyCode": "string",
        "subtotalAmount": "int",
        "totalDiscountAmount": "int",
        "discountedSubtotalAmount": "int",
        "totalTaxAmount": "int",
        "totalAmount": "int",
        "itemCount": "int",
    },
}

RULE_VARIABLES = {
    "platform": "string",
    "region": "Region",
    "locale": "string",
    "customer": "Customer",
    "cart": "Cart",
    "delivery": "list(string)",
}
PLAN_VARIABLES = RULE_VARIABLES | {"basis": "int", "cohort": "string"}

TEXT_LIMIT = 500
"""Characters of a title that a rule sees; the wire bounds the other texts more tightly."""

LIST_LIMIT = 250
"""Tags, collections, groups or deliveries that a rule sees; bounds what looking for one costs."""

_SCALARS = {
    "string": descriptor_pb2.FieldDescriptorProto.TYPE_STRING,
    "int": descriptor_pb2.FieldDescriptorProto.TYPE_INT64,
    "bool": descriptor_pb2.FieldDescriptorProto.TYPE_BOOL,
}


def element_of(type_: str) -> str | None:
    """The element type of a list type, `string` for `list(string)`; None for other types."""
    return type_[5:-1] if type_.startswith("list(") else None


def _describe_messages() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(
        name="orderguard/rules.proto", package=PACKAGE, syntax="proto3"
    )
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for number, (field, type_) in enumerate(fields.items(), start=1):
            _describe_field(message.field.add(name=field, number=number), type_)
    return file


def _describe_field(field: descriptor_pb2.FieldDescriptorProto, type_: str) -> None:
    element = element_of(type_)
    field.label = field.LABEL_REPEATED if element else field.LABEL_OPTIONAL
    scalar = _SCALARS.get(element or type_)
    if scalar is not None:
        field.type = scalar
    else:
        field.type = field.TYPE_MESSAGE
        field.type_name = f".{PACKAGE}.{element or type_}"


class Vocabulary:
    """The protobuf message types of a cart for CEL, and conversion of carts to them."""

    def __init__(self) -> None:
        self.pool = descriptor_pool.DescriptorPool()
        self.pool.AddSerializedFile(_describe_messages().SerializeToString())
        self._region = self._class("Region")
        self._customer = self._class("Customer")
        self._line = self._class("Line")
        self._cart = self._class("Cart")

    def _class(self, name: str) -> Any:
        descriptor = self.pool.FindMessageTypeByName(f"{PACKAGE}.{name}")
        return message_factory.GetMessageClass(descriptor)

    def bind(self, facts: RuleFacts) -> dict[str, Any]:
        """The variables of a rule, with their values from the facts."""
        cart = facts.cart
        return {
            "platform": cart.platform,
            "region": self._region(
                country=cart.region.country, subdivision=cart.region.subdivision
            ),
            "locale": cart.locale or "",
            "customer": self._customer(
                isB2B=cart.customer.is_b2b,
                locale=cart.locale,
                groups=cart.customer.groups[:LIST_LIMIT],
            ),
            "cart": self._bind_cart(cart),
            "delivery": [str(method) for method in cart.delivery_methods[:LIST_LIMIT]],
            "basis": facts.basis,
            "cohort": facts.cohort or "",
        }

    def _bind_cart(self, cart: Cart) -> Any:
        return self._cart(
            id=cart.id,
            lines=[self._bind_line(line) for line in cart.lines],
            currencyCode=cart.currency,
            subtotalAmount=cart.subtotal_amount,
            totalDiscountAmount=cart.total_discount_amount,
            discountedSubtotalAmount=cart.discounted_subtotal_amount,
            totalTaxAmount=cart.total_tax_amount,
            totalAmount=cart.total_amount,
            itemCount=cart.item_count,
        )

    def _bind_line(self, line: CartLine) -> Any:
        return self._line(
            id=line.id,
            productId=line.product_id,
            variantId=line.variant_id,
            sku=line.sku,
            title=line.title[:TEXT_LIMIT],
            productType=line.product_type,
            vendor=line.vendor,
            tags=line.tags[:LIST_LIMIT],
            collections=line.collections[:LIST_LIMIT],
            requiresShipping=line.requires_shipping,
            quantity=line.quantity,
            unitPrice=line.unit_price,
            totalPrice=line.total_price,
            originalTotalPrice=line.original_total_price,
        )

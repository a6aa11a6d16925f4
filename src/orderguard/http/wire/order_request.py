"""An order, as shops push it (contract §9). These types decode and document it.

Optional members may also be null. Members not listed are kept, and given back as they came, within
the bounds of `domain.orders.order_bounds`, which also cuts texts before these types see them. What
`extra_json_schema` says is for the reader: it is checked when the parts are parsed, in `order`.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.iso4217 import EXPONENTS_EVER
from orderguard.domain.orders.order import OrderStatus
from orderguard.http.wire.doc import doc
from orderguard.http.wire.whole import NumericId, WholeFloat

AMOUNT_MAXIMUM = 10**12

_LIMITS = {"minimum": -AMOUNT_MAXIMUM, "maximum": AMOUNT_MAXIMUM}
_DECIMAL = {"pattern": "^-?[0-9]{1,12}(\\.[0-9]{1,8})?$"}
_NOT_NEGATIVE = {"properties": {"amount": {"minimum": 0, "pattern": "^[0-9]"}}}
_SAYS_ITS_CURRENCY = {
    "required": ["currency_code"],
    "properties": {"currency_code": {"type": "string"}},
}
_ONE_MODE = "|".join(CoverageMode)
_MODES = {
    "anyOf": [
        {"type": "array", "items": {"type": "string", "enum": [*CoverageMode]}, "maxItems": 20},
        {"type": "string", "pattern": f'^({_ONE_MODE}|\\["({_ONE_MODE})"(,"({_ONE_MODE})")*\\])$'},
        {"type": "null"},
    ]
}

_TEXT = {"type": ["string", "null"]}
_MONEY_IF_ANY = {
    "anyOf": [{"$ref": "#/components/schemas/WireOrderMoney"}, {"type": "string"}, {"type": "null"}]
}
_ENTRIES = {
    "type": ["array", "null"],
    "items": {"type": "object", "properties": {"key": {"type": "string"}, "value": {}}},
}
_FOR_EXCLUSIONS = (
    "As in the cart. Decides about exclusions of an order that is not linked to a session."
)
_SAID = doc(_FOR_EXCLUSIONS, extra_json_schema=_TEXT)
_SAID_OFTEN = doc(
    _FOR_EXCLUSIONS,
    extra_json_schema={"type": ["array", "null"], "items": {"type": "string"}},
)

Id = Annotated[
    Annotated[str, Meta(max_length=255)] | NumericId,
    Meta(extra={"expected": "a string of 0 to 255 characters or a whole number"}),
]
QUANTITY_DECIMALS = 6

Quantity = Annotated[
    Annotated[int, Meta(ge=0, le=1_000_000)] | Annotated[float, Meta(ge=0, le=1_000_000)],
    Meta(extra={"expected": "a number from 0 to 1000000"}),
]
Timestamp = Annotated[
    str,
    Meta(
        examples=["2026-04-23T13:25:00+00:00"],
        extra_json_schema={"format": "date-time"},
        extra={"expected": "a timestamp with a zone, such as 2026-04-23T13:25:00+00:00"},
    ),
]
Origin = str | dict[str, Any]


class WireOrderMoney(msgspec.Struct):
    """Money on an order. Its JSON type decides the unit: an integer is minor, a string major."""

    amount: Annotated[
        Annotated[int, Meta(extra_json_schema=_LIMITS)]
        | Annotated[WholeFloat, Meta(extra_json_schema=_LIMITS)]
        | Annotated[str, Meta(extra_json_schema=_DECIMAL)],
        doc(
            '498 or "4.98" for USD 4.98; 500 or "500" for JPY 500. A string has no '
            "more decimals than the currency.",
            examples=[498, "4.98"],
            extra={
                "expected": 'an integer in minor units (498) or a string in major units ("4.98")'
            },
        ),
    ]
    currency_code: Annotated[
        Annotated[str, Meta(extra_json_schema={"enum": sorted(EXPONENTS_EVER)})] | None,
        doc(
            "ISO 4217; a currency that ISO has withdrawn is still read. Without it the "
            "currency of `total_price`.",
            examples=["USD"],
        ),
    ] = None


# The description stands here, because msgspec drops the extra schema of a type within a union.
ChargeIfAny = Annotated[WireOrderMoney | None, Meta(extra_json_schema=_NOT_NEGATIVE)]
"""Money that cannot be negative."""


class WireFee(msgspec.Struct):
    """A fee of the order; `accepted_offer_mode` on it means that the shopper accepted the offer."""

    amount: Annotated[
        WireOrderMoney, doc("What was charged. Not negative when `accepted_offer_mode` is there.")
    ]
    name: Annotated[
        str,
        Meta(
            max_length=255,
            description="The name of the fee, as on the order; cut after 255 characters.",
            examples=["Order protection"],
        ),
    ] = ""
    accepted_offer_mode: Annotated[
        Any,
        doc(
            "The `mode` array of the analysis, verbatim, or its JSON text. Null for any other fee.",
            examples=[["returnCoverage", "shippingProtection"]],
            extra_json_schema=_MODES,
        ),
    ] = None


class WireMetadataEntry(msgspec.Struct):
    """An entry of the metadata of an order or a line: a key with a value."""

    key: Annotated[
        str,
        Meta(
            max_length=255,
            description="`session_id` links the order to its offer session.",
            examples=["session_id"],
        ),
    ]
    value: Annotated[
        Any,
        doc(
            "Anything; for `session_id` the `sessionId` of the analysis.",
            examples=["lop_a1b2c3d4e5f6g7h8i9j0"],
        ),
    ] = None


class WireReference(msgspec.Struct):
    """The ids of a product or of a product variant."""

    id: Annotated[Id | None, doc("The id that counts when there is no `external_id`.")] = None
    external_id: Annotated[
        Id | None, doc("The platform's id, as in the cart.", examples=["p-100"])
    ] = None


class WireRefundedLine(msgspec.Struct):
    """Pieces of a line that were given back."""

    id: Annotated[Id | None, doc("The id that counts when there is no `external_id`.")] = None
    external_id: Annotated[
        Id | None, doc("The `external_id` of the line in `line_items`.", examples=["line-2"])
    ] = None
    quantity: Annotated[
        Quantity | None,
        doc(
            "How many pieces; they are not covered any more. Without it all of them, "
            "if the refund pays for all that it names."
        ),
    ] = None
    restock: Annotated[bool | None, doc("Kept and given back.")] = None


class WireRefund(msgspec.Struct):
    """Money given back. A refund that was pushed once stays; pushes only add to them."""

    external_id: Annotated[
        Id | None, doc("The platform's id, by which a repeated refund is known.", examples=["r-1"])
    ] = None
    type: Annotated[
        Annotated[str, Meta(max_length=64)] | None,
        doc(
            "`fee`, `fees` or `order_fee` for the protection fee; `line_item`, or any other word.",
            examples=["line_item"],
        ),
    ] = None
    status: Annotated[
        Any,
        doc(
            "`pending`, `failed` and `cancelled` refunds have not happened; any other "
            "word, or none, means that the money was given back.",
            extra_json_schema=_TEXT,
            examples=["success"],
        ),
    ] = None
    amount: Annotated[ChargeIfAny, doc("How much was given back.")] = None
    total: Annotated[
        Any, doc("As `amount`, where that is missing.", extra_json_schema=_MONEY_IF_ANY)
    ] = None
    line_item: Annotated[
        WireRefundedLine | list[WireRefundedLine] | None, doc("As `line_items`.")
    ] = None
    line_items: Annotated[list[WireRefundedLine] | None, doc("What was given back.")] = None
    created_at: Annotated[Timestamp | None, doc("When, with the offset from UTC.")] = None
    updated_at: Annotated[Timestamp | None, doc("The last change, with the offset from UTC.")] = (
        None
    )


class WireOrderLine(msgspec.Struct):
    """A line of the order."""

    id: Annotated[Id | None, doc("The id that counts when there is no `external_id`.")] = None
    external_id: Annotated[
        Id | None, doc("The line's id on the platform.", examples=["line-1"])
    ] = None
    title: Annotated[
        Annotated[str, Meta(max_length=1000)] | None,
        doc(
            "The title that the shopper reads; cut after 1,000 characters.", examples=["Floor lamp"]
        ),
    ] = None
    sku: Annotated[Id | None, doc("The stock keeping unit.", examples=["LAMP-BRASS"])] = None
    quantity: Annotated[
        Quantity | None,
        doc("How many pieces; 1 without it. Cloth by the metre may be 1.5 of them.", examples=[1]),
    ] = None
    unit_price: Annotated[
        WireOrderMoney | None,
        doc(
            "Price of one piece, in the currency of `total_price`. It is a rate: text "
            "may have up to 8 decimals; the line is rounded once. Coverage is worth what the lines "
            "cost, so without it the line is covered for nothing."
        ),
    ] = None
    price: Annotated[
        Any, doc("As `unit_price`, where that is missing.", extra_json_schema=_MONEY_IF_ANY)
    ] = None
    unit_discounts: Annotated[
        WireOrderMoney | None,
        doc("What the line's own discounts take off one piece, with either sign."),
    ] = None
    product: Annotated[WireReference | None, doc("The product.")] = None
    product_variant: Annotated[WireReference | None, doc("The variant.")] = None
    product_type: Annotated[Any, _SAID] = None
    vendor: Annotated[Any, _SAID] = None
    tags: Annotated[Any, _SAID_OFTEN] = None
    collections: Annotated[Any, _SAID_OFTEN] = None
    metadata: Annotated[
        Any,
        doc(
            "Entries as on the order; `session_id` is read from the first line that "
            "has one when the order has none.",
            extra_json_schema=_ENTRIES,
        ),
    ] = None
    refunds: Annotated[list[WireRefund] | None, doc("What of this line was given back.")] = None


class OrderRequest(msgspec.Struct):
    """An order, as the shop pushes it."""

    name: Annotated[
        str,
        Meta(max_length=100, description="The order number that people use.", examples=["#10293"]),
    ]
    taxes_included: Annotated[bool, doc("Whether prices contain the taxes.")]
    total_price: Annotated[
        WireOrderMoney,
        doc(
            "What the shopper pays, the fee included. Its currency is the order's.",
            extra_json_schema=_SAYS_ITS_CURRENCY,
        ),
    ]
    line_items: Annotated[list[WireOrderLine], doc("What was bought.")]
    status: Annotated[
        Annotated[str, Meta(extra_json_schema={"enum": [*OrderStatus]})] | None,
        doc(
            "`cancelled` and `refunded` end all coverage of the order; `pending` "
            "(placed, not paid) has none yet. `active` without it. Read in any case, also as "
            "`canceled`.",
            extra={"expected": f"one of {', '.join(OrderStatus)}"},
        ),
    ] = None
    external_id: Annotated[
        Annotated[str, Meta(min_length=1, max_length=100)] | NumericId | None,
        doc("The platform's id, by which an upsert finds it.", examples=["10293"]),
    ] = None
    sales_channel: Annotated[Origin | None, doc("Where it was sold.")] = None
    channel: Annotated[Origin | None, doc("As `sales_channel`.")] = None
    source: Annotated[Origin | None, doc("What created it.")] = None
    customer: Annotated[
        dict[str, Any] | None, doc("Kept and given back; nothing depends on it.")
    ] = None
    shipping_address: Annotated[dict[str, Any] | None, doc("Kept and given back.")] = None
    billing_address: Annotated[dict[str, Any] | None, doc("Kept and given back.")] = None
    total_price_presentment: Annotated[ChargeIfAny, doc("The total in the shopper's currency.")] = (
        None
    )
    total_discounts: Annotated[WireOrderMoney | None, doc("All discounts, with either sign.")] = (
        None
    )
    total_taxes: Annotated[ChargeIfAny, doc("All taxes.")] = None
    total_shipping: Annotated[ChargeIfAny, doc("What shipping costs.")] = None
    order_discounts: Annotated[list[Any] | None, doc("Kept and given back.")] = None
    shipping_lines: Annotated[list[Any] | None, doc("Kept and given back.")] = None
    refunds: Annotated[
        list[WireRefund] | None,
        doc(
            "What was given back. All that the order is worth, or the fee, ends all "
            "coverage. A refund that names lines is never more than those lines."
        ),
    ] = None
    fulfillments: Annotated[list[Any] | None, doc("Kept and given back.")] = None
    tags: Annotated[list[str] | None, doc("Kept and given back.")] = None
    created_at: Annotated[
        Timestamp | None,
        doc(
            "When it was placed, with the offset from UTC; coverage begins then. "
            "Required from 2026-10 on."
        ),
    ] = None
    updated_at: Annotated[
        Timestamp | None,
        doc(
            "The platform's last change. A push that is older than the one before changes nothing."
        ),
    ] = None
    fees: Annotated[
        list[WireFee] | None, doc("Fees, the protection fee among them. `[]` removes them.")
    ] = None
    metadata: Annotated[
        list[WireMetadataEntry] | None,
        doc(
            "Entries, `session_id` among them. `[]` removes them.",
            extra={"expected": 'a list such as [{"key": "session_id", "value": "lop_…"}]'},
        ),
    ] = None

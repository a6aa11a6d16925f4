"""`POST analyze`, as integrations write it (contract §2). These types decode and document it.

Optional members may also be null, which is the same as absent. Members not listed are ignored.
Encoded again, a request has the members that were there: that is how keys sent twice are noticed.
What `extra_json_schema` says is for the reader: it is checked when the parts are parsed, in `cart`.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from orderguard.domain.cart import DeliveryMethod
from orderguard.http.wire.amounts import Amount, Discount, LineAmount
from orderguard.http.wire.doc import doc
from orderguard.http.wire.whole import NumericId

Id = Annotated[
    Annotated[str, Meta(min_length=1, max_length=255)] | NumericId,
    Meta(extra={"expected": "a string of 1 to 255 characters or a whole number"}),
]
Label = Annotated[str, Meta(max_length=64)]
Word = Annotated[str, Meta(max_length=1000)]
Quantity = Annotated[
    Annotated[int, Meta(ge=1, le=1_000_000)] | Annotated[float, Meta(gt=0, le=1_000_000)],
    Meta(extra={"expected": "a number above 0, up to 1000000"}),
]
Count = Annotated[
    Annotated[int, Meta(ge=0, le=1_000_000_000)] | Annotated[float, Meta(ge=0, le=1_000_000_000)],
    Meta(extra={"expected": "a number from 0 to 1000000000"}),
]

_LANGUAGE_TAG = {"pattern": "^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*$", "maxLength": 64}
_SESSION_ID = {"pattern": "^lop_[A-Za-z0-9]{20}$"}
_PRINTABLE = {"pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]*$"}


class WireRegion(msgspec.Struct, omit_defaults=True):
    """The destination as two codes: a country and, if known, its subdivision."""

    country: Annotated[
        str,
        doc(
            "ISO 3166-1 alpha-2, in any case.",
            examples=["US"],
            extra_json_schema={"pattern": "^[A-Za-z]{2}$"},
        ),
    ]
    subdivision: Annotated[
        str | None,
        doc(
            "ISO 3166-2, as `OH` or `US-OH`.",
            examples=["OH"],
            extra_json_schema={"pattern": "^([A-Za-z]{2}-)?[A-Za-z0-9]{1,3}$"},
        ),
    ] = None


Region = Annotated[
    Annotated[
        str, Meta(max_length=64, extra_json_schema={"pattern": "^[A-Za-z]{2}(-[A-Za-z0-9]{1,3})?$"})
    ]
    | WireRegion,
    doc(
        "Where the order goes: `US`, `US-OH`, or an object of its parts.",
        examples=["US-OH"],
        extra={"expected": 'a region such as "US", "US-OH" or {"country": "US"}'},
    ),
]


class WireCustomer(msgspec.Struct, omit_defaults=True):
    """The customer's properties that rules and prices may use. Never send names or addresses."""

    isB2B: Annotated[bool | None, doc("Whether a business buys. Merchants may exclude those.")] = (
        None
    )
    locale: Annotated[
        Word | None,
        doc(
            "Used when there is no locale at the top level.",
            examples=["en-US"],
            extra_json_schema=_LANGUAGE_TAG,
        ),
    ] = None
    groups: Annotated[
        list[Word] | None,
        doc(
            "Customer groups by name, for the merchant's rules and price plans.",
            examples=[["wholesale"]],
        ),
    ] = None


class WireDeliveryGroup(msgspec.Struct, omit_defaults=True):
    """One delivery of the order, and how it reaches the shopper."""

    deliveryMethod: DeliveryMethod


class WireCartLine(msgspec.Struct, omit_defaults=True):
    """One line of the cart. Optional members serve the merchant's exclusions and rules."""

    id: Annotated[Id, doc("The line's id on your platform.", examples=["line-1"])]
    productId: Annotated[Id, doc("The product's id.", examples=["p-100"])]
    quantity: Annotated[
        Quantity,
        doc(
            "How many pieces. For what is sold by the metre or the kilogram, such as "
            "1.5, the line is priced on `totalPrice`, and each piece begun counts as one.",
            examples=[1],
        ),
    ]
    totalPrice: Annotated[
        LineAmount, doc("Price of the whole line after line discounts. Minor units.")
    ]
    originalTotalPrice: Annotated[
        LineAmount, doc("Price of the whole line before discounts. Minor units.")
    ]
    title: Annotated[str, doc("What the shopper reads.", examples=["Floor lamp"])]
    unitPrice: Annotated[
        LineAmount | None,
        doc("Price of one piece. Minor units; never priced on, its fraction is dropped."),
    ] = None
    currencyCode: Annotated[str | None, doc("ISO 4217; must be the cart's.", examples=["USD"])] = (
        None
    )
    variantId: Annotated[Id | None, doc("The variant's id.", examples=["p-100-brass"])] = None
    sku: Annotated[
        Word | NumericId | None, doc("The stock keeping unit.", examples=["LAMP-BRASS"])
    ] = None
    productType: Annotated[
        Word | None, doc("What kind of product it is.", examples=["Lighting"])
    ] = None
    vendor: Annotated[Word | None, doc("Who makes it.", examples=["Northlight"])] = None
    tags: Annotated[list[Word] | None, doc("The product's tags.", examples=[["new"]])] = None
    collections: Annotated[
        list[Word] | None, doc("The collections it belongs to.", examples=[["living-room"]])
    ] = None
    requiresShipping: Annotated[bool | None, doc("False for gift cards and downloads.")] = None


class WireCart(msgspec.Struct, omit_defaults=True):
    """The cart. Sums need not add up, and are not checked."""

    lines: Annotated[
        list[WireCartLine],
        doc(
            "What is in the cart, at most 1,000 lines, or 500 with a browser's key. "
            "Empty is ineligible, no error."
        ),
    ]
    currencyCode: Annotated[
        str,
        doc(
            "ISO 4217. All amounts are in it. For a code that ISO does not list, or "
            "has withdrawn, the reason is `currency_not_supported`.",
            examples=["USD"],
            extra_json_schema={"pattern": "^[A-Za-z]{3}$"},
        ),
    ]
    subtotalAmount: Annotated[
        Amount, doc("Sum of the lines before order discounts, tax and shipping. Minor units.")
    ]
    totalDiscountAmount: Discount
    discountedSubtotalAmount: Annotated[
        Amount, doc("The subtotal less all discounts. Minor units.")
    ]
    totalTaxAmount: Annotated[Amount, doc("All taxes. Minor units; never priced on.")]
    totalAmount: Annotated[Amount, doc("What the shopper will pay. Minor units; never priced on.")]
    itemCount: Annotated[Count, doc("How many pieces in all.", examples=[1])]
    id: Annotated[Id | None, doc("Echoed in debug output; never re-uses a session.")] = None
    region: Annotated[
        Region | None, doc("Older position of `region`.", extra_json_schema={"deprecated": True})
    ] = None
    customer: Annotated[
        WireCustomer | None,
        doc("Older position of `customer`.", extra_json_schema={"deprecated": True}),
    ] = None
    locale: Annotated[
        Word | None,
        doc(
            "Used when there is no other locale.",
            extra_json_schema=_LANGUAGE_TAG | {"deprecated": True},
        ),
    ] = None
    deliveryGroups: Annotated[
        list[WireDeliveryGroup] | None,
        doc("Older position of `deliveryGroups`.", extra_json_schema={"deprecated": True}),
    ] = None


class AnalyzeRequest(msgspec.Struct, omit_defaults=True):
    """The body of `POST analyze`: a cart, its destination, and the session it belongs to."""

    platform: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=64,
            description="Where the cart lives: `woocommerce`, `bigcommerce`, `shopify`, `custom`, "
            "or any other name.",
            examples=["woocommerce"],
        ),
    ]
    cart: WireCart
    region: Annotated[
        Region | None,
        doc(
            "Where the order goes: `US`, `US-OH`, or an object of its parts. Older "
            "clients may send `cart.region` instead.",
            examples=["US-OH"],
            extra_json_schema={"x-required": True},
        ),
    ] = None
    cartId: Annotated[
        Id | None,
        doc(
            "A stable cart id: the same one re-uses the session.",
            examples=["c-1"],
            extra_json_schema=_PRINTABLE,
        ),
    ] = None
    sessionId: Annotated[
        str | None,
        doc(
            "From a previous answer; wins over `cartId`.",
            examples=["lop_a1b2c3d4e5f6g7h8i9j0"],
            extra_json_schema=_SESSION_ID,
        ),
    ] = None
    customer: Annotated[
        WireCustomer | None,
        doc("What eligibility and price may depend on; never who the shopper is."),
    ] = None
    locale: Annotated[
        Word | None,
        doc(
            "BCP 47. The first one present counts: here, of the customer, of the cart.",
            examples=["en-US"],
            extra_json_schema=_LANGUAGE_TAG,
        ),
    ] = None
    deliveryGroups: Annotated[
        list[WireDeliveryGroup] | None,
        doc(
            "How the order travels. Without it, shipping is assumed, and pickup orders "
            "are offered shipping protection."
        ),
    ] = None
    debug: Annotated[bool | None, doc("Adds the `debug` block. For integration tests.")] = None
    experimentationConsent: Annotated[
        bool | None, doc("Lets the session take part in an experiment.")
    ] = None
    offerOrigin: Annotated[
        Label | None, doc("Where the offer is shown; for reports only.", examples=["checkout"])
    ] = None
    mountTarget: Annotated[
        Label | None, doc("The place in the page; for reports only.", examples=["order_summary"])
    ] = None
    cartExperience: Annotated[
        Label | None, doc("The kind of interface; for reports only.", examples=["widget"])
    ] = None

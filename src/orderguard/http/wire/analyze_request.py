"""`POST analyze`, as integrations write it (contract §2). These types decode and document it.

Optional members may also be null, which is the same as absent. Members not listed are ignored.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from orderguard.domain.cart import DeliveryMethod
from orderguard.http.wire.amounts import Amount

Id = Annotated[str, Meta(min_length=1, max_length=255)] | int
Label = Annotated[str, Meta(max_length=64)]
Word = Annotated[str, Meta(max_length=1000)]
Quantity = Annotated[int, Meta(ge=1, le=1_000_000)]
Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]


class WireRegion(msgspec.Struct):
    """A region by its parts."""

    country: Annotated[str, Meta(description="ISO 3166-1 alpha-2.", examples=["US"])]
    subdivision: Annotated[
        str | None, Meta(description="ISO 3166-2, as OH or US-OH.", examples=["OH"])
    ] = None


Region = Annotated[
    Annotated[str, Meta(max_length=16)] | WireRegion,
    Meta(
        description='Where the order goes: "US", "US-OH", or an object.',
        examples=["US-OH"],
        extra={"expected": 'a region such as "US", "US-OH" or {"country": "US"}'},
    ),
]


class WireCustomer(msgspec.Struct):
    """What eligibility and price may depend on. Never send who the shopper is."""

    isB2B: bool | None = None
    locale: Word | None = None
    groups: list[Word] | None = None


class WireDeliveryGroup(msgspec.Struct):
    """One delivery of the order."""

    deliveryMethod: DeliveryMethod


class WireCartLine(msgspec.Struct):
    """One line of the cart. `totalPrice` is after line discounts."""

    id: Id
    productId: Id
    quantity: Quantity
    totalPrice: Amount
    originalTotalPrice: Amount
    title: str
    unitPrice: Amount | None = None
    currencyCode: str | None = None
    variantId: Id | None = None
    sku: Word | int | None = None
    productType: Word | None = None
    vendor: Word | None = None
    tags: list[Word] | None = None
    collections: list[Word] | None = None
    requiresShipping: bool | None = None


class WireCart(msgspec.Struct):
    """The cart. Sums need not add up, and are not checked."""

    lines: list[WireCartLine]
    currencyCode: Annotated[str, Meta(description="ISO 4217.", examples=["USD"])]
    subtotalAmount: Amount
    totalDiscountAmount: Amount
    discountedSubtotalAmount: Amount
    totalTaxAmount: Amount
    totalAmount: Amount
    itemCount: Count
    id: Annotated[
        Id | None, Meta(description="Echoed in debug output; never re-uses a session.")
    ] = None
    region: Annotated[Region | None, Meta(description="For older clients.")] = None
    customer: WireCustomer | None = None
    locale: Word | None = None
    deliveryGroups: list[WireDeliveryGroup] | None = None


class AnalyzeRequest(msgspec.Struct):
    """A cart to be analysed."""

    platform: Annotated[str, Meta(min_length=1, max_length=64, examples=["woocommerce"])]
    cart: WireCart
    region: Region | None = None
    cartId: Annotated[
        Id | None,
        Meta(description="A stable cart id: the same one re-uses the session.", examples=["c-1"]),
    ] = None
    sessionId: Annotated[
        str | None,
        Meta(
            description="From a previous answer; wins over cartId.",
            examples=["lop_a1b2c3d4e5f6g7h8i9j0"],
        ),
    ] = None
    customer: WireCustomer | None = None
    locale: Annotated[Word | None, Meta(description="BCP 47.", examples=["en-US"])] = None
    deliveryGroups: list[WireDeliveryGroup] | None = None
    debug: Annotated[bool | None, Meta(description="Adds the debug block.")] = None
    experimentationConsent: Annotated[
        bool | None, Meta(description="Lets the session take part in an experiment.")
    ] = None
    offerOrigin: Label | None = None
    mountTarget: Label | None = None
    cartExperience: Label | None = None

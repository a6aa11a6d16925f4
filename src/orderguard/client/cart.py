"""Types of the cart in a request, spelled as on the wire. All amounts are whole minor units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NotRequired, TypedDict


class CartLine(TypedDict):
    """A line; the optional members serve a merchant's exclusions and rules.

    `quantity` may be 1.5 metres: the line is priced on `totalPrice`.
    """

    id: str | int
    productId: str | int
    quantity: float
    totalPrice: int
    originalTotalPrice: int
    title: str
    unitPrice: NotRequired[int]
    variantId: NotRequired[str | int]
    sku: NotRequired[str]
    productType: NotRequired[str]
    vendor: NotRequired[str]
    tags: NotRequired[Sequence[str]]
    collections: NotRequired[Sequence[str]]
    requiresShipping: NotRequired[bool]


class Cart(TypedDict):
    """A cart. `id` is for debugging; a cart is recognised by `cart_id` of `analyze`."""

    lines: Sequence[CartLine]
    currencyCode: str
    subtotalAmount: int
    totalDiscountAmount: int
    discountedSubtotalAmount: int
    totalTaxAmount: int
    totalAmount: int
    itemCount: float
    id: NotRequired[str | int]


class Customer(TypedDict, total=False):
    """The customer, for eligibility and prices. Use your own data, not a browser's claims."""

    isB2B: bool
    locale: str
    groups: Sequence[str]


class CountryAndSubdivision(TypedDict):
    """`{"country": "US", "subdivision": "OH"}`."""

    country: str
    subdivision: NotRequired[str]


Region = str | CountryAndSubdivision
"""`US`, `US-OH`, or `{"country": "US", "subdivision": "OH"}`."""

"""The shopper's cart, as the platform sent it (contract §2).

Amounts are minor units of the cart's one currency. Sums are deliberately not checked against each
other: real carts send physical lines only, with the subtotal of the whole checkout.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from orderguard.domain.money import Currency
from orderguard.domain.region import Region


class DeliveryMethod(StrEnum):
    """How a delivery group reaches the shopper (contract §2)."""

    SHIPPING = "SHIPPING"
    PICKUP = "PICKUP"
    LOCAL_DELIVERY = "LOCAL_DELIVERY"
    DIGITAL = "DIGITAL"


NOT_SHIPPED_BY_CARRIER = frozenset({DeliveryMethod.PICKUP, DeliveryMethod.LOCAL_DELIVERY})
"""Methods without a carrier whose loss or damage shipping protection could cover."""


class CartLine(NamedTuple):
    """One line. `total_price` is after line discounts, `original_total_price` before them.

    A tuple, because a cart may have thousands of them and they are made on every analysis.
    """

    id: str
    product_id: str
    quantity: int
    total_price: int
    original_total_price: int
    title: str
    unit_price: int | None = None
    variant_id: str | None = None
    sku: str | None = None
    product_type: str | None = None
    vendor: str | None = None
    tags: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    requires_shipping: bool | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    """What eligibility and price may know of the shopper; never who it is."""

    is_b2b: bool = False
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Presentation:
    """Where and how the offer is shown. For reports only: never price, never eligibility."""

    offer_origin: str = "custom"
    mount_target: str = "custom"
    cart_experience: str = "api"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cart:
    """A cart on its way to checkout, with everything the decision may depend on.

    `total_amount` and `total_tax_amount` are kept for the record and for merchants' rules. They
    never enter the price: once the fee is accepted, the total contains it.
    """

    platform: str
    region: Region
    currency: Currency
    lines: tuple[CartLine, ...]
    subtotal_amount: int
    total_discount_amount: int
    discounted_subtotal_amount: int
    total_tax_amount: int
    total_amount: int
    item_count: int
    id: str | None = None
    customer: Customer = field(default_factory=Customer)
    locale: str | None = None
    delivery_methods: tuple[DeliveryMethod, ...] = ()
    presentation: Presentation = field(default_factory=Presentation)

    @property
    def is_not_shipped_by_carrier(self) -> bool:
        """Whether some part of the order is picked up or delivered by the merchant."""
        return not NOT_SHIPPED_BY_CARRIER.isdisjoint(self.delivery_methods)

"""The baseline's request and response, as Pydantic models."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

Id = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Word = Annotated[str, StringConstraints(max_length=255)]
Amount = Annotated[int, Field(ge=0, le=10**12)]
Discount = Annotated[int, Field(ge=-(10**12), le=10**12)]


class CoverageMode(StrEnum):
    RETURN_COVERAGE = "returnCoverage"
    SHIPPING_PROTECTION = "shippingProtection"


class DeliveryMethod(StrEnum):
    SHIPPING = "SHIPPING"
    PICKUP = "PICKUP"
    LOCAL_DELIVERY = "LOCAL_DELIVERY"
    DIGITAL = "DIGITAL"


class Customer(BaseModel):
    isB2B: bool = False
    groups: list[Word] = []


class DeliveryGroup(BaseModel):
    deliveryMethod: DeliveryMethod


class CartLine(BaseModel):
    id: Id
    productId: Id
    quantity: Annotated[int, Field(ge=0)]
    totalPrice: Amount
    originalTotalPrice: Amount
    title: str
    unitPrice: Amount | None = None
    variantId: Id | None = None
    sku: Word | None = None
    productType: Word | None = None
    vendor: Word | None = None
    tags: list[Word] = []
    collections: list[Word] = []
    requiresShipping: bool | None = None


class Cart(BaseModel):
    lines: list[CartLine]
    currencyCode: Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]
    subtotalAmount: Amount
    totalDiscountAmount: Discount
    discountedSubtotalAmount: Amount
    totalTaxAmount: Amount
    totalAmount: Amount
    itemCount: Annotated[int, Field(ge=0)]
    id: Id | None = None


class AnalyzeRequest(BaseModel):
    platform: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    region: Annotated[str, StringConstraints(pattern="^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]
    cart: Cart
    cartId: Id
    locale: Word | None = None
    customer: Customer = Customer()
    deliveryGroups: list[DeliveryGroup] = []
    offerOrigin: Annotated[str, StringConstraints(max_length=64)] = "custom"
    mountTarget: Annotated[str, StringConstraints(max_length=64)] = "custom"
    cartExperience: Annotated[str, StringConstraints(max_length=64)] = "api"


class PriceComponent(BaseModel):
    type: str
    amount: int
    rateBps: int | None = None
    basis: int | None = None


class ModePrice(BaseModel):
    mode: CoverageMode
    amount: int
    currencyCode: str
    components: list[PriceComponent]


class ChargeInstructions(BaseModel):
    amount: int
    currencyCode: str
    method: str = "fee"


class Metadata(BaseModel):
    priceBreakdown: list[ModePrice]
    sessionCreated: bool
    analysisCount: int
    experimentCohort: str | None = None


class AnalyzeResponse(BaseModel):
    sessionId: str
    eligible: bool
    reason: str
    mode: list[CoverageMode] | None = None
    chargeInstructions: ChargeInstructions | None
    metadata: Metadata

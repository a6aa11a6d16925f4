"""The baseline's eligibility and price, for a configuration like `bench/shop.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from fastapi_orm.schemas import (
    AnalyzeRequest,
    CartLine,
    CoverageMode,
    DeliveryMethod,
    ModePrice,
    PriceComponent,
)


@dataclass(frozen=True, slots=True)
class Offer:
    reason: str
    prices: list[ModePrice]

    @property
    def eligible(self) -> bool:
        return bool(self.prices)


@dataclass(frozen=True, slots=True)
class Plan:
    base: int = 0
    rate_bps: int = 0
    minimum: int = 0
    maximum: int = 10**12


CURRENCIES = {"USD", "EUR"}
SUBTOTAL_MINIMUM = 1_000
SUBTOTAL_MAXIMUM = 1_000_000_000
COVERAGE_PRODUCT_SKU = "ORDER-PROTECTION"
PLANS = {
    CoverageMode.RETURN_COVERAGE: Plan(base=198),
    CoverageMode.SHIPPING_PROTECTION: Plan(rate_bps=150, minimum=98, maximum=4_998),
}


def make_offer(request: AnalyzeRequest) -> Offer:
    cart = request.cart
    lines = [line for line in cart.lines if line.sku != COVERAGE_PRODUCT_SKU]
    covered = [line for line in lines if not _is_excluded(line)]
    modes = list(PLANS)
    if any(g.deliveryMethod in _NOT_SHIPPED for g in request.deliveryGroups):
        modes.remove(CoverageMode.SHIPPING_PROTECTION)
    if not cart.lines:
        return Offer("empty_cart", [])
    if not lines:
        return Offer("cart_only_has_coverage_products", [])
    if not covered:
        return Offer("cart_only_has_excluded_products", [])
    if cart.currencyCode not in CURRENCIES:
        return Offer("currency_not_supported", [])
    if cart.subtotalAmount < SUBTOTAL_MINIMUM:
        return Offer("cart_total_too_low", [])
    if cart.subtotalAmount > SUBTOTAL_MAXIMUM:
        return Offer("cart_too_valuable", [])
    basis = min(sum(line.totalPrice for line in covered), cart.discountedSubtotalAmount)
    return Offer("eligible", [_price(mode, basis, cart.currencyCode) for mode in modes])


_NOT_SHIPPED = {DeliveryMethod.PICKUP, DeliveryMethod.LOCAL_DELIVERY}


def _is_excluded(line: CartLine) -> bool:
    return (
        "final-sale" in line.tags
        or line.productType == "Gift Card"
        or (line.sku is not None and fnmatchcase(line.sku, "GC-*"))
    )


def _price(mode: CoverageMode, basis: int, currency: str) -> ModePrice:
    plan = PLANS[mode]
    components = []
    if plan.base:
        components.append(PriceComponent(type="base", amount=plan.base))
    if plan.rate_bps:
        share = (basis * plan.rate_bps + 5_000) // 10_000
        components.append(
            PriceComponent(type="percentage", amount=share, rateBps=plan.rate_bps, basis=basis)
        )
    amount = sum(component.amount for component in components)
    bounded = min(max(amount, plan.minimum), plan.maximum)
    if bounded != amount:
        kind = "minimum" if bounded > amount else "maximum"
        components.append(PriceComponent(type=kind, amount=bounded - amount))
    return ModePrice(mode=mode, amount=bounded, currencyCode=currency, components=components)

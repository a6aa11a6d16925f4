"""Convert a basket to an analyze request: the goods, in the prices that the shop shows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import get_language, to_locale

from orderguard_oscar.conf import Settings
from orderguard_oscar.core.client import exponent, parse_currency

PLATFORM = "oscar"
TITLE_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Place:
    """The basket and its destination. `address` and `method` are Oscar's, or None."""

    basket: Any
    address: Any
    method: Any


def minor_units(amount: Decimal, currency: str) -> int:
    """Convert an amount of Oscar to whole minor units, rounded half up once.

    Raises `Malformed` for a currency that ISO 4217 never listed.
    """
    scaled = Decimal(amount).scaleb(exponent(parse_currency(currency)))
    return int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def shows_tax(basket: Any, settings: Settings) -> bool:
    """Whether this basket's prices are shown with tax."""
    return bool(settings.shows_tax and basket.is_tax_known)


def request_body(
    place: Place, cart_id: str, settings: Settings, user: Any
) -> dict[str, Any] | None:
    """The body of `POST /v1/analyze`; None when the country is unknown.

    Raises `Malformed` for a currency that ISO 4217 never listed.
    """
    basket = place.basket
    region = _region(place.address, settings)
    if region is None:
        return None
    currency = str(basket.currency)
    with_tax = shows_tax(basket, settings)
    found = [line for line in basket.all_lines() if line.quantity > 0]
    collections = collections_of(found)
    lines = [
        _line(line, currency, with_tax, collections.get(product_id(line.product), []))
        for line in found
    ]
    subtotal = sum(line["originalTotalPrice"] for line in lines)
    discounted = sum(line["totalPrice"] for line in lines)
    body = {
        "platform": PLATFORM,
        "region": region,
        "cartId": cart_id,
        "locale": to_locale(get_language() or "en").replace("_", "-"),
        "customer": {"groups": _groups(user)},
        "deliveryGroups": [{"deliveryMethod": _delivery(place, settings)}],
        "cart": {
            "currencyCode": currency,
            "lines": lines,
            "subtotalAmount": subtotal,
            "totalDiscountAmount": max(0, subtotal - discounted),
            "discountedSubtotalAmount": discounted,
            "totalTaxAmount": minor_units(basket.total_tax, currency) if basket.is_tax_known else 0,
            "totalAmount": discounted,
            "itemCount": sum(line["quantity"] for line in lines),
        },
    }
    return settings.cart_request(body, basket) if settings.cart_request else body


def collections_of(lines: Iterable[Any]) -> dict[int, list[str]]:
    """The slugs of the categories by product id, in one query for the whole basket."""
    from oscar.core.loading import get_model

    ids = {product_id(line.product) for line in lines if line.product}
    through = get_model("catalogue", "Product").categories.through
    found: dict[int, list[str]] = {}
    rows = through.objects.filter(product_id__in=ids).order_by("category_id")
    for product, slug in rows.values_list("product_id", "category__slug"):
        found.setdefault(product, []).append(slug)
    return found


def product_id(product: Any) -> int:
    """The number by which the shop's categories know a product: for a variant, its parent's."""
    return int(product.parent_id if product.is_child else product.pk)


def product_facts(product: Any, stockrecord: Any, collections: list[str]) -> dict[str, Any]:
    """The members of a line for exclusions and rules: slugs, SKU and partner, if there are any."""
    facts = {
        "productType": getattr(product.get_product_class(), "slug", None),
        "vendor": getattr(getattr(stockrecord, "partner", None), "name", None),
        "sku": getattr(stockrecord, "partner_sku", None) or product.upc,
        "collections": collections,
    }
    return {name: value for name, value in facts.items() if value}


def _line(line: Any, currency: str, with_tax: bool, collections: list[str]) -> dict[str, Any]:
    product = line.product
    if with_tax:
        total, original = line.line_price_incl_tax_incl_discounts, line.line_price_incl_tax
    else:
        total, original = line.line_price_excl_tax_incl_discounts, line.line_price_excl_tax
    variant = {"variantId": str(product.pk)} if product.is_child else {}
    return {
        "id": str(line.pk),
        "productId": str(product_id(product)),
        "title": str(product.get_title())[:TITLE_LENGTH],
        "quantity": line.quantity,
        "totalPrice": minor_units(max(total, Decimal(0)), currency),
        "originalTotalPrice": minor_units(max(original, Decimal(0)), currency),
        "requiresShipping": bool(product.is_shipping_required),
        **variant,
        **product_facts(product, line.stockrecord, collections),
    }


def _region(address: Any, settings: Settings) -> dict[str, str] | None:
    """A country and, where the address has its code, a subdivision."""
    country = str(getattr(address, "country_id", None) or settings.country)
    if not country:
        return None
    state = str(getattr(address, "state", None) or "").strip()
    prefix = re.escape(country)
    found = re.fullmatch(rf"(?:{prefix}-|{prefix}(?=.{{2}}))?([A-Za-z0-9]{{1,3}})", state)
    return {"country": country, **({"subdivision": found[1]} if found else {})}


def _delivery(place: Place, settings: Settings) -> str:
    if not place.basket.is_shipping_required():
        return "DIGITAL"
    code = str(getattr(place.method, "code", "") or "")
    return "PICKUP" if settings.is_pickup(code) else "SHIPPING"


def _groups(user: Any) -> list[str]:
    if user is None or not user.is_authenticated:
        return []
    return sorted(user.groups.values_list("name", flat=True))

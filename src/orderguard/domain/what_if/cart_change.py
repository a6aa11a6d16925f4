"""Changes to a cart that might make a hidden offer eligible, or an eligible one hidden.

Totals follow the lines, so that a platform could send every changed cart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from orderguard.domain.cart import NOT_SHIPPED_BY_CARRIER, Cart, CartLine, DeliveryMethod
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.money import Money
from orderguard.domain.region import Region

WORDS_AT_MOST = 20
"""Regions, locales or currencies that are tried."""

LINES_AT_MOST = 40
"""Lines whose removal is tried one by one."""

FAMILIAR_COUNTRIES = ("US", "CA", "GB", "DE", "FR", "AU")
"""Tried after the countries that the merchant's rules name."""

_QUOTED_CODE = re.compile(r"""["']([A-Z0-9]{1,3})["']""")


@dataclass(frozen=True, slots=True)
class CartChange:
    """A changed cart. `words` describes the change, to follow "an offer …"."""

    words: str
    cart: Cart


def with_goods_added(cart: Cart, amount: int) -> CartChange:
    """Add plain goods of this price in minor units to the cart; no exclusion matches them."""
    line = CartLine("added", "added", 1, amount, amount, "More goods", amount)
    changed = replace(
        cart,
        lines=(*cart.lines, line),
        subtotal_amount=cart.subtotal_amount + amount,
        discounted_subtotal_amount=cart.discounted_subtotal_amount + amount,
        total_amount=cart.total_amount + amount,
        item_count=cart.item_count + 1,
    )
    return CartChange(f"with goods for {Money(amount, cart.currency)} more", changed)


def with_goods_cheaper(cart: Cart, amount: int) -> CartChange:
    """Lower the lines' prices by `amount` minor units in all, the dearest line first."""
    left = amount
    prices = {}
    for index in sorted(range(len(cart.lines)), key=lambda i: -cart.lines[i].total_price):
        taken = min(left, cart.lines[index].total_price)
        prices[index] = taken
        left -= taken
    lines = tuple(
        line._replace(
            total_price=line.total_price - prices[index],
            original_total_price=max(0, line.original_total_price - prices[index]),
            unit_price=None,
        )
        for index, line in enumerate(cart.lines)
    )
    changed = _less(replace(cart, lines=lines), amount, amount)
    return CartChange(f"with goods for {Money(amount, cart.currency)} less", changed)


def line_removals(cart: Cart, configuration: MerchantConfiguration) -> Iterator[CartChange]:
    """The cart without one product, cheapest first; then without all excluded lines."""
    excluded = configuration.exclusions.indexes(cart.lines)
    products: dict[str, list[int]] = {}
    for index, line in enumerate(cart.lines):
        products.setdefault(line.product_id, []).append(index)
    singly = sorted(
        products.values(), key=lambda places: sum(cart.lines[i].total_price for i in places)
    )
    for places in (*singly[:LINES_AT_MOST], sorted(excluded)):
        if 0 < len(places) < len(cart.lines):
            yield _without(cart, places)


def other_deliveries(cart: Cart) -> Iterator[CartChange]:
    """The cart shipped by a carrier if any of it is not; otherwise the cart picked up."""
    if cart.is_not_shipped_by_carrier:
        shipped = [
            DeliveryMethod.SHIPPING if method in NOT_SHIPPED_BY_CARRIER else method
            for method in cart.delivery_methods
        ]
        methods = tuple(dict.fromkeys(shipped))
        yield CartChange("if all of it were shipped", replace(cart, delivery_methods=methods))
    else:
        picked_up = (DeliveryMethod.PICKUP,)
        yield CartChange("if it were picked up", replace(cart, delivery_methods=picked_up))


def other_customers(cart: Cart) -> Iterator[CartChange]:
    """The cart with business and private customer swapped; and with a customer in no group."""
    customer = cart.customer
    is_b2b = not customer.is_b2b
    words = "for a business customer" if is_b2b else "for a private customer"
    yield CartChange(words, replace(cart, customer=replace(customer, is_b2b=is_b2b)))
    if customer.groups:
        alone = replace(customer, groups=())
        yield CartChange("for a customer in no group", replace(cart, customer=alone))


def other_regions(cart: Cart, configuration: MerchantConfiguration) -> Iterator[CartChange]:
    """The cart sent to each region that the merchant's rules name, and to common countries."""
    codes = _codes_in_conditions(configuration)
    country = cart.region.country
    countries = dict.fromkeys(
        code for code in (*codes, *FAMILIAR_COUNTRIES) if len(code) == 2 and code.isalpha()
    )
    regions = [
        *(Region(country, code) for code in codes if code != country),
        Region(country),
        *(Region(code) for code in countries),
    ]
    for region in dict.fromkeys(regions[:WORDS_AT_MOST]):
        if region != cart.region:
            yield CartChange(f"in {region}", replace(cart, region=region))


def other_locales(cart: Cart, configuration: MerchantConfiguration) -> Iterator[CartChange]:
    """The cart in each locale that the merchant supports."""
    for locale in configuration.locales[:WORDS_AT_MOST]:
        yield CartChange(f"in the locale {locale}", replace(cart, locale=locale))


def other_currencies(cart: Cart, configuration: MerchantConfiguration) -> Iterator[CartChange]:
    """The cart with the same numbers of minor units in another currency; nothing is converted."""
    for currency in sorted(configuration.currencies - {cart.currency})[:WORDS_AT_MOST]:
        words = f"with the same minor units in {currency}"
        yield CartChange(words, replace(cart, currency=currency))


def _codes_in_conditions(configuration: MerchantConfiguration) -> list[str]:
    conditions = [rule.reject_when for rule in configuration.rules]
    conditions += [
        plan.when for plans in configuration.pricing.values() for plan in plans if plan.when
    ]
    codes = (_QUOTED_CODE.findall(condition.source) for condition in conditions)
    return list(dict.fromkeys(code for found in codes for code in found))[: WORDS_AT_MOST // 2]


def _without(cart: Cart, places: Sequence[int]) -> CartChange:
    gone = [cart.lines[index] for index in places]
    left = tuple(line for index, line in enumerate(cart.lines) if index not in places)
    pieces = sum(line.quantity for line in gone)
    changed = _less(
        replace(cart, lines=left, item_count=max(0, cart.item_count - pieces)),
        sum(line.original_total_price for line in gone),
        sum(line.total_price for line in gone),
    )
    names = dict.fromkeys(f"SKU {line.sku}" if line.sku else f"“{line.title}”" for line in gone)
    shown = ", ".join(list(names)[:3])
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return CartChange(f"without {shown}{more}", changed)


def _less(cart: Cart, original: int, discounted: int) -> Cart:
    """The same lines, with this much less in the totals; none of them falls below nothing."""
    return replace(
        cart,
        subtotal_amount=max(0, cart.subtotal_amount - original),
        total_discount_amount=max(0, cart.total_discount_amount - (original - discounted)),
        discounted_subtotal_amount=max(0, cart.discounted_subtotal_amount - discounted),
        total_amount=max(0, cart.total_amount - discounted),
    )

"""Hints about carts that are legal, and whose mistakes cost money without an error (contract §3).

A hint never changes an answer. Sandbox merchants get hints always, others with `debug`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from orderguard.domain.cart import Cart
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.coverage_mode import SHIPPING_PROTECTION
from orderguard.domain.money import Money, exponent, to_major_units

SMALL_CART = 10
"""Major units: a subtotal below this looks like one that was sent in major units."""

APART_BY = range(90, 111)
"""Percent by which lines and subtotal may differ from a hundredfold, and still look like one."""


class HintCode(StrEnum):
    """The code of an integration mistake that causes no error."""

    NO_DELIVERY_GROUPS = "no_delivery_groups"
    ID_INSIDE_CART = "id_inside_cart"
    SUBTOTAL_IN_MAJOR_UNITS = "subtotal_in_major_units"
    LINES_AND_SUBTOTAL_APART = "lines_and_subtotal_apart"
    CURRENCY_NOT_CONFIGURED = "currency_not_configured"
    SERVER_KEY_IN_BROWSER = "server_key_in_browser"
    KEY_WITH_BEARER = "key_with_bearer"
    UNKNOWN_MEMBER = "unknown_member"


@dataclass(frozen=True, slots=True)
class Hint:
    """One hint, with the remedy."""

    code: HintCode
    message: str


def hints_about_cart(
    cart: Cart, configuration: MerchantConfiguration | None, *, names_session: bool
) -> Iterator[Hint]:
    """The hints that follow from the cart; `names_session` if it came with an id beside it."""
    if lacks_delivery_groups(cart, configuration):
        yield Hint(
            HintCode.NO_DELIVERY_GROUPS,
            "deliveryGroups are missing, so shipping protection is offered for pickups, too. Send "
            '[{"deliveryMethod": "SHIPPING"}], or PICKUP, LOCAL_DELIVERY or DIGITAL.',
        )
    if cart.id is not None and not names_session:
        yield Hint(
            HintCode.ID_INSIDE_CART,
            "cart.id never continues a session, so each call begins a new one. Send the id as "
            "cartId beside cart, or the sessionId of the first answer.",
        )
    if looks_like_major_units(cart, configuration):
        read = Money(cart.subtotal_amount, cart.currency)
        yield Hint(
            HintCode.SUBTOTAL_IN_MAJOR_UNITS,
            f"cart.subtotalAmount {read.amount} is read as {to_major_units(read)} {read.currency}: "
            "amounts are minor units. If the cart is worth "
            f"{read.amount}.{'0' * exponent(read.currency)}, "
            f"send {read.amount * 10 ** exponent(read.currency)}.",
        )
    if lines_are_apart(cart):
        yield Hint(
            HintCode.LINES_AND_SUBTOTAL_APART,
            "The lines and cart.subtotalAmount are a hundredfold apart: one of them is in major "
            "units. Send both in minor units, 1999 for 19.99.",
        )
    if configuration is not None and cart.currency not in configuration.currencies:
        yield Hint(
            HintCode.CURRENCY_NOT_CONFIGURED,
            f"{cart.currency} is not among the configured currencies, "
            f"{', '.join(sorted(configuration.currencies))}. Publish a configuration with its "
            "currency and prices.",
        )


def lacks_delivery_groups(cart: Cart, configuration: MerchantConfiguration | None) -> bool:
    """Whether a cart has no delivery groups, though its merchant offers shipping protection."""
    if configuration is None or cart.delivery_methods:
        return False
    return SHIPPING_PROTECTION in configuration.modes


def looks_like_major_units(cart: Cart, configuration: MerchantConfiguration | None) -> bool:
    """Whether the subtotal is suspiciously small: below ten major units, or below the merchant's
    minimum while a hundredfold (in three decimals a thousandfold) of it is within the limits."""
    subtotal, factor = cart.subtotal_amount, int(10 ** exponent(cart.currency))
    if factor == 1 or not subtotal:
        return False
    if subtotal < SMALL_CART * factor:
        return True
    limits = configuration.limits_in(cart.currency) if configuration else None
    if limits is None or limits.subtotal_minimum is None or subtotal >= limits.subtotal_minimum:
        return False
    most = limits.subtotal_maximum
    return subtotal * factor >= limits.subtotal_minimum and (
        most is None or subtotal * factor <= most
    )


def lines_are_apart(cart: Cart) -> bool:
    """Whether the lines are worth about a hundredfold, or a hundredth, of the subtotal."""
    lines, subtotal = sum(line.total_price for line in cart.lines), cart.subtotal_amount
    if not lines or not subtotal:
        return False
    return lines // subtotal in APART_BY or subtotal // lines in APART_BY

"""The texts for shoppers. The sentences equal those of the storefront element."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from django.utils.translation import gettext, gettext_lazy

from orderguard_oscar.core.client import Offer, major_from_minor
from orderguard_oscar.core.client.offer_state import ReconfirmReason

TITLE = gettext_lazy("Order protection")
REMOVED = "removed"
STALE = "stale"


def about(modes: Collection[str]) -> str:
    """The sentence that describes the coverage of these modes."""
    match sorted(map(str, modes)):
        case ["returnCoverage"]:
            return gettext("Covers the return of items in this order.")
        case ["shippingProtection"]:
            return gettext("Covers loss, theft and damage during shipping.")
    return gettext("Covers returns, and loss, theft and damage during shipping.")


def why_asked_again(reason: ReconfirmReason) -> str:
    """The sentence that explains why an acceptance ended although there is an offer."""
    match reason:
        case ReconfirmReason.MODES_CHANGED:
            return gettext(
                "What is covered has changed with your cart. Tick the box if you still want "
                "protection."
            )
        case ReconfirmReason.INTERRUPTED:
            return gettext("Protection is available again. Tick the box if you still want it.")
    return price_changed()


def price_changed() -> str:
    """The sentence for a click on terms that the offer no longer has."""
    return gettext(
        "The price has changed with your cart. Tick the box if you still want protection."
    )


def removed() -> str:
    """The sentence for a removed fee, when there is no offer any more."""
    return gettext("Order protection is no longer available and has been removed from your order.")


def costs_more(offer: Offer) -> str:
    """The sentence shown once, instead of placing the order, when the offer costs more."""
    sentence = gettext("Order protection now costs {price}.").replace("{price}", price(offer))
    return f"{sentence} {_check_again()}"


def asked_again_while_placing(reason: ReconfirmReason) -> str:
    """The sentence shown once, instead of placing the order, when terms have changed."""
    return f"{why_asked_again(reason)} {_check_again()}"


def removed_while_placing() -> str:
    """The sentence shown once, instead of placing the order, when the offer is gone."""
    return f"{removed()} {_check_again()}"


def price(offer: Offer) -> str:
    """The price of the offer, formatted like the shop's prices."""
    from oscar.templatetags.currency_filters import currency

    amount = offer.charge.amount
    code = str(amount.currency)
    return str(currency(Decimal(major_from_minor(amount.amount, code)), code))


def _check_again() -> str:
    return gettext("Please check the total and place your order again.")

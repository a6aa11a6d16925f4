"""Magic lines: cart lines by which a sandbox merchant's developer sets the answer (contract §12).

A line is magic by its `sku` or `productId`. For a live merchant all of them are ordinary products.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any

from orderguard.domain.cart import Cart
from orderguard.domain.configuration.configuration import ChargeMethod, MerchantConfiguration
from orderguard.domain.configuration.pricing import (
    ComponentKind,
    ModePrice,
    PriceComponent,
    sum_of_prices,
)
from orderguard.domain.coverage_mode import RETURN_COVERAGE, SHIPPING_PROTECTION, CoverageMode
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.errors import InvalidDocument, Problem
from orderguard.domain.money import Currency, Money
from orderguard.domain.offers.offer import ChargeInstructions, Offer

PREFIX = "TEST-"
DELAY_AT_MOST_MS = 30_000
PRICE_AT_MOST = 10**12

_USUAL_PRICES = {RETURN_COVERAGE: 2_98, SHIPPING_PROTECTION: 2_00}
"""Minor units, where the configuration has no price for a mode that a magic line asks for."""

_MODES = {
    "return": (RETURN_COVERAGE,),
    "shipping": (SHIPPING_PROTECTION,),
    "both": (RETURN_COVERAGE, SHIPPING_PROTECTION),
}


class Failure(Enum):
    """A way in which the server fails to answer an analysis."""

    UNAUTHORIZED = "status-401"
    SESSION_NOT_FOUND = "status-404"
    RATE_LIMITED = "status-429"
    CRASHED = "status-500"
    UNAVAILABLE = "status-503"
    MALFORMED = "malformed"
    DROPPED = "drop"


@dataclass(frozen=True, slots=True)
class MagicLines:
    """The answer requested by a cart's magic lines; of several of one kind the first one counts."""

    reason: EligibilityReason | None = None
    price: int | None = None
    modes: tuple[CoverageMode, ...] | None = None
    delay_ms: int = 0
    failure: Failure | None = None

    def change(
        self, ordinary: Offer, cart: Cart, configuration: MerchantConfiguration | None
    ) -> Offer:
        """The offer that the magic lines request; without such lines the ordinary one.

        A requested price or mode makes every cart eligible. A mode costs the same as in the
        ordinary offer, or a fixed default if it is not in there.
        """
        if self.reason and self.reason is not EligibilityReason.ELIGIBLE:
            return Offer(self.reason, cohort=ordinary.cohort)
        if self.price is None and self.modes is None and self.reason is None:
            return ordinary
        modes = self.modes or ordinary.modes or _configured(configuration)
        prices = tuple(_price(mode, ordinary, cart.currency) for mode in modes)
        if self.price is not None:
            prices = _shared(self.price, modes, cart.currency)
        return Offer(
            EligibilityReason.ELIGIBLE,
            charge=ChargeInstructions(
                sum_of_prices(prices),
                configuration.charge_method if configuration else ChargeMethod.FEE,
                configuration.charge_product if configuration else None,
            ),
            prices=prices,
            cohort=ordinary.cohort,
            left_out=ordinary.left_out,
        )


def magic_lines_of(cart: Cart) -> MagicLines:
    """What this cart of a sandbox merchant asks for.

    Raises `InvalidDocument` for a magic line with an unknown argument, naming the known ones.
    """
    found: dict[str, Any] = {}
    for place, text in _texts(cart):
        verb, _, argument = text.removeprefix(PREFIX).partition("-")
        reading = _READINGS.get(verb)
        if reading is None:
            continue  # a product whose name happens to begin so
        value = reading.read(argument if reading.has_argument else verb)
        if value is None:
            problem = f"is no magic line: {text[:60]!r}. Known are {reading.known}."
            raise InvalidDocument([Problem(place, problem)])
        found.setdefault(reading.member, value)
    return MagicLines(**found)


def _texts(cart: Cart) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(cart.lines):
        if line.sku is not None and line.sku.startswith(PREFIX):
            yield f"cart.lines[{number}].sku", line.sku
        if line.product_id.startswith(PREFIX):
            yield f"cart.lines[{number}].productId", line.product_id


@dataclass(frozen=True, slots=True)
class _Reading:
    """How a kind of magic line is read, into which member; `read` gives None for a wrong one."""

    member: str
    read: Callable[[str], Any]
    known: str
    has_argument: bool = True


def _reason(text: str) -> EligibilityReason | None:
    return EligibilityReason(text) if text in list(EligibilityReason) else None


def _whole(text: str, *, least: int, most: int) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) <= 13):
        return None
    return int(text) if least <= int(text) <= most else None


def _status(text: str) -> Failure | None:
    return _STATUSES.get(text)


_STATUSES = {each.value[7:]: each for each in Failure if each.value.startswith("status-")}

_READINGS = {
    "reason": _Reading(
        "reason", _reason, f"{PREFIX}reason- with one of {', '.join(EligibilityReason)}"
    ),
    "price": _Reading(
        "price",
        partial(_whole, least=1, most=PRICE_AT_MOST),
        f"{PREFIX}price- with 1 to {PRICE_AT_MOST} minor units",
    ),
    "mode": _Reading("modes", _MODES.get, f"{PREFIX}mode- with return, shipping or both"),
    "delay": _Reading(
        "delay_ms",
        partial(_whole, least=0, most=DELAY_AT_MOST_MS),
        f"{PREFIX}delay- with 0 to {DELAY_AT_MOST_MS} milliseconds",
    ),
    "status": _Reading("failure", _status, f"{PREFIX}status- with {', '.join(_STATUSES)}"),
    "malformed": _Reading("failure", Failure, f"{PREFIX}malformed", has_argument=False),
    "drop": _Reading("failure", Failure, f"{PREFIX}drop", has_argument=False),
}


def _configured(configuration: MerchantConfiguration | None) -> tuple[CoverageMode, ...]:
    return configuration.modes if configuration else _MODES["both"]


def _price(mode: CoverageMode, ordinary: Offer, currency: Currency) -> ModePrice:
    usual = _fixed(mode, _USUAL_PRICES[mode], currency)
    return next((each for each in ordinary.prices if each.mode is mode), usual)


def _shared(
    price: int, modes: tuple[CoverageMode, ...], currency: Currency
) -> tuple[ModePrice, ...]:
    """The price in equal parts, the larger one first."""
    parts = [(price + len(modes) - 1 - place) // len(modes) for place in range(len(modes))]
    return tuple(_fixed(mode, part, currency) for mode, part in zip(modes, parts, strict=True))


def _fixed(mode: CoverageMode, amount: int, currency: Currency) -> ModePrice:
    base = (PriceComponent(ComponentKind.BASE, amount),) if amount else ()
    return ModePrice(mode, Money(amount, currency), base)

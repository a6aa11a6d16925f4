"""A unit price: a rate, which may be finer than the currency (contract §9).

Ten thousand screws at 0.0045 USD are 45.00 USD. A unit price is therefore read exactly, multiplied
by the quantity, and rounded once per line; every sum (total, fee, refund) stays a `Money`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from orderguard.domain.errors import Malformed
from orderguard.domain.money import Currency, Money, Rounding, divide, exponent, shortened

Quantity = int | Decimal
"""How many pieces. A shop that sells cloth by the metre sells 1.5 of them."""

_STEPS = 10**8
"""Steps in a minor unit, so that 8 decimals of a major unit are whole in every currency."""

_MAJOR_UNITS = re.compile(r"(-?)([0-9]{1,15})(?:\.([0-9]{1,8}))?")


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """The price of one piece in hundred-millionths of a minor unit; it may be negative."""

    steps: int
    currency: Currency

    def less(self, discount: UnitPrice) -> UnitPrice:
        """The price after a discount of either sign; a discount never makes it negative."""
        if self.steps < 0:
            return self
        return UnitPrice(max(0, self.steps - abs(discount.steps)), self.currency)

    def times(self, quantity: Quantity) -> int:
        """The price of so many pieces in minor units, rounded half up once."""
        pieces, parts = quantity.as_integer_ratio()
        value = divide(abs(self.steps) * pieces, parts * _STEPS, Rounding.HALF_UP)
        return value if self.steps >= 0 else -value


def unit_price_of(money: Money) -> UnitPrice:
    """The unit price that is a whole number of minor units."""
    return UnitPrice(money.amount * _STEPS, money.currency)


def unit_price_from_major_units(text: str, currency: Currency) -> UnitPrice:
    """Read a plain decimal text with up to 8 decimals: `0.0045` USD is 0.45 of a cent.

    Raises `Malformed` for anything else.
    """
    found = _MAJOR_UNITS.fullmatch(text)
    if not found:
        raise Malformed(
            f"{shortened(text)} is not a decimal amount such as 4.98, with up to 8 decimals."
        )
    sign, whole, fraction = found.groups(default="")
    steps = int(whole + fraction.ljust(8, "0")) * 10 ** exponent(currency)
    return UnitPrice(-steps if sign else steps, currency)

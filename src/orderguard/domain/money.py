"""Money: whole minor units of one currency, and the only place where anything is rounded.

Exponents (how many decimals a currency has) come from ISO 4217 as generated into `iso4217`; there
is no other table, and nothing divides by 100.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from orderguard.domain.errors import Malformed, OrderguardError
from orderguard.domain.iso4217 import EXPONENTS, EXPONENTS_EVER

Currency = NewType("Currency", str)
"""An ISO 4217 alphabetic code that has minor units, such as `USD`. Made by `parse_currency`.

Only a cart may be in a code that ISO never listed; see `parse_currency_of_cart`.
"""

USD = Currency("USD")
EUR = Currency("EUR")
JPY = Currency("JPY")
KWD = Currency("KWD")

BASIS_POINTS = 10_000
"""A rate of 10,000 basis points is 100 %."""


class CurrencyMismatch(OrderguardError):
    """Amounts of different currencies were about to be mixed."""


class Rounding(StrEnum):
    """The direction of rounding, to whole minor units or to multiples of a step."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    UP = "up"
    DOWN = "down"


_HALF_UP = Rounding.HALF_UP  # looking a member up costs more than the division


def parse_currency(text: str) -> Currency:
    """The currency with this code, in any case, also when ISO 4217 has withdrawn it since.

    Raises `Malformed` for a code that ISO 4217 never listed, or that has no minor unit (gold).
    """
    # Upper-casing can turn other letters into ASCII ones; only ASCII may name a currency.
    code = text.upper() if text.isascii() else text
    if code not in EXPONENTS_EVER:
        raise Malformed(
            f"{shortened(text)} is not an ISO 4217 currency code; expected one such as USD."
        )
    return Currency(code)


def parse_currency_of_cart(text: str) -> Currency:
    """A cart's currency: any three letters, because a shop may sell in what ISO 4217 does not list.

    Nothing is offered in such a currency (IRT, GGP, BTC), but the cart is not malformed. Raises
    `Malformed` for anything but three letters.
    """
    if text in EXPONENTS:
        return Currency(text)
    if len(text) != 3 or not (text.isascii() and text.isalpha()):
        raise Malformed(
            f"{shortened(text)} is not a currency code of three letters; expected one such as USD."
        )
    return Currency(text.upper())


def is_listed(currency: Currency) -> bool:
    """Whether ISO 4217 lists this currency today; new offers are made only in such a currency."""
    return currency in EXPONENTS


def was_ever_listed(currency: Currency) -> bool:
    """Whether ISO 4217 lists this currency or once did, so that its decimals are known."""
    return currency in EXPONENTS_EVER


def shortened(value: object, *, limit: int = 40) -> str:
    """A value as an error message may show it: quoted, and cut when it is long."""
    try:
        shown = repr(value)
    except ValueError:  # Python writes out no number of more than 4,300 digits
        shown = "a number of thousands of digits"
    return shown if len(shown) <= limit else f"{shown[: limit - 1]}…"


def exponent(currency: Currency) -> int:
    """How many decimals the major unit has: 2 for USD, 0 for JPY, 3 for KWD.

    0 for a code that ISO 4217 never listed: the amounts of such a cart are shown as they were sent.
    """
    return EXPONENTS_EVER.get(currency, 0)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of one currency; it may be negative."""

    amount: int
    currency: Currency

    def __add__(self, other: Money) -> Money:
        """The sum. Raises `CurrencyMismatch` when the currencies differ."""
        if self.currency != other.currency:
            raise CurrencyMismatch(f"Cannot add {other.currency} to {self.currency}.")
        return Money(self.amount + other.amount, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __str__(self) -> str:
        """The amount in major units with all its decimals, and the code: `4.98 USD`, `500 JPY`."""
        return f"{to_major_units(self)} {self.currency}"


def to_major_units(money: Money) -> str:
    """The plain decimal text of an amount: `4.98`, `-0.05`, `500` (JPY), `1.250` (KWD)."""
    digits = exponent(money.currency)
    sign = "-" if money.amount < 0 else ""
    whole, fraction = divmod(abs(money.amount), 10**digits)
    return f"{sign}{whole}.{fraction:0{digits}d}" if digits else f"{sign}{whole}"


def to_percent(basis_points: int) -> str:
    """Basis points as a percentage, without zeros at its end: 150 is `1.5`, -5 is `-0.05`."""
    whole, hundredths = divmod(abs(basis_points), 100)
    text = f"{whole}.{hundredths:02}".rstrip("0").rstrip(".")
    return f"-{text}" if basis_points < 0 else text


def divide(numerator: int, denominator: int, rounding: Rounding) -> int:
    """The quotient of a non-negative number and a positive one, as a whole number."""
    if rounding is _HALF_UP:
        return (2 * numerator + denominator) // (2 * denominator)
    quotient, remainder = divmod(numerator, denominator)
    return quotient + _rounds_up(quotient, remainder, denominator, rounding)


def _rounds_up(quotient: int, remainder: int, denominator: int, rounding: Rounding) -> bool:
    match rounding:
        case Rounding.DOWN:
            return False
        case Rounding.UP:
            return remainder > 0
        case _:  # half even
            return remainder * 2 > denominator or (
                remainder * 2 == denominator and quotient % 2 == 1
            )


def allocate(amount: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Split an amount in proportion to non-negative weights, so that the parts add up to it.

    What cannot be divided goes to the parts with the largest remainders, earlier ones first. When
    all weights are zero the parts are as equal as they can be.
    """
    if not any(weights):
        weights = [1] * len(weights)
    total = sum(weights)
    parts = [amount * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda index: -(amount * weights[index] % total))
    for index in by_remainder[: amount - sum(parts)]:
        parts[index] += 1
    return tuple(parts)


_MAJOR_UNITS = re.compile(r"(-?)([0-9]{1,15})(?:\.([0-9]{1,8}))?")


def from_major_units(text: str, currency: Currency) -> Money:
    """Read a plain decimal text: `4.98` USD is 498, `500` JPY is 500.

    Raises `Malformed` for anything else, and for more decimals than the currency has, unless they
    are zeros: half a cent is never dropped quietly.
    """
    found = _MAJOR_UNITS.fullmatch(text)
    if not found:
        raise Malformed(f"{shortened(text)} is not a decimal amount such as 4.98.")
    sign, whole, fraction = found.groups(default="")
    digits = exponent(currency)
    if fraction[digits:].strip("0"):
        raise Malformed(f"{shortened(text)} has more than the {digits} decimals of {currency}.")
    number = int(whole + fraction[:digits].ljust(digits, "0"))
    return Money(-number if sign else number, currency)

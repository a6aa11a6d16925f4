"""Convert between minor and major units by currency, because not every currency has cents."""

from orderguard.domain.errors import Malformed
from orderguard.domain.money import (
    Money,
    exponent,
    from_major_units,
    parse_currency,
    shortened,
    to_major_units,
)

__all__ = [
    "exponent",
    "from_major_units",
    "major_from_minor",
    "minor_from_major",
    "parse_currency",
    "to_major_units",
]


def major_from_minor(amount: int, currency_code: str) -> str:
    """Convert minor to major units: 498 USD is `4.98`, 500 JPY is `500`, 4980 KWD is `4.980`.

    Raises `Malformed` for a float.
    """
    if type(amount) is not int:
        raise Malformed(
            f"{shortened(amount)} is not a whole number of minor units. Example: 498 for 4.98 USD."
        )
    return to_major_units(Money(amount, parse_currency(currency_code)))


def minor_from_major(text: str, currency_code: str) -> int:
    """Convert major to minor units: `4.98` USD is 498.

    Takes text only, because a float may already have lost the amount.
    """
    if type(text) is not str:
        raise Malformed(f'{shortened(text)} is not a text. Example: "4.98".')
    return from_major_units(text, parse_currency(currency_code)).amount

"""Money as integrations really send it, read as minor units (contract §2).

A bare number or `{amount, currencyCode}`; an integer, a float with noise from multiplying dollars
by 100, or a string of digits.
"""

from __future__ import annotations

import re
from typing import Annotated

import msgspec
from msgspec import Meta

from orderguard.domain.errors import Malformed
from orderguard.domain.money import Currency, shortened

AMOUNT_MAXIMUM = 10**12
NOISE = 1e-6
"""How far a float may be from the integer it is read as."""

_DIGITS = re.compile(r"-?[0-9]{1,16}")

# What `extra_json_schema` says is for the reader; it is checked when an amount is parsed, below.
_RANGE = {"minimum": 0, "maximum": AMOUNT_MAXIMUM}
_SIGNED_RANGE = {"minimum": -AMOUNT_MAXIMUM, "maximum": AMOUNT_MAXIMUM}
_WHOLE = {"multipleOf": 1}

Number = (
    Annotated[int, Meta(extra_json_schema=_RANGE)]
    | Annotated[float, Meta(extra_json_schema=_RANGE | _WHOLE)]
    | Annotated[str, Meta(extra_json_schema={"pattern": "^[0-9]{1,12}$"})]
)
SignedNumber = (
    Annotated[int, Meta(extra_json_schema=_SIGNED_RANGE)]
    | Annotated[float, Meta(extra_json_schema=_SIGNED_RANGE | _WHOLE)]
    | Annotated[str, Meta(extra_json_schema={"pattern": "^-?[0-9]{1,12}$"})]
)


class WireMoney(msgspec.Struct, omit_defaults=True):
    """An amount that says its currency."""

    amount: Annotated[Number, Meta(description="Minor currency units.", examples=[4999])]
    currencyCode: Annotated[
        str | None, Meta(description="ISO 4217; must be the cart's.", examples=["USD"])
    ] = None


Amount = Annotated[
    Number | WireMoney,
    Meta(
        description="Minor currency units: $19.99 is `1999`. Also read: a string of digits, a "
        "number within 1e-6 of a whole one, and `{amount, currencyCode}`.",
        examples=[4999],
        extra={"expected": "an amount in minor units, such as 1999 for 19.99"},
    ),
]
Discount = Annotated[
    SignedNumber | WireMoney,
    Meta(
        description="As any amount, with either sign: `-500` and `500` both take $5.00 off.",
        examples=[500],
        extra={"expected": "an amount in minor units, such as 1999 for 19.99"},
    ),
]


def minor_units(amount: Number | WireMoney, currency: Currency, *, notes: set[str]) -> int:
    """The amount as a non-negative integer. What had to be tolerated is added to `notes`.

    Raises `Malformed`.
    """
    if isinstance(amount, WireMoney):
        notes.add("amounts sent as {amount, currencyCode}")
        code = amount.currencyCode
        if code is not None and code.upper() != currency:
            raise Malformed(f"is in {shortened(code)}, but the cart is in {currency}.")
        amount = amount.amount
    number = signed_minor_units(amount, notes=notes)
    if number < 0:
        raise Malformed(f"must not be negative, found {shortened(amount)}.")
    return number


def signed_minor_units(amount: Number, *, notes: set[str]) -> int:
    """As `minor_units`, with any sign and without a currency. Raises `Malformed`."""
    if isinstance(amount, str):
        notes.add("amounts sent as strings of digits")
        if not _DIGITS.fullmatch(amount):
            raise Malformed(_minor_units_expected(amount))
        number = int(amount)
    elif isinstance(amount, float):
        notes.add("amounts sent with a fraction within 1e-6 of an integer")
        number = round(amount)
        if abs(amount - number) > NOISE:
            raise Malformed(_minor_units_expected(amount))
    else:
        number = amount
    if abs(number) > AMOUNT_MAXIMUM:
        raise Malformed(f"is above the limit of {AMOUNT_MAXIMUM} minor units.")
    return number


def _minor_units_expected(amount: Number) -> str:
    return f"expected whole minor units (1999 for 19.99), found {shortened(amount)}."

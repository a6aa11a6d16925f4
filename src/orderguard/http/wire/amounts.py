"""Money as integrations really send it, read as minor units (contract §2).

A bare number or `{amount, currencyCode}`; an integer, a float with noise from multiplying dollars
by 100, or a string of digits.
"""

from __future__ import annotations

import re
from decimal import ROUND_FLOOR, Decimal
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from orderguard.domain.errors import Malformed
from orderguard.domain.money import Currency, shortened
from orderguard.http.wire.doc import doc

AMOUNT_MAXIMUM = 10**12
NOISE = 1e-6
"""How far a float may be from the integer it is read as."""

N = TypeVar("N", int, float)

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


LineNumber = (
    Annotated[int, Meta(extra_json_schema=_RANGE)]
    | Annotated[float, Meta(extra_json_schema=_RANGE)]
    | Annotated[str, Meta(extra_json_schema={"pattern": "^[0-9]{1,12}$"})]
)


class WireMoney(msgspec.Struct, omit_defaults=True):
    """An amount that says its currency."""

    amount: Annotated[Number, doc("Minor currency units.", examples=[4999])]
    currencyCode: Annotated[str | None, doc("ISO 4217; must be the cart's.", examples=["USD"])] = (
        None
    )


class WireLineMoney(WireMoney):
    """An amount of a line that says its currency. It may have a fraction of a minor unit."""

    amount: Annotated[LineNumber, doc("Minor currency units.", examples=[4999])]
    currencyCode: Annotated[str | None, doc("ISO 4217; must be the cart's.", examples=["USD"])] = (
        None
    )


Amount = Annotated[
    Number | WireMoney,
    doc(
        "Minor currency units: $19.99 is `1999`. Also read: a string of digits, a "
        "number within 1e-6 of a whole one, and `{amount, currencyCode}`.",
        examples=[4999],
        extra={"expected": "an amount in minor units, such as 1999 for 19.99"},
    ),
]
LineAmount = Annotated[
    LineNumber | WireLineMoney,
    doc(
        "As any amount, and also with a fraction of a minor unit, which platforms with "
        "four decimals have: a total is rounded half up when all totals of the cart are whole.",
        examples=[4999],
        extra={"expected": "an amount in minor units, such as 1999 for 19.99"},
    ),
]
Discount = Annotated[
    SignedNumber | WireMoney,
    doc(
        "As any amount, with either sign: `-500` and `500` both take $5.00 off.",
        examples=[500],
        extra={"expected": "an amount in minor units, such as 1999 for 19.99"},
    ),
]


def minor_units(amount: Number | WireMoney, currency: Currency, *, notes: set[str]) -> int:
    """Parse an amount to a non-negative integer. Tolerated spellings are added to `notes`.

    Raises `Malformed`.
    """
    amount = number_in(amount, currency, notes=notes)
    return _not_negative(signed_minor_units(amount, notes=notes), amount)


def number_in(amount: Number | WireMoney, currency: Currency, *, notes: set[str]) -> Number:
    """The number of an amount. Raises `Malformed` when the amount is in another currency."""
    if not isinstance(amount, WireMoney):
        return amount
    notes.add("amounts sent as {amount, currencyCode}")
    code = amount.currencyCode
    if code is not None and code.strip() and code.upper() != currency:
        raise Malformed(f"is in {shortened(code)}, but the cart is in {currency}.")
    return amount.amount


def has_fraction(amount: Number | WireMoney) -> bool:
    """Whether the amount has a fraction of a minor unit larger than floating-point noise."""
    number = amount.amount if isinstance(amount, WireMoney) else amount
    return isinstance(number, float) and abs(number - round(number)) > NOISE


def rounded_half_up(number: float) -> int:
    """Round to whole minor units, half up. Raises `Malformed`.

    A number within floating-point noise of a half is rounded up as well: 35.855 times 100 is
    3585.4999999999995, and 3586 here.
    """
    middle = Decimal(str(number)) + Decimal("0.5") + Decimal(str(NOISE))
    return _not_negative(_in_range(int(middle.to_integral_value(ROUND_FLOOR))), number)


def without_fraction(number: float) -> int:
    """A unit price truncated to whole minor units. Raises `Malformed`."""
    return _in_range(int(_not_negative(number, number)))


def signed_minor_units(amount: Number, *, notes: set[str]) -> int:
    """Like `minor_units`, but with any sign and without a currency. Raises `Malformed`."""
    if isinstance(amount, str):
        notes.add("amounts sent as strings of digits")
        if not _DIGITS.fullmatch(amount):
            raise Malformed(minor_units_expected(amount))
        number = int(amount)
    elif isinstance(amount, float):
        notes.add("amounts sent with a fraction within 1e-6 of an integer")
        number = round(amount)
        if abs(amount - number) > NOISE:
            raise Malformed(minor_units_expected(amount))
    else:
        number = amount
    return _in_range(number)


def _in_range(number: int) -> int:
    if abs(number) > AMOUNT_MAXIMUM:
        raise Malformed(f"is above the limit of {AMOUNT_MAXIMUM} minor units.")
    return number


def _not_negative(number: N, found: Number) -> N:
    if number < 0:
        raise Malformed(
            f"must not be negative, found {shortened(found)}. Leave discounts and gift cards out "
            "of the lines: what they take off belongs in totalDiscountAmount."
        )
    return number


def minor_units_expected(amount: Number) -> str:
    """The error message for an amount that looks like major units."""
    return f"expected whole minor units (1999 for 19.99), found {shortened(amount)}."

"""Convert values of a document to the text of form controls, and back.

Input that cannot be parsed is kept in the draft as text, where it is a problem like any other until
the user corrects it, so that no input is lost.
"""

from __future__ import annotations

import re
from typing import Any

from orderguard.admin.configuration_form.typed_numbers import plain_amount, plain_percentage
from orderguard.domain.configuration.setting import Kind
from orderguard.domain.errors import Malformed
from orderguard.domain.money import (
    Currency,
    Money,
    from_major_units,
    shortened,
    to_major_units,
    to_percent,
)

_PERCENT = re.compile(r"([0-9]{1,9})(?:[.]([0-9]{1,2})0*)?")
_BETWEEN_WORDS = re.compile(r"[,;\s]+")


def shown(kind: Kind, value: Any, currency: Currency | None = None) -> str:
    """The text of a form control: `1.50` for 150 minor units of USD, `1.5` for 150 basis points."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else ""
    if kind is Kind.WORDS and isinstance(value, list):
        return ", ".join(str(each) for each in value)
    if isinstance(value, int) and kind is Kind.AMOUNT and currency:
        return to_major_units(Money(value, currency))
    if isinstance(value, int) and kind is Kind.PERCENT:
        return to_percent(value)
    if isinstance(value, dict | list):
        return ""
    text = str(value).replace("\r\n", "\n")
    return text if kind is Kind.CONDITION else " ".join(text.splitlines()).strip()


def typed(kind: Kind, text: str, currency: Currency | None = None) -> Any:
    """Parse the text of a form control; None for an empty text.

    Raises `Malformed` for a text that cannot be converted.
    """
    if kind is Kind.TOGGLE:
        return text == "true"
    if kind is Kind.CONDITION:
        return text if text.strip() else None
    if not text:
        return None
    if kind is Kind.WORDS:
        return [word for word in _BETWEEN_WORDS.split(text) if word]
    if kind is Kind.AMOUNT and currency:
        return from_major_units(plain_amount(text, currency), currency).amount
    if kind is Kind.PERCENT:
        return _basis_points(text)
    if kind is Kind.WHOLE:
        return _whole(text)
    return text


def kept(kind: Kind, text: str, currency: Currency | None = None) -> Any:
    """Like `typed`, but a text that cannot be converted is returned unchanged."""
    try:
        return typed(kind, text, currency)
    except Malformed:
        return text


def _basis_points(text: str) -> int:
    found = _PERCENT.fullmatch(plain_percentage(text))
    if found is None:
        raise Malformed(f"{shortened(text)} is not a percentage such as 1.5 or 0.25.")
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise Malformed(f"{shortened(text)} is not a whole number.")
    return int(text)


_NUMBER = re.compile(r"(?<![\w.'])\d+(?![\w.']*\w)")


def in_units(message: str, kind: Kind, currency: Currency | None = None) -> str:
    """An error message with its numbers converted to the units of the form control."""
    if kind is Kind.AMOUNT and currency:
        told = message.replace("a whole number of minor units", f"an amount in {currency}")
        return _NUMBER.sub(lambda n: to_major_units(Money(int(n[0]), currency)), told)
    if kind is Kind.PERCENT:
        told = message.replace("a whole number of basis points", "a percentage")
        return _NUMBER.sub(lambda n: to_percent(int(n[0])), told)
    return message

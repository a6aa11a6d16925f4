"""Parse amounts and percentages as people type them: `2,50`, `$2.50`, `1.234,50 EUR`.

A text with two readings that differ a hundredfold or more is refused: `1,234` is 1234 to one
merchant and 1.234 to the next.
"""

from __future__ import annotations

import re

from orderguard.domain.errors import Malformed
from orderguard.domain.money import Currency, shortened

_SYMBOLS: dict[str, str] = {
    "€": "EUR", "£": "GBP", "¥": "JPY CNY", "₹": "INR", "₩": "KRW", "zł": "PLN", "kč": "CZK",
    "kr": "SEK NOK DKK ISK", "kr.": "DKK ISK", "fr.": "CHF", "sfr.": "CHF", "r$": "BRL",
    "us$": "USD", "a$": "AUD", "au$": "AUD", "c$": "CAD", "ca$": "CAD", "nz$": "NZD", "s$": "SGD",
    "hk$": "HKD", "mx$": "MXN",
    "$": "USD AUD CAD NZD SGD HKD MXN TWD ARS CLP COP",
}  # fmt: skip
"""Currency symbols, and the currencies that each may stand for."""

_AROUND = re.compile(
    r"(?P<sign>-?)(?P<before>[^\d\s,-]*)\s*(?P<number>\d(?:[\d\s.,]*\d)?)\s*(?P<after>[^\d\s,]*)"
)
_GROUPED = re.compile(r"\d{1,3}(?:([ \u00a0\u202f.,])\d{3})(?:\1\d{3})*")
_LENGTH_AT_MOST = 40


def plain_amount(text: str, currency: Currency) -> str:
    """The amount as `1234.50`, without symbols and groups. Raises `Malformed`.

    A text that does not look like an amount is returned unchanged; the next parser refuses it.
    """
    found = _AROUND.fullmatch(text.strip()) if len(text) <= _LENGTH_AT_MOST else None
    if found is None:
        return text
    for around in (found["before"], found["after"]):
        if around and not _means(around, currency):
            raise Malformed(f"{shortened(text)} is not an amount in {currency}.")
    return found["sign"] + _plain(found["number"], text)


def plain_percentage(text: str) -> str:
    """The percentage as `1.5`. Raises `Malformed`."""
    number = text.strip().removesuffix("%").strip()
    if len(number) > _LENGTH_AT_MOST or not re.fullmatch(r"\d[\d.,]*", number):
        return number
    return _plain(number, text)


def _means(symbol: str, currency: Currency) -> bool:
    folded = symbol.casefold()
    return folded == currency.casefold() or currency in _SYMBOLS.get(folded, "").split()


def _plain(number: str, text: str) -> str:
    """Digits with a point. The last of two different separators is the decimal one."""
    number = number.strip()
    commas, points = number.count(","), number.count(".")
    if commas and points:
        decimal = max(",.", key=number.rfind)
        whole, _, fraction = number.rpartition(decimal)
        if decimal in whole:
            raise _unclear(text)
        return f"{_ungrouped(whole, text)}.{fraction}"
    if commas == 1:
        whole, _, fraction = number.partition(",")
        if len(fraction) == 3 and not whole.startswith("0"):
            raise _ambiguous(text, whole, fraction)
        return f"{_ungrouped(whole, text)}.{fraction}"
    if points == 1:
        whole, _, fraction = number.partition(".")
        return f"{_ungrouped(whole, text)}.{fraction}"
    return _ungrouped(number, text)


def _ungrouped(whole: str, text: str) -> str:
    if whole.isdigit():
        return whole
    if not _GROUPED.fullmatch(whole):
        raise _unclear(text)
    return re.sub(r"\D", "", whole)


def _ambiguous(text: str, whole: str, fraction: str) -> Malformed:
    return Malformed(
        f"{shortened(text)} can be read in two ways; write {whole}{fraction} or {whole}.{fraction}."
    )


def _unclear(text: str) -> Malformed:
    return Malformed(f"{shortened(text)} is not an amount such as 4.98 or 1,234.50.")

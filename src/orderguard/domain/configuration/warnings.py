"""Warn about valid settings that cost the merchant offers or fees.

Warnings do not prevent publication.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.configuration.price_samples import ANY_AMOUNT, price_samples
from orderguard.domain.configuration.setting import members_of
from orderguard.domain.errors import Problem
from orderguard.domain.money import (
    Currency,
    Money,
    exponent,
    is_listed,
    parse_currency,
    to_major_units,
)

AMOUNTS_SHOWN = 5


def warnings_of(document: Mapping[str, Any], configuration: MerchantConfiguration) -> list[Problem]:
    """The warnings about a document without problems, which the configuration was read from."""
    named = [parse_currency(text) for text in document["currencies"]]
    return [
        *_of_withdrawn_currencies(named),
        *_of_currencies_not_named(configuration, {*named}),
        *_of_prices(configuration),
    ]


def _of_withdrawn_currencies(named: list[Currency]) -> Iterator[Problem]:
    for index, currency in enumerate(named):
        if not is_listed(currency):
            message = f"ISO 4217 has withdrawn {currency}, so nothing is offered in it. Remove it."
            yield Problem(f"currencies[{index}]", message)


def _of_currencies_not_named(
    configuration: MerchantConfiguration, named: set[Currency]
) -> Iterator[Problem]:
    """One warning for each currency, where it is set first."""
    first: dict[Currency, str] = {}
    for currency, path in _places(configuration):
        first.setdefault(currency, path)
    for currency in sorted(first.keys() - named):
        message = (
            f"{currency} is not among currencies, so nothing is offered in it. Add it there, or "
            "remove its prices and limits."
        )
        yield Problem(first[currency], message)


def _places(table: Any, at: str = "") -> Iterator[tuple[Currency, str]]:
    """Every currency that settings are by, where it is."""
    for name, member in members_of(table.__class__).items():
        value = getattr(table, name)
        if member.by is Currency:
            yield from ((currency, f"{at}{name}.{currency}") for currency in value)
        elif member.by and member.is_list:
            for key, entries in value.items():
                for index, entry in enumerate(entries):
                    yield from _places(entry, f"{at}{name}.{key}[{index}].")
        elif member.is_nested and value:
            yield from _places(value, f"{at}{name}.")


def _of_prices(configuration: MerchantConfiguration) -> Iterator[Problem]:
    """Warn of amounts that clients get wrong when they multiply a price by 100 in floating point.

    Such a client compares the product with the amount, finds them different, and takes the fee off.
    """
    lost: dict[Currency, set[int]] = defaultdict(set)
    open_in: dict[Currency, None] = {}
    for currency, amount in price_samples(configuration):
        if amount is ANY_AMOUNT:
            open_in[currency] = None
        elif not survives_floating_point(amount, currency):
            lost[currency].add(amount)
    for currency, amounts in lost.items():
        yield Problem("pricing", _lost(sorted(amounts), currency))
    for currency in open_in:
        yield Problem("pricing", _open(currency))


def survives_floating_point(amount: int, currency: Currency) -> bool:
    """Whether the price in major units, times its minor units, is the amount again.

    In binary floating point, as browsers count; this is the one place that counts as they do.
    """
    unit = 10 ** exponent(currency)
    return float(amount / unit * unit) == amount


def _lost(amounts: list[int], currency: Currency) -> str:
    unit = 10 ** exponent(currency)
    first = amounts[0]
    shown = ", ".join(to_major_units(Money(each, currency)) for each in amounts[:AMOUNTS_SHOWN])
    more = f" and {len(amounts) - AMOUNTS_SHOWN} more" if len(amounts) > AMOUNTS_SHOWN else ""
    price = to_major_units(Money(first, currency))
    return (
        f"A charge in {currency} can be {shown}{more}. In floating point {price} * {unit} is "
        f"{first / unit * unit!r}: a client that compares this with the amount takes the fee off. "
        f"{_advice(currency)}"
    )


def _open(currency: Currency) -> str:
    quarter = 10 ** exponent(currency) // 4
    return (
        f"A charge in {currency} can be any amount, and about one in nine is not the same after "
        f"a client divided and multiplied it in floating point, so that it takes the fee off. "
        f"Round every mode to a step of {quarter}, or to an ending. {_advice(currency)}"
    )


def _advice(currency: Currency) -> str:
    digits = exponent(currency)
    quarter = 10**digits // 4
    safe = [f"{number * quarter:0{digits}d}" for number in range(4)]
    advice = f"Amounts that end in {', '.join(safe[:3])} or {safe[3]} are safe"
    if digits != 2:
        return f"{advice}."
    return f"{advice}, and in 98 up to 100.00, but for 4.98 and 32.98 to 39.98."

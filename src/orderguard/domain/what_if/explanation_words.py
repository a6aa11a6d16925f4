"""Explanations in words and major units, for pages and for terminals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass

from orderguard.domain.configuration.pricing import PriceComponent
from orderguard.domain.money import Currency, Money
from orderguard.domain.what_if.analysis_difference import Difference
from orderguard.domain.what_if.explanation import Explanation

SHOWN_AT_MOST = 300
"""Characters of a value that is shown; titles and lists can be long."""

PriceStep = tuple[str, str]
"""A step of the price: its name, and the amount it adds."""


def compared_in_words(compared: Mapping[str, object]) -> str:
    """The values that a check compared: `subtotal 17.80 USD, subtotal minimum 25.00 USD`."""
    currency = compared.get("currency")
    return ", ".join(
        f"{_words(name)} {_compared(name, value, currency)}" for name, value in compared.items()
    )


def _compared(name: str, value: object, currency: object) -> str:
    if name.startswith("subtotal") and isinstance(value, int):
        return str(Money(value, Currency(str(currency))))
    if name == "rules" and isinstance(value, Sequence):
        return "; ".join(_rule(each) for each in value) or "none"
    return value_in_words(value)


def _rule(verdict: Mapping[str, object]) -> str:
    if verdict["failed"]:
        return f"“{verdict['name']}” failed: {verdict['failed']}"
    return f"“{verdict['name']}” {_says(verdict)}"


def rules_in_words(explanation: Explanation) -> list[tuple[str, str, str]]:
    """Each of the merchant's rules: its name, its answer, and why its evaluation failed, or ""."""
    for check in explanation.checks:
        verdicts = check.compared.get("rules")
        if isinstance(verdicts, Sequence):
            return [(each["name"], _says(each), each["failed"] or "") for each in verdicts]
    return []


def _says(verdict: Mapping[str, object]) -> str:
    if verdict["failed"]:
        return "failed"
    return "holds" if verdict["holds"] else "does not hold"


def value_in_words(value: object) -> str:
    """A value of the domain as a person reads it: yes, none, a list with commas."""
    if value is None or value in ("", (), []):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return _cut(", ".join(str(each) for each in value))
    if is_dataclass(value) and type(value).__str__ is object.__str__:
        told = (f"{_words(f.name)} {value_in_words(getattr(value, f.name))}" for f in fields(value))
        return _cut(", ".join(told))
    return _cut(str(value))


def differences_in_words(
    found: Sequence[Difference], currency: Currency
) -> list[tuple[str, str, str]]:
    """Each change: its subject, the value before and the value after.

    `currency` is that of the cart after the change.
    """
    before = next((each.before for each in found if each.subject == "currency"), currency)
    return [
        (
            each.subject,
            _changed(each.subject, each.before, Currency(str(before))),
            _changed(each.subject, each.after, currency),
        )
        for each in found
    ]


def _changed(subject: str, value: object, currency: Currency) -> str:
    if isinstance(value, int) and subject.endswith((" amount", " price")):
        return str(Money(value, currency))
    return value_in_words(value)


def price_steps(explanation: Explanation) -> list[tuple[str, str, list[PriceStep]]]:
    """Each mode with its price and the steps that add up to it."""
    return [
        (
            price.mode,
            str(price.price),
            [
                (_step(each, price.price.currency), str(Money(each.amount, price.price.currency)))
                for each in price.components
            ],
        )
        for price in explanation.prices
    ]


def _step(component: PriceComponent, currency: Currency) -> str:
    if component.rate_bps is not None and component.basis is not None:
        percent = f"{component.rate_bps // 100}.{component.rate_bps % 100:02}"
        return f"{component.kind}: {percent} % of {Money(component.basis, currency)}"
    if component.amount_per_item is not None:
        each = Money(component.amount_per_item, currency)
        return f"{component.kind}: {component.item_count} times {each}"
    if component.basis is not None:
        return f"{component.kind} for {Money(component.basis, currency)}"
    return str(component.kind)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_AT_MOST else f"{text[: SHOWN_AT_MOST - 1]}…"

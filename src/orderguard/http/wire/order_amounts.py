"""Parse order money: the JSON type decides the unit, and a unit price is a rate (contract §9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from orderguard.domain.errors import InvalidDocument, Malformed, Problem
from orderguard.domain.money import Currency, Money, exponent, from_major_units, parse_currency
from orderguard.domain.orders.unit_price import (
    UnitPrice,
    unit_price_from_major_units,
    unit_price_of,
)
from orderguard.http.wire.order_request import AMOUNT_MAXIMUM, OrderRequest, WireOrderMoney

T = TypeVar("T")

NO_MONEY = Money(0, parse_currency("USD"))


class AmountReader:
    """Parses the amounts of one order document, and collects all problems.

    Money without a currency is in the currency of the order.
    """

    def __init__(self, wire: OrderRequest) -> None:
        self.problems: list[Problem] = []
        self._code = _currency_code(wire)

    def attempt(self, path: str, parse: Callable[[], T], otherwise: T) -> T:
        try:
            return parse()
        except Malformed as error:
            self.problems.append(Problem(path, str(error)))
            return otherwise

    def money(self, wire: WireOrderMoney, path: str, *, may_be_negative: bool = False) -> Money:
        """Parse a sum, which has no more decimals than its currency."""
        currency = self._currency(wire, path)
        if currency is None:
            return NO_MONEY
        amount = wire.amount
        money = self.attempt(
            f"{path}.amount",
            lambda: (
                from_major_units(amount, currency)
                if isinstance(amount, str)
                else Money(int(amount), currency)
            ),
            Money(0, currency),
        )
        if abs(money.amount) > AMOUNT_MAXIMUM:
            self.problems.append(_too_large(path))
        if money.amount < 0 and not may_be_negative:
            self.problems.append(
                Problem(f"{path}.amount", f"must not be negative, found {amount}.")
            )
        return money

    def unit_price(self, wire: WireOrderMoney, path: str) -> UnitPrice:
        """Parse a unit price, a text with up to 8 decimals; negative for gift cards as lines."""
        currency = self._currency(wire, path)
        if currency is None:
            return unit_price_of(NO_MONEY)
        amount = wire.amount
        price = self.attempt(
            f"{path}.amount",
            lambda: (
                unit_price_from_major_units(amount, currency)
                if isinstance(amount, str)
                else unit_price_of(Money(int(amount), currency))
            ),
            unit_price_of(Money(0, currency)),
        )
        if abs(price.steps) > unit_price_of(Money(AMOUNT_MAXIMUM, currency)).steps:
            self.problems.append(_too_large(path))
        return price

    def minor_reading(self, wire: WireOrderMoney, money: Money) -> Money | None:
        """A text of digits read as minor units; None if the text or its value is unambiguous."""
        amount = wire.amount
        is_digits = isinstance(amount, str) and amount.isascii() and amount.isdigit()
        if not is_digits or not exponent(money.currency) or not money.amount:
            return None
        return Money(int(amount), money.currency)

    def loose_price(self, value: Any) -> UnitPrice | None:
        """Parse a unit price in an unvalidated member; None if it is not a unit price.

        A number without a currency is ignored: shops mean major units by it, but our numbers are
        minor ones.
        """
        if isinstance(value, int | float):
            return None
        return self._loosely(value, AmountReader.unit_price)

    def loose_money(self, value: Any) -> Money | None:
        """Parse a sum in an unvalidated member, as its absolute value; None if it is not a sum."""

        def read(reader: AmountReader, wire: WireOrderMoney, path: str) -> Money:
            return reader.money(wire, path, may_be_negative=True)

        money = self._loosely(value, read)
        return None if money is None else Money(abs(money.amount), money.currency)

    def _loosely(
        self, value: Any, read: Callable[[AmountReader, WireOrderMoney, str], T]
    ) -> T | None:
        document = value if isinstance(value, dict) else {"amount": value}
        try:
            wire = msgspec.convert(document, WireOrderMoney)
        except msgspec.ValidationError:
            return None
        known, self.problems = self.problems, []
        found = read(self, wire, "")
        is_readable, self.problems = not self.problems, known
        return found if is_readable else None

    def _currency(self, wire: WireOrderMoney, path: str) -> Currency | None:
        code = wire.currency_code or self._code
        if code is None:
            problem = Problem(
                f"{path}.currency_code", "is missing; expected an ISO 4217 code such as USD."
            )
            self.problems.append(problem)
            return None
        return self.attempt(f"{path}.currency_code", lambda: parse_currency(code), None)

    def finish(self, at_most: int) -> None:
        """Raises `InvalidDocument` with the first `at_most` problems, if there were any."""
        if self.problems:
            raise InvalidDocument(self.problems[:at_most])


def _too_large(path: str) -> Problem:
    return Problem(f"{path}.amount", f"is above the limit of {AMOUNT_MAXIMUM} minor units.")


def _currency_code(wire: OrderRequest) -> str | None:
    """The currency of the order: the total's, or what the first other amount says."""
    prices = (line.unit_price for line in wire.line_items)
    fees = (fee.amount for fee in wire.fees or ())
    amounts = (wire.total_price, wire.total_taxes, wire.total_shipping, *prices, *fees)
    return next((each.currency_code for each in amounts if each and each.currency_code), None)


def is_something(value: Any) -> bool:
    """Whether a member that looks like an amount is neither empty nor zero."""
    if isinstance(value, Mapping):
        return is_something(value.get("amount"))
    if isinstance(value, str):
        return bool(value.strip(" 0.,-"))
    return isinstance(value, int | float) and value != 0

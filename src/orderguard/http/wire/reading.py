"""Collects problems and notes while a request is parsed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from typing import TypeVar

from orderguard.domain.errors import Malformed, Problem
from orderguard.domain.money import USD, Currency
from orderguard.http.wire.amounts import (
    AMOUNT_MAXIMUM,
    Number,
    WireMoney,
    has_fraction,
    minor_units,
    number_in,
    rounded_half_up,
    without_fraction,
)
from orderguard.http.wire.notes import Notes
from orderguard.http.wire.whole import id_text

T = TypeVar("T")

ID_LENGTH = 255
"""Characters; the types of the wire say the same of ids that are strings."""


@dataclass(slots=True)
class Reading:
    """The problems and the tolerated deviations found so far in one request."""

    currency: Currency = USD
    problems: list[Problem] = field(default_factory=list)
    notes: Notes = field(default_factory=Notes)
    rounded: dict[str, float] = field(default_factory=dict)
    """Line totals with a fraction of a minor unit, by path."""

    def attempt(self, path: str, parse: Callable[[], T], otherwise: T) -> T:
        """Call `parse`; if it raises `Malformed`, record a problem and return `otherwise`."""
        try:
            return parse()
        except Malformed as error:
            self.problems.append(Problem(path, str(error)))
            return otherwise

    def attempt_optional(self, path: str, parse: Callable[[], T]) -> T | None:
        """The result of `parse`; if it raises `Malformed`, records a note and returns None."""
        try:
            return parse()
        except Malformed as error:
            self.notes.add(path, f"was left out: {error}")
            return None

    def id(self, value: str | float | None, field: str, line: int | None = None) -> str | None:
        """An id as text, because platforms send numbers, too; too long a number is a problem."""
        if value is None or isinstance(value, str):
            return value
        if abs(value) >= 10**ID_LENGTH:
            message = f"has more than {ID_LENGTH} digits."
            self.problems.append(Problem(path_of(field, line), message))
            return None
        return id_text(value)

    def optional_id(
        self, value: str | float | None, field: str, line: int | None = None
    ) -> str | None:
        """Like `id`, but too long a number is left out with a note."""
        if value is None or isinstance(value, str):
            return value
        if abs(value) >= 10**ID_LENGTH:
            path = path_of(field, line)
            self.notes.add(path, f"was left out: it has more than {ID_LENGTH} digits.")
            return None
        return id_text(value)

    def amount(self, amount: Number | WireMoney, field: str, line: int | None = None) -> int:
        # Fast path: nearly every amount is a plain integer.
        if type(amount) is int and 0 <= amount <= AMOUNT_MAXIMUM:
            return amount
        return self.attempt(
            path_of(field, line),
            lambda: minor_units(amount, self.currency, notes=self.notes.money),
            0,
        )

    def line_total(self, amount: Number | WireMoney, field: str, line: int) -> int:
        """Parse a line's total; a fraction of a minor unit is rounded half up."""
        if type(amount) is int and 0 <= amount <= AMOUNT_MAXIMUM:
            return amount
        if not has_fraction(amount):
            return self.amount(amount, field, line)
        path = path_of(field, line)
        return self.attempt(path, lambda: self._rounded(amount, path), 0)

    def _rounded(self, amount: Number | WireMoney, path: str) -> int:
        number = float(number_in(amount, self.currency, notes=self.notes.money))
        self.rounded[path] = number
        return rounded_half_up(number)

    def unit_price(self, amount: Number | WireMoney, line: int) -> int:
        """A unit price truncated to whole minor units, because no price depends on it."""
        if type(amount) is int and 0 <= amount <= AMOUNT_MAXIMUM:
            return amount
        if not has_fraction(amount):
            return self.amount(amount, "unitPrice", line)
        return self.attempt(path_of("unitPrice", line), lambda: self._whole(amount), 0)

    def _whole(self, amount: Number | WireMoney) -> int:
        number = float(number_in(amount, self.currency, notes=self.notes.money))
        self.notes.money.add("unit prices sent with a fraction of a minor unit, which is dropped")
        return without_fraction(number)

    def pieces(self, number: float, path: str) -> int:
        """A number of pieces, rounded up: 2.5 metres of cloth are 3 pieces."""
        whole = ceil(number)
        if whole != number:
            self.notes.add(path, f"{number} counts as {whole} pieces.")
        return whole


def path_of(field: str, line: int | None) -> str:
    """The path of a member of the request, or of the cart line with index `line`."""
    return field if line is None else f"cart.lines[{line}].{field}"

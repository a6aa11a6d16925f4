"""Which lines an exclusion, or the merchant's list of coverage products, speaks of (contract §10).

A matcher names one or more fields of a line; all of them must agree. `*` stands for any run of
characters. Ids are compared exactly; words that people type (SKU, tag, vendor, product type,
collection) without regard to case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import translate
from functools import cached_property
from typing import Literal, NamedTuple, get_args

from orderguard.domain.cart import CartLine

LineField = Literal[
    "product_id", "variant_id", "sku", "product_type", "vendor", "tag", "collection"
]
LINE_FIELDS: tuple[LineField, ...] = get_args(LineField)

_EXACT_FIELDS = frozenset({"product_id", "variant_id"})

_VALUES: dict[LineField, Callable[[CartLine], Iterable[str | None]]] = {
    "product_id": lambda line: (line.product_id,),
    "variant_id": lambda line: (line.variant_id,),
    "sku": lambda line: (line.sku,),
    "product_type": lambda line: (line.product_type,),
    "vendor": lambda line: (line.vendor,),
    "tag": lambda line: line.tags,
    "collection": lambda line: line.collections,
}


@dataclass(frozen=True, slots=True)
class LinePattern:
    """One field of a line and what it must look like."""

    field: LineField
    pattern: str

    @property
    def is_plain(self) -> bool:
        """Whether the pattern is a literal, so that a set can answer for many of them at once."""
        return "*" not in self.pattern

    @property
    def key(self) -> str:
        """The literal in the form in which values of this field are compared."""
        return _comparable(self.field, self.pattern)


@dataclass(frozen=True, slots=True)
class LineMatcher:
    """An entry of `exclusions` or `coverage_products`: patterns that must all hold."""

    patterns: tuple[LinePattern, ...]

    def __str__(self) -> str:
        return ", ".join(f"{pattern.field} = {pattern.pattern}" for pattern in self.patterns)


class _FieldTest(NamedTuple):
    """All matchers that look at one field only: what nearly every list consists of."""

    values: Callable[[CartLine], Iterable[str | None]]
    folds_case: bool
    literals: frozenset[str]
    pattern: re.Pattern[str] | None

    def holds(self, line: CartLine) -> bool:
        for value in self.values(line):
            if value is None:
                continue
            text = value.casefold() if self.folds_case else value
            if text in self.literals or (self.pattern and self.pattern.match(text)):
                return True
        return False


@dataclass(frozen=True)
class LineMatchers:
    """A list of matchers, of which any one may hold."""

    matchers: tuple[LineMatcher, ...] = ()

    def match(self, line: CartLine) -> bool:
        """Whether some matcher speaks of this line."""
        return any(test.holds(line) for test in self._field_tests) or any(
            all(_holds(field, pattern, line) for field, pattern in patterns)
            for patterns in self._combinations
        )

    def first_match(self, line: CartLine) -> LineMatcher | None:
        """The matcher that a person would be shown as the cause; None when none speaks of it."""
        return next((m for m in self.matchers if LineMatchers((m,)).match(line)), None)

    @cached_property
    def _field_tests(self) -> tuple[_FieldTest, ...]:
        by_field: dict[LineField, list[LinePattern]] = {}
        for matcher in self.matchers:
            if len(matcher.patterns) == 1:
                by_field.setdefault(matcher.patterns[0].field, []).append(matcher.patterns[0])
        return tuple(_field_test(field, patterns) for field, patterns in by_field.items())

    @cached_property
    def _combinations(self) -> tuple[tuple[tuple[LineField, re.Pattern[str]], ...], ...]:
        return tuple(
            tuple((pattern.field, re.compile(_expression(pattern))) for pattern in matcher.patterns)
            for matcher in self.matchers
            if len(matcher.patterns) > 1
        )


def _field_test(field: LineField, patterns: Iterable[LinePattern]) -> _FieldTest:
    literals = frozenset(pattern.key for pattern in patterns if pattern.is_plain)
    expressions = [_expression(pattern) for pattern in patterns if not pattern.is_plain]
    return _FieldTest(
        _VALUES[field],
        field not in _EXACT_FIELDS,
        literals,
        re.compile("|".join(expressions)) if expressions else None,
    )


def _comparable(field: LineField, text: str) -> str:
    return text if field in _EXACT_FIELDS else text.casefold()


def _expression(pattern: LinePattern) -> str:
    # fnmatch builds an expression that cannot backtrack without bound; only its * is ours.
    return translate(pattern.key.replace("[", "[[]").replace("?", "[?]"))


def _holds(field: LineField, pattern: re.Pattern[str], line: CartLine) -> bool:
    return any(
        value is not None and pattern.match(_comparable(field, value)) is not None
        for value in _VALUES[field](line)
    )

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
from typing import Literal, get_args

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


@dataclass(frozen=True)
class LineMatchers:
    """A list of matchers, of which any one may hold."""

    matchers: tuple[LineMatcher, ...] = ()

    def match(self, line: CartLine) -> bool:
        """Whether some matcher speaks of this line."""
        for field, literals in self._literals:
            for value in _VALUES[field](line):
                if value is not None and _comparable(field, value) in literals:
                    return True
        return any(
            all(_holds(field, pattern, line) for field, pattern in patterns)
            for patterns in self._combinations
        )

    def first_match(self, line: CartLine) -> LineMatcher | None:
        """The matcher that a person would be shown as the cause; None when none speaks of it."""
        return next((m for m in self.matchers if LineMatchers((m,)).match(line)), None)

    @cached_property
    def _literals(self) -> tuple[tuple[LineField, frozenset[str]], ...]:
        """The matchers of a single plain pattern, by field: what nearly all lists consist of."""
        found: dict[LineField, set[str]] = {}
        for matcher in self.matchers:
            if _is_single_literal(matcher):
                found.setdefault(matcher.patterns[0].field, set()).add(matcher.patterns[0].key)
        return tuple((field, frozenset(keys)) for field, keys in found.items())

    @cached_property
    def _combinations(self) -> tuple[tuple[tuple[LineField, re.Pattern[str]], ...], ...]:
        return tuple(
            tuple((pattern.field, _compiled(pattern)) for pattern in matcher.patterns)
            for matcher in self.matchers
            if not _is_single_literal(matcher)
        )


def _is_single_literal(matcher: LineMatcher) -> bool:
    return len(matcher.patterns) == 1 and matcher.patterns[0].is_plain


def _comparable(field: LineField, text: str) -> str:
    return text if field in _EXACT_FIELDS else text.casefold()


def _compiled(pattern: LinePattern) -> re.Pattern[str]:
    # fnmatch builds an expression that cannot backtrack without bound; only its * is ours.
    return re.compile(translate(pattern.key.replace("[", "[[]").replace("?", "[?]")))


def _holds(field: LineField, pattern: re.Pattern[str], line: CartLine) -> bool:
    return any(
        value is not None and pattern.match(_comparable(field, value)) is not None
        for value in _VALUES[field](line)
    )

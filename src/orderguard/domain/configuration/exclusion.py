"""Match cart lines with exclusions and with the list of coverage products (contract §10).

A matcher names one or more fields of a line; all of them must agree. `*` stands for any run of
characters. Ids are compared exactly; words that people type (SKU, tag, vendor, product type,
collection) without regard to case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import IntEnum
from fnmatch import translate
from functools import cached_property
from itertools import chain
from operator import itemgetter
from typing import Annotated, Any, Literal, NamedTuple, get_args

from orderguard.domain.cart import CartLine
from orderguard.domain.configuration.setting import Setting
from orderguard.domain.errors import Malformed

LineField = Literal[
    "product_id", "variant_id", "sku", "product_type", "vendor", "tag", "collection"
]
LINE_FIELDS: tuple[LineField, ...] = get_args(LineField)

_EXACT_FIELDS = frozenset({"product_id", "variant_id"})

_ATTRIBUTES = {"tag": "tags", "collection": "collections"}
"""The fields of which a line has several values."""


@dataclass(frozen=True, slots=True)
class LinePattern:
    """One field of a line and the pattern that its value must match."""

    field: LineField
    pattern: str

    @property
    def is_plain(self) -> bool:
        """Whether the pattern has no wildcard, so that a set look-up can test many at once."""
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


def line_pattern(text: str) -> str:
    """The pattern. Raises `Malformed` when it matches every line, or has too many wildcards."""
    if not text.strip("*"):
        raise Malformed("a lone * matches every line; to stop offering, set enabled = false.")
    if text.count("*") > 5:
        raise Malformed(f"expected at most 5 wildcards, found {text.count('*')}.")
    return text


def _pattern_of(label: str) -> Setting:
    meaning = "* stands for any characters."
    return Setting(label, meaning=meaning, length=255, parse=line_pattern)


@dataclass(frozen=True, slots=True)
class LineConditions:
    """One entry of a list of exclusions, as in the document: each field set is a pattern."""

    sku: Annotated[str | None, _pattern_of("SKU")] = None
    tag: Annotated[str | None, _pattern_of("Tag")] = None
    product_type: Annotated[str | None, _pattern_of("Product type")] = None
    vendor: Annotated[str | None, _pattern_of("Vendor")] = None
    collection: Annotated[str | None, _pattern_of("Collection")] = None
    product_id: Annotated[str | None, _pattern_of("Product id")] = None
    variant_id: Annotated[str | None, _pattern_of("Variant id")] = None

    @property
    def matcher(self) -> LineMatcher:
        """The matcher, with its patterns in the order of `LINE_FIELDS`."""
        patterns = ((field, getattr(self, field)) for field in LINE_FIELDS)
        return LineMatcher(tuple(LinePattern(field, text) for field, text in patterns if text))


class _FieldTest(NamedTuple):
    """All matchers of one single field, the kind that most lists consist of."""

    place: int
    """The index of the field in a line."""
    is_list: bool
    folds_case: bool
    literals: frozenset[str]
    pattern: re.Pattern[str] | None

    def indexes(self, lines: Sequence[Any]) -> set[int]:
        """The indexes of the lines whose field matches.

        Carts may be long, with many equal values and hardly a match: each distinct value is matched
        once, and the lines are searched only if a value matches.
        """
        place = self.place
        column = [line[place] for line in lines]
        values = set(chain.from_iterable(column)) if self.is_list else set(column) - {None}
        found = {value for value in values if self._matches(value)}
        if not found:
            return set()
        if self.is_list:
            return {i for i, values in enumerate(column) if not found.isdisjoint(values)}
        return {i for i, value in enumerate(column) if value in found}

    def _matches(self, value: Any) -> bool:
        text = value.casefold() if self.folds_case else value
        return text in self.literals or bool(self.pattern and self.pattern.match(text))


REMEMBERED_CHARACTERS = 1_000_000
"""How much text of lines one configuration remembers, before it forgets all of it."""


class LineKind(IntEnum):
    """The part of an offer that a line has; 0 is the usual one."""

    COVERABLE = 0
    COVERAGE_PRODUCT = 1
    EXCLUDED = 2


class _Remembered(dict[Any, LineKind]):
    """The kinds of lines by their values. Bounded, because strangers choose the values."""

    size = 0
    """Characters, and one for each value."""

    def remember(self, kinds: Mapping[Any, LineKind]) -> None:
        size = sum(_size(values) for values in kinds if values not in self)
        if self.size + size > REMEMBERED_CHARACTERS:
            self.clear()
            self.size = 0
        if size <= REMEMBERED_CHARACTERS:
            self.size += size
            self.update(kinds)


def _size(values: object) -> int:
    if isinstance(values, tuple):
        return 1 + sum(map(_size, values))
    return 1 + len(values) if isinstance(values, str) else 1


@dataclass(frozen=True)
class LineMatchers:
    """A list of matchers, of which any one may hold."""

    matchers: tuple[LineMatcher, ...] = ()

    def indexes(self, lines: Sequence[CartLine]) -> Set[int]:
        """The indexes of the lines that any matcher matches."""
        found: set[int] = set()
        for test in self._field_tests:
            found |= test.indexes(lines)
        for tests in self._combinations:
            found |= set.intersection(*[test.indexes(lines) for test in tests])
        return found

    def match(self, line: CartLine) -> bool:
        """Whether any matcher matches this line."""
        return bool(self.indexes((line,)))

    def first_match(self, line: CartLine) -> LineMatcher | None:
        """The first matcher that matches the line, to show as the cause; None when none does."""
        return next((m for m in self.matchers if LineMatchers((m,)).match(line)), None)

    @classmethod
    def of(cls, conditions: Sequence[LineConditions]) -> LineMatchers:
        """The matchers for entries of a configuration, in their order."""
        return cls(tuple(each.matcher for each in conditions))

    @property
    def places(self) -> set[int]:
        """The indexes, in a line, of the fields that the matchers name."""
        patterns = chain.from_iterable(matcher.patterns for matcher in self.matchers)
        return {_place_of(pattern.field) for pattern in patterns}

    @cached_property
    def _field_tests(self) -> tuple[_FieldTest, ...]:
        by_field: dict[LineField, list[LinePattern]] = {}
        for matcher in self.matchers:
            if len(matcher.patterns) == 1:
                by_field.setdefault(matcher.patterns[0].field, []).append(matcher.patterns[0])
        return tuple(_field_test(field, patterns) for field, patterns in by_field.items())

    @cached_property
    def _combinations(self) -> tuple[tuple[_FieldTest, ...], ...]:
        return tuple(
            tuple(_field_test(pattern.field, [pattern]) for pattern in matcher.patterns)
            for matcher in self.matchers
            if len(matcher.patterns) > 1
        )


class LineSorter:
    """Sorts the lines of carts into coverage products, excluded ones and the rest.

    Shoppers buy the same goods again and again, so the kind of a line is remembered by the values
    of the fields that the matchers name.
    """

    def __init__(self, coverage_products: LineMatchers, exclusions: LineMatchers) -> None:
        self._coverage_products = coverage_products
        self._exclusions = exclusions
        places = coverage_products.places | exclusions.places
        self._values: Callable[[CartLine], Any] | None = None
        if places:
            self._values = itemgetter(*sorted(places))
        self._remembered = _Remembered()

    def kinds(self, lines: Sequence[CartLine]) -> Sequence[LineKind]:
        """The kind of each line; empty when all are coverable."""
        values, remembered = self._values, self._remembered
        if values is None:
            return ()
        try:
            kinds = [remembered[values(line)] for line in lines]
        except KeyError:
            kinds = self._learn(values, lines)
        return kinds if any(kinds) else ()

    def _learn(
        self, values: Callable[[CartLine], Any], lines: Sequence[CartLine]
    ) -> list[LineKind]:
        kinds = [LineKind.COVERABLE] * len(lines)
        for index in self._exclusions.indexes(lines):
            kinds[index] = LineKind.EXCLUDED
        for index in self._coverage_products.indexes(lines):
            kinds[index] = LineKind.COVERAGE_PRODUCT
        self._remembered.remember(dict(zip(map(values, lines), kinds, strict=True)))
        return kinds


def _field_test(field: LineField, patterns: Sequence[LinePattern]) -> _FieldTest:
    literals = frozenset(pattern.key for pattern in patterns if pattern.is_plain)
    expressions = [_expression(pattern) for pattern in patterns if not pattern.is_plain]
    return _FieldTest(
        _place_of(field),
        field in _ATTRIBUTES,
        field not in _EXACT_FIELDS,
        literals,
        re.compile("|".join(expressions)) if expressions else None,
    )


def _place_of(field: LineField) -> int:
    return CartLine._fields.index(_ATTRIBUTES.get(field, field))


def _comparable(field: LineField, text: str) -> str:
    return text if field in _EXACT_FIELDS else text.casefold()


def _expression(pattern: LinePattern) -> str:
    # fnmatch builds an expression that cannot backtrack without bound; only its * is ours.
    return translate(pattern.key.replace("[", "[[]").replace("?", "[?]"))

"""Form controls bound to a document: one for every value that it has, or could have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orderguard.actions.configuration_source.text import Path
from orderguard.admin.configuration_form.controls import (
    CURRENCY,
    PARTS,
    Control,
    Entries,
    FormMember,
    Matchers,
    Matrix,
)
from orderguard.admin.configuration_form.values import shown
from orderguard.domain.configuration.exclusion import LINE_FIELDS
from orderguard.domain.configuration.setting import Kind, Part
from orderguard.domain.errors import Malformed
from orderguard.domain.money import Currency, parse_currency

MATCHERS_SHOWN_AT_MOST = 300
"""Longer lists usually come from a spreadsheet, and are easier to edit as text."""

FIELDS_SHOWN_AT_MOST = 4_500
"""Fields of a form as rendered: below the limit for sent fields, so that entries can be added."""


class FormTooLarge(Malformed):
    """The configuration needs more controls than a page can hold."""

    def __init__(self) -> None:
        super().__init__("This configuration is larger than a form can hold.")


@dataclass(frozen=True, slots=True)
class BoundControl:
    """A control with its value in the document. `name` is its path, as in problems."""

    control: Control
    name: str
    path: Path
    value: Any
    currency: Currency | None = None

    @property
    def text(self) -> str:
        return shown(self.control, self.value, self.currency)

    @property
    def ticked(self) -> list[str]:
        return [str(each) for each in self.value] if isinstance(self.value, list) else []

    @property
    def options(self) -> list[tuple[str, str]]:
        """The options, and values of the document beyond them, which must not be lost."""
        present = self.ticked if self.control.kind is Kind.TICKS else [self.text]
        known = [value for value, _ in self.control.options]
        others = [(each, each) for each in dict.fromkeys(present) if each and each not in known]
        missing = [("", "Choose one")] if self._has_no_choice(known) else []
        return [*missing, *self.control.options, *others]

    def _has_no_choice(self, known: Sequence[str]) -> bool:
        return self.control.kind is Kind.CHOICE and not self.text and "" not in known


@dataclass(frozen=True, slots=True)
class BoundMatrix:
    """A row of controls for each currency that the merchant sells in, or has an amount in."""

    matrix: Matrix
    name: str
    rows: tuple[tuple[Currency, tuple[BoundControl, ...]], ...]


@dataclass(frozen=True, slots=True)
class BoundMatcher:
    """One entry of a list of matchers. With several conditions, there is a control for each."""

    name: str
    field: str
    pattern: str
    conditions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class BoundMatchers:
    matchers: Matchers
    name: str
    path: Path
    found: tuple[BoundMatcher, ...]
    count: int

    @property
    def is_too_long(self) -> bool:
        return self.count > MATCHERS_SHOWN_AT_MOST


@dataclass(frozen=True, slots=True)
class BoundEntry:
    """One table of a list."""

    name: str
    number: int
    title: str
    members: tuple[BoundMember, ...]
    is_last: bool


@dataclass(frozen=True, slots=True)
class BoundEntries:
    """A list of tables; of one currency, if it is kept by currency."""

    entries: Entries
    name: str
    path: Path
    items: tuple[BoundEntry, ...]
    currency: Currency | None = None


BoundMember = BoundControl | BoundMatrix | BoundMatchers | BoundEntries


@dataclass(frozen=True, slots=True)
class BoundPart:
    part: Part
    members: tuple[BoundMember, ...]


def bind(document: Mapping[str, Any], wide: str = "") -> tuple[BoundPart, ...]:
    """The whole form. `wide` names a matcher that is about to get further conditions.

    Raises `FormTooLarge`. A short text can ask for millions of controls, because each currency has
    its own in every price plan; so they are counted while they are made.
    """
    binder = _Binder(document, wide)
    return tuple(BoundPart(part.part, binder.members(part.members, ())) for part in PARTS)


def controls_of(members: Sequence[BoundMember]) -> Iterator[BoundControl]:
    """All controls of these members and of the members nested in them."""
    for member in members:
        match member:
            case BoundControl():
                yield member
            case BoundMatrix():
                yield from (each for _, row in member.rows for each in row)
            case BoundEntries():
                for item in member.items:
                    yield from controls_of(item.members)


def lists_of(members: Sequence[BoundMember]) -> Iterator[BoundEntries | BoundMatchers]:
    """All lists of tables among these members and the members nested in them."""
    for member in members:
        if isinstance(member, BoundEntries):
            yield member
            for item in member.items:
                yield from lists_of(item.members)
        elif isinstance(member, BoundMatchers):
            yield member


def name_of(path: Path) -> str:
    """The name of a path in problems: `rules[0].name`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


_STEP = re.compile(r"[^.\[\]]+|\[(\d{1,6})\]")


def value_at(document: Any, path: Path) -> Any:
    """The value at a path of the document; None when there is none."""
    for step in path:
        if isinstance(step, str) and isinstance(document, Mapping):
            document = document.get(step)
        elif isinstance(step, int) and isinstance(document, list) and step < len(document):
            document = document[step]
        else:
            return None
    return document


class _Binder:
    def __init__(self, document: Mapping[str, Any], wide: str) -> None:
        self._document = document
        self._wide = wide
        self._currencies = tuple(dict.fromkeys(_currencies(document.get("currencies"))))
        self._left = FIELDS_SHOWN_AT_MOST

    def _count(self, fields: int) -> None:
        self._left -= fields
        if self._left < 0:
            raise FormTooLarge

    def members(
        self, members: Sequence[FormMember], at: Path, currency: Currency | None = None
    ) -> tuple[BoundMember, ...]:
        return tuple(bound for member in members for bound in self._member(member, at, currency))

    def _member(
        self, member: FormMember, at: Path, currency: Currency | None
    ) -> Iterator[BoundMember]:
        match member:
            case Control():
                yield self._control(member, at, currency)
            case Matrix():
                yield self._matrix(member, at)
            case Matchers():
                yield self._matchers(member)
            case Entries() if CURRENCY in member.path:
                for each in self._used([member.path], at):
                    yield self._entries(member, at, each)
            case Entries():
                yield self._entries(member, at, currency)

    def _control(self, control: Control, at: Path, currency: Currency | None) -> BoundControl:
        path = self._path(control.path, at, currency)
        bound = BoundControl(control, name_of(path), path, value_at(self._document, path), currency)
        self._count(2 if control.kind is Kind.TOGGLE else 1 + len(bound.ticked))
        return bound

    def _matrix(self, matrix: Matrix, at: Path) -> BoundMatrix:
        rows = [
            (currency, tuple(self._control(each, at, currency) for each in matrix.columns))
            for currency in self._used([each.path for each in matrix.columns], at)
        ]
        return BoundMatrix(matrix, name_of(at), tuple(rows))

    def _used(self, paths: Sequence[str], at: Path) -> tuple[Currency, ...]:
        """The currencies of the merchant, and those for which one of these paths has something."""
        found = list(self._currencies)
        for path in paths:
            table = value_at(self._document, (*at, *_before_currency(path)))
            found += _currencies(list(table) if isinstance(table, dict) else [])
        return tuple(dict.fromkeys(found))

    def _path(self, path: str, at: Path, currency: Currency | None) -> Path:
        """The path within the document, with the currency spelled as in the document."""
        steps = list(at)
        for step in path.split("."):
            if step == CURRENCY and currency:
                table = value_at(self._document, tuple(steps))
                keys = table if isinstance(table, dict) else {}
                step = next((key for key in keys if key.upper() == currency), currency)
            steps.append(step)
        return tuple(steps)

    def _entries(self, entries: Entries, at: Path, currency: Currency | None) -> BoundEntries:
        path = self._path(entries.path, at, currency)
        value = value_at(self._document, path)
        tables = value if isinstance(value, list) else []
        items = tuple(
            BoundEntry(
                name_of((*path, index)),
                index + 1,
                _title(table, entries.title),
                self.members(entries.members, (*path, index), currency),
                index == len(tables) - 1,
            )
            for index, table in enumerate(tables)
        )
        return BoundEntries(entries, name_of(path), path, items, currency)

    def _matchers(self, matchers: Matchers) -> BoundMatchers:
        value = self._document.get(matchers.path)
        tables = value if isinstance(value, list) else []
        shown_ones = tables if len(tables) <= MATCHERS_SHOWN_AT_MOST else []
        found = tuple(
            self._matcher(f"{matchers.path}[{index}]", table)
            for index, table in enumerate(shown_ones)
        )
        self._count(sum(len(each.conditions) or 2 for each in found))
        return BoundMatchers(matchers, matchers.path, (matchers.path,), found, len(tables))

    def _matcher(self, name: str, table: Any) -> BoundMatcher:
        table = table if isinstance(table, dict) else {}
        present = [(field, str(table[field])) for field in LINE_FIELDS if field in table]
        if len(present) > 1 or name == self._wide:
            conditions = tuple((field, dict(present).get(field, "")) for field in LINE_FIELDS)
            return BoundMatcher(name, "", "", conditions)
        field, pattern = present[0] if present else ("sku", "")
        return BoundMatcher(name, field, pattern)


def _before_currency(path: str) -> list[str]:
    return path.split(".")[: path.split(".").index(CURRENCY)]


def _currencies(codes: Any) -> list[Currency]:
    found = []
    for code in codes if isinstance(codes, list) else []:
        try:
            found.append(parse_currency(str(code)))
        except Malformed:
            continue  # named as a problem where it stands
    return found


def _title(table: Any, member: str) -> str:
    value = table.get(member) if isinstance(table, dict) and member else None
    return " ".join(value.split()) if isinstance(value, str) else ""

"""Bind a document to form controls, one for every possible setting (ADR 0071)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orderguard.actions.configuration_source.text import Path
from orderguard.admin.configuration_form.places import CURRENCY, Place, flattened, places_of
from orderguard.admin.configuration_form.values import shown
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.configuration.exclusion import LINE_FIELDS, LineConditions
from orderguard.domain.configuration.setting import Group, Kind, Part, members_of
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
    """A form control of a setting, with its value. `name` is the setting's path in problems."""

    place: Place
    name: str
    path: Path
    value: Any
    currency: Currency | None = None

    @property
    def kind(self) -> Kind:
        return self.place.member.kind

    @property
    def label(self) -> str:
        return self.place.label

    @property
    def help(self) -> str:
        return self.place.help

    @property
    def unit(self) -> str:
        return {Kind.AMOUNT: "", Kind.PERCENT: "%"}.get(self.kind, self.place.member.setting.unit)

    @property
    def is_required(self) -> bool:
        return self.place.member.is_required and not self.place.is_nested

    @property
    def text(self) -> str:
        default = self.place.member.default
        is_absent = self.value is None and self.kind in (Kind.TOGGLE, Kind.CHOICE)
        return shown(self.kind, default if is_absent else self.value, self.currency)

    @property
    def ticked(self) -> list[str]:
        return [str(each) for each in self.value] if isinstance(self.value, list) else []

    @property
    def options(self) -> list[tuple[str, str]]:
        """Values and labels to choose from, including values of the document that are no option."""
        member, setting = self.place.member, self.place.member.setting
        options = [("", setting.absent)] if setting.absent else []
        options += [(str(each), setting.labels[each]) for each in member.choices]
        present = self.ticked if self.kind is Kind.TICKS else [self.text]
        known = [value for value, _ in options]
        if self.kind is Kind.CHOICE and not self.text and "" not in known:
            options = [("", "Choose one"), *options]
        return [*options, *((e, e) for e in dict.fromkeys(present) if e and e not in known)]


@dataclass(frozen=True, slots=True)
class BoundMatrix:
    """A table of controls for amounts, with a row per currency that the merchant uses."""

    label: str
    help: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Currency, tuple[BoundControl, ...]], ...]


@dataclass(frozen=True, slots=True)
class BoundMatcher:
    """The controls of one exclusion or coverage product; with several conditions, one for each."""

    name: str
    field: str
    pattern: str
    conditions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class BoundMatchers:
    label: str
    help: str
    name: str
    path: Path
    found: tuple[BoundMatcher, ...]
    count: int

    @property
    def is_too_long(self) -> bool:
        return self.count > MATCHERS_SHOWN_AT_MOST


@dataclass(frozen=True, slots=True)
class BoundEntry:
    """The controls of one entry of a list of tables, such as one rule."""

    name: str
    number: int
    title: str
    members: tuple[BoundMember, ...]
    is_last: bool


@dataclass(frozen=True, slots=True)
class BoundEntries:
    """The controls of a list of tables, such as the rules.

    `currency` is set if there is a list per currency.
    """

    place: Place
    name: str
    path: Path
    items: tuple[BoundEntry, ...]
    currency: Currency | None = None

    @property
    def label(self) -> str:
        return self.place.label

    @property
    def help(self) -> str:
        return self.place.help

    @property
    def word(self) -> str:
        """The noun for one entry, such as "rule"."""
        return self.place.member.setting.word

    @property
    def title(self) -> str:
        """The name of the member whose value is shown as an entry's title."""
        return self.place.member.setting.title

    @property
    def is_flat(self) -> bool:
        return self.place.member.setting.is_flat

    @property
    def fresh(self) -> dict[str, Any]:
        """The document of a new entry: the first option for each required choice."""
        table = self.place.member.table
        members = members_of(table).values() if table else ()
        return {e.name: str(e.choices[0]) for e in members if e.is_required and e.choices}


BoundMember = BoundControl | BoundMatrix | BoundMatchers | BoundEntries


@dataclass(frozen=True, slots=True)
class BoundPart:
    part: Part
    members: tuple[BoundMember, ...]


def bind(document: Mapping[str, Any], wide: str = "") -> tuple[BoundPart, ...]:
    """Bind the whole form. `wide` names a matcher that is to show more conditions.

    Raises `FormTooLarge`. A short text can ask for millions of controls, because each currency has
    its own in every price plan; so they are counted while they are made.
    """
    binder = _Binder(document, wide)
    parts: dict[Part, list[Place]] = {}
    for member in members_of(MerchantConfiguration).values():
        places = parts.setdefault(member.setting.begins or [*parts][-1], [])
        places += flattened(Place((member.name,), member))
    return tuple(BoundPart(part, binder.members(places)) for part, places in parts.items())


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
    """All lists of tables and of matchers among these members, also nested ones."""
    for member in members:
        if isinstance(member, BoundEntries):
            yield member
            for item in member.items:
                yield from lists_of(item.members)
        elif isinstance(member, BoundMatchers):
            yield member


def name_of(path: Path) -> str:
    """A path as it is written in problems: `rules[0].name`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


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
        self, places: Iterable[Place], currency: Currency | None = None
    ) -> tuple[BoundMember, ...]:
        """The controls of settings; the amounts of a group are one matrix, where the first is."""
        together: dict[Any, list[Place]] = {}
        for each in places:
            together.setdefault(each.member.setting.group or each.path, []).append(each)
        return tuple(
            bound for key, found in together.items() for bound in self._bound(key, found, currency)
        )

    def _bound(
        self, key: Any, places: list[Place], currency: Currency | None
    ) -> Iterator[BoundMember]:
        place, member = places[0], places[0].member
        if isinstance(key, Group):
            yield self._matrix(key.label, key.help, places)
        elif member.table is None:
            yield self._control(place, currency)
        elif member.table is LineConditions:
            yield self._matchers(place)
        elif not member.is_list:
            yield self._matrix(place.label, place.help, [*places_of(member.table, place.path)])
        elif member.by is Currency:
            for each in self._used([place]):
                yield self._entries(place, member.table, each)
        else:
            yield self._entries(place, member.table, currency)

    def _control(self, place: Place, currency: Currency | None) -> BoundControl:
        path = self._path(place.path, currency)
        bound = BoundControl(place, name_of(path), path, value_at(self._document, path), currency)
        self._count(2 if bound.kind is Kind.TOGGLE else 1 + len(bound.ticked))
        return bound

    def _matrix(self, label: str, help_: str, columns: Sequence[Place]) -> BoundMatrix:
        rows = [
            (currency, tuple(self._control(each, currency) for each in columns))
            for currency in self._used(columns)
        ]
        return BoundMatrix(label, help_, tuple(each.label for each in columns), tuple(rows))

    def _used(self, places: Sequence[Place]) -> tuple[Currency, ...]:
        """The currencies of the merchant, and those for which one of these has something."""
        found = list(self._currencies)
        for each in places:
            table = value_at(self._document, each.path[: each.path.index(CURRENCY)])
            found += _currencies(list(table) if isinstance(table, dict) else [])
        return tuple(dict.fromkeys(found))

    def _path(self, path: Path, currency: Currency | None) -> Path:
        """The path with the currency spelled as in the document."""
        if currency is None or CURRENCY not in path:
            return path
        place = path.index(CURRENCY)
        table = value_at(self._document, path[:place])
        keys = table if isinstance(table, dict) else {}
        code = next((key for key in keys if key.upper() == currency), currency)
        return (*path[:place], code, *path[place + 1 :])

    def _entries(self, place: Place, table: type, currency: Currency | None) -> BoundEntries:
        path = self._path(place.path, currency)
        value = value_at(self._document, path)
        entries = value if isinstance(value, list) else []
        items = tuple(
            BoundEntry(
                name_of((*path, index)),
                index + 1,
                _title(entry, place.member.setting.title),
                self.members(places_of(table, (*path, index)), currency),
                index == len(entries) - 1,
            )
            for index, entry in enumerate(entries)
        )
        return BoundEntries(place, name_of(path), path, items, currency)

    def _matchers(self, place: Place) -> BoundMatchers:
        name, value = name_of(place.path), value_at(self._document, place.path)
        tables = value if isinstance(value, list) else []
        shown_ones = tables if len(tables) <= MATCHERS_SHOWN_AT_MOST else []
        found = tuple(self._matcher(f"{name}[{i}]", table) for i, table in enumerate(shown_ones))
        self._count(sum(len(each.conditions) or 2 for each in found))
        return BoundMatchers(place.label, place.help, name, place.path, found, len(tables))

    def _matcher(self, name: str, table: Any) -> BoundMatcher:
        table = table if isinstance(table, dict) else {}
        present = [(field, str(table[field])) for field in LINE_FIELDS if field in table]
        if len(present) > 1 or name == self._wide:
            conditions = tuple((field, dict(present).get(field, "")) for field in LINE_FIELDS)
            return BoundMatcher(name, "", "", conditions)
        field, pattern = present[0] if present else ("sku", "")
        return BoundMatcher(name, field, pattern)


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

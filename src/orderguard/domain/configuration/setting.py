"""Declare a merchant's setting once, on the field that holds it (ADR 0071).

A setting is a field of a configuration's dataclasses whose type is annotated with a `Setting`:

    exclude_b2b: Annotated[bool, Setting("No offer for business customers")] = False

The field has the name, the type and the default; the `Setting` has the label and the bounds. The
reader, its error messages, the form, the difference, the JSON Schema and docs/configuration.md are
derived from `members_of`, so that a new setting is one field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, MISSING, dataclass, field, fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from orderguard.domain.coverage_mode import MODE_LABELS
from orderguard.domain.money import BASIS_POINTS

MINOR_UNITS = "minor units"
RATE = "basis points"
AMOUNT_MAXIMUM = 10**12
CONDITION_LIMIT = 1_000
"""Characters of a condition; a rule that needs more is two rules."""


class Kind(StrEnum):
    """The form control of a value, and the unit in which the document stores it."""

    TOGGLE = "toggle"
    CHOICE = "choice"
    TEXT = "text"
    CONDITION = "condition"
    """CEL, in several lines."""
    WHOLE = "whole"
    PERCENT = "percent"
    """Typed as 1.5, kept as 150 basis points."""
    AMOUNT = "amount"
    """Typed in major units of its currency, kept in minor units."""
    WORDS = "words"
    """A list of texts, typed with commas between them."""
    TICKS = "ticks"
    """A list of some of the options."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the form and of the reference page. The setting that begins a part names it."""

    anchor: str
    title: str
    help: str


@dataclass(frozen=True, slots=True)
class Group:
    """Amounts per currency that are shown together, as the columns of one table."""

    label: str
    help: str


@dataclass(frozen=True, slots=True)
class Setting:
    """Label, unit and bounds of a setting; name, type and default are the field's.

    `{mode}` in a label is replaced by the coverage mode. `help` is shown in the form. The JSON
    Schema and docs/configuration.md show `meaning` instead, if there is one.
    """

    label: str
    help: str = ""
    _: KW_ONLY
    meaning: str = ""
    begins: Part | None = None
    unit: str = ""
    minimum: int = 0
    maximum: int = AMOUNT_MAXIMUM
    """Bounds of a number; both are allowed."""
    length: int = 200
    """Characters of a text."""
    at_most: int = 0
    """Entries of a list."""
    parse: Callable[[str], Any] | None = None
    """Turns a text into the field's value; its `Malformed` is the complaint."""
    condition: Literal["", "rule", "plan"] = ""
    """A condition, and of what; that of a plan may look at `basis` and `cohort`."""
    labels: Mapping[Any, str] = field(default_factory=dict)
    """What each choice is called."""
    absent: str = ""
    """What it is called to choose none, where that is possible."""
    by_mode: Mapping[Any, Any] = field(default_factory=dict)
    """The default of each coverage mode: `{default}` in the help."""
    group: Group | None = None
    entry: type | None = None
    """The dataclass of an entry, where the field's type does not name it."""
    into: Callable[[tuple[Any, ...]], Any] = tuple
    """Turns the entries of a list into the field's value."""
    word: str = ""
    """The noun for an entry of a list of tables."""
    title: str = ""
    """The member that an entry is known by."""
    is_flat: bool = False
    """Whether an entry fits into one row of the form, and into one line of TOML."""


def an_amount(
    label: str, *, meaning: str = "", minimum: int = 0, group: Group | None = None
) -> Setting:
    """Declare a setting whose value is an amount in minor units."""
    return Setting(label, meaning=meaning, unit=MINOR_UNITS, minimum=minimum, group=group)


def a_rate(label: str, help_: str = "", *, meaning: str = "") -> Setting:
    """Declare a setting whose value is a rate in basis points, up to 100 %."""
    return Setting(label, help_, meaning=meaning, unit=RATE, maximum=BASIS_POINTS)


@dataclass(frozen=True, slots=True)
class Member:
    """One field of a configuration table: its setting, default and value type.

    `of` is the type of a single value. With `is_list` the field is a list of such values; with `by`
    a table with one such value per currency or per coverage mode.
    """

    name: str
    setting: Setting
    default: Any
    is_required: bool
    by: Any
    is_list: bool
    of: Any

    @property
    def table(self) -> type | None:
        """The dataclass of a table or of the tables of a list; None for single values."""
        return self.of if is_dataclass(self.of) and isinstance(self.of, type) else None

    @property
    def is_single(self) -> bool:
        """Whether it is one value, rather than a table or a list."""
        return not (self.by or self.is_list or self.table)

    @property
    def is_nested(self) -> bool:
        """Whether the value is a single table with members of its own."""
        return bool(self.table) and not (self.by or self.is_list)

    @property
    def choices(self) -> tuple[StrEnum, ...]:
        """The options of an enumeration: those in the setting's `labels`, if it has labels."""
        if not (isinstance(self.of, type) and issubclass(self.of, StrEnum)):
            return ()
        return tuple(each for each in self.of if each in (self.setting.labels or self.of))

    @property
    def kind(self) -> Kind:
        """The form control of the value; for a list, of the list as a whole."""
        if self.is_list:
            return Kind.TICKS if self.choices else Kind.WORDS
        if self.of is int:
            return {MINOR_UNITS: Kind.AMOUNT, RATE: Kind.PERCENT}.get(self.setting.unit, Kind.WHOLE)
        if self.choices:
            return Kind.CHOICE
        if self.setting.condition:
            return Kind.CONDITION
        return Kind.TOGGLE if self.of is bool else Kind.TEXT

    @property
    def description(self) -> str:
        """Label and meaning in sentences, for the JSON Schema and docs/configuration.md."""
        setting = self.setting
        days = (f"{n} days ({MODE_LABELS[mode].lower()})" for mode, n in setting.by_mode.items())
        label = setting.label.replace("{mode}", "each kind of coverage")
        meaning = (setting.meaning or setting.help).replace("{default} days", " or ".join(days))
        return f"{label[:1].upper()}{label[1:]}. {meaning}".strip()

    @property
    def length(self) -> int:
        """The maximum length of a text, in characters."""
        return CONDITION_LIMIT if self.kind is Kind.CONDITION else self.setting.length

    @property
    def at_most(self) -> int:
        """The maximum number of entries of a list."""
        return self.setting.at_most or len(self.choices)


@cache
def members_of(table: type) -> Mapping[str, Member]:
    """The settings of a table by their names, in the order of its fields."""
    hints = get_type_hints(table, include_extras=True)
    found = {}
    for each in fields(table):
        hint = hints[each.name]
        if get_origin(hint) is Annotated:
            type_, setting = get_args(hint)
            found[each.name] = _member(each, setting, type_)
    return found


def _member(of: Any, setting: Setting, type_: Any) -> Member:
    by, is_list = None, False
    if get_origin(type_) is Mapping:
        by, type_ = get_args(type_)
    if get_origin(type_) in (tuple, frozenset) or setting.entry:
        is_list, type_ = True, setting.entry or get_args(type_)[0]
    is_optional = get_origin(type_) in (Union, UnionType)
    if is_optional:
        type_ = get_args(type_)[0]
    default = None if of.default is MISSING else of.default
    if of.default_factory is not MISSING:
        default = of.default_factory()
    is_required = of.default is of.default_factory is MISSING and not is_optional
    return Member(of.name, setting, default, is_required, by, is_list, type_)

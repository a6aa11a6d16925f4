"""The controls of the form: one for every setting, as its field declares it (ADR 0071).

Paths are paths of the document and of its problems; `{currency}` stands for any of the currencies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.configuration.exclusion import LineConditions
from orderguard.domain.configuration.setting import Kind, Member, Part, members_of
from orderguard.domain.coverage_mode import MODE_LABELS, CoverageMode
from orderguard.domain.money import Currency

CURRENCY = "{currency}"

Options = tuple[tuple[str, str], ...]
"""Values, and their labels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One value. `default` applies where the document has no value."""

    path: str
    label: str
    kind: Kind
    help: str = ""
    unit: str = ""
    options: Options = ()
    default: str = ""
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Matrix:
    """Values per currency, as a table: a row for each currency, a column for each control."""

    label: str
    help: str
    columns: tuple[Control, ...]


@dataclass(frozen=True, slots=True)
class Matchers:
    """A list of patterns of lines: each names a field and the pattern it must match."""

    path: str
    label: str
    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """A list of tables. `word` is the noun for a table; `title` the member shown as its title."""

    path: str
    label: str
    help: str
    word: str
    members: tuple[FormMember, ...]
    title: str = ""
    is_flat: bool = False
    """Whether an entry fits into one row."""
    fresh: Mapping[str, object] = field(default_factory=dict)
    """The members of a new entry."""


FormMember = Control | Matrix | Matchers | Entries


@dataclass(frozen=True, slots=True)
class FormPart:
    """A part of the form under one headline."""

    part: Part
    members: tuple[FormMember, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """A setting at its path, within a table or a list of one coverage mode if `mode` is set."""

    path: str
    member: Member
    mode: CoverageMode | None = None

    def words(self, text: str) -> str:
        """A label or a help with the words of the mode."""
        mode = self.mode
        if mode:
            default = str(self.member.setting.by_mode.get(mode, ""))
            text = text.replace("{mode}", MODE_LABELS[mode].lower()).replace("{default}", default)
        return text[:1].upper() + text[1:]


def _parts() -> Iterator[FormPart]:
    part: Part | None = None
    places: list[_Place] = []
    for name, member in members_of(MerchantConfiguration).items():
        if begins := member.setting.begins:
            if part:
                yield FormPart(part, _controls(places))
            part, places = begins, []
        places += _flattened(name, member)
    if part:
        yield FormPart(part, _controls(places))


def _flattened(path: str, member: Member, mode: CoverageMode | None = None) -> Iterator[_Place]:
    """The setting; for a table the settings in it, and by coverage mode one of each."""
    if member.by is CoverageMode and mode is None:
        for each in CoverageMode:
            yield from _flattened(f"{path}.{each}", member, each)
    elif member.table and not member.is_list and member.by is not Currency:
        for name, inner in members_of(member.table).items():
            yield from _flattened(f"{path}.{name}", inner, mode)
    else:
        yield _Place(path, member, mode)


def _controls(places: Iterable[_Place]) -> tuple[FormMember, ...]:
    """The controls of settings; the amounts of a group are one matrix, where the first stands."""
    found: dict[object, FormMember] = {}
    for place in places:
        group = place.member.setting.group
        if group is None:
            found[place.path] = _form_member(place)
            continue
        before = found.get(group)
        columns = before.columns if isinstance(before, Matrix) else ()
        column = _control(place, f"{place.path}.{CURRENCY}")
        found[group] = Matrix(group.label, group.help, (*columns, column))
    return tuple(found.values())


def _form_member(place: _Place) -> FormMember:
    member, setting, path = place.member, place.member.setting, place.path
    label, help_ = place.words(setting.label), place.words(setting.help)
    if member.table is None:
        return _control(place, path)
    if member.table is LineConditions:
        return Matchers(path, label, help_)
    inner = members_of(member.table)
    if not member.is_list:
        columns = (_control(_Place(f"{path}.{CURRENCY}.{n}", m)) for n, m in inner.items())
        return Matrix(label, help_, tuple(columns))
    return Entries(
        path=f"{path}.{CURRENCY}" if member.by is Currency else path,
        label=label,
        help=help_,
        word=setting.word,
        members=_controls(p for n, m in inner.items() for p in _flattened(n, m)),
        title=setting.title,
        is_flat=setting.is_flat,
        fresh={n: str(m.choices[0]) for n, m in inner.items() if m.is_required and m.choices},
    )


def _control(place: _Place, path: str = "") -> Control:
    member, setting = place.member, place.member.setting
    options = [(str(each), setting.labels[each]) for each in member.choices]
    default = member.default
    return Control(
        path=path or place.path,
        label=place.words(setting.label),
        kind=member.kind,
        help=place.words(setting.help),
        unit={Kind.AMOUNT: "", Kind.PERCENT: "%"}.get(member.kind, setting.unit),
        options=(*([("", setting.absent)] if setting.absent else []), *options),
        default="true"
        if default is True
        else str(default)
        if member.kind is Kind.CHOICE and default
        else "",
        is_required=member.is_required and "." not in place.path,
    )


PARTS = tuple(_parts())
"""The whole form, from top to bottom."""

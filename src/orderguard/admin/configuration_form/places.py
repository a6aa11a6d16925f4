"""The settings in the order of the form, each at its path in the document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from orderguard.actions.configuration_source.text import Path
from orderguard.domain.configuration.setting import Member, members_of
from orderguard.domain.coverage_mode import MODE_LABELS, CoverageMode
from orderguard.domain.money import Currency

CURRENCY = "{currency}"
"""Stands for any currency in the path of a setting."""


@dataclass(frozen=True, slots=True)
class Place:
    """A setting at its path in the document, for one coverage mode if `mode` is set."""

    path: Path
    member: Member
    mode: CoverageMode | None = None
    is_nested: bool = False
    """Whether it is in a table that may be left out as a whole."""

    def worded(self, text: str) -> str:
        """A label or help text, with placeholders replaced by the coverage mode's words."""
        if self.mode:
            default = str(self.member.setting.by_mode.get(self.mode, ""))
            label = MODE_LABELS[self.mode].lower()
            text = text.replace("{mode}", label).replace("{default}", default)
        return text[:1].upper() + text[1:]

    @property
    def label(self) -> str:
        return self.worded(self.member.setting.label)

    @property
    def help(self) -> str:
        return self.worded(self.member.setting.help)


def places_of(table: type, at: Path = ()) -> Iterator[Place]:
    """The settings of a table and of its nested tables, one for each coverage mode."""
    for name, member in members_of(table).items():
        yield from flattened(Place((*at, name), member))


def flattened(place: Place) -> Iterator[Place]:
    """The place itself, or the places of its members if it is a nested table."""
    path, member = place.path, place.member
    if member.by is CoverageMode and not place.mode:
        for mode in CoverageMode:
            yield from flattened(Place((*path, str(mode)), member, mode))
    elif member.by is Currency:
        yield Place((*path, CURRENCY), member)
    elif member.table and not member.is_list:
        for name, inner in members_of(member.table).items():
            yield from flattened(Place((*path, name), inner, place.mode, is_nested=True))
    else:
        yield place

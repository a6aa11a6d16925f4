"""The sections of the console, in the order of the menu."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """An entry of the menu; shown once there is a page at its path."""

    title: str
    path: str


SECTIONS = (
    Section("Overview", "/overview"),
    Section("Analytics", "/analytics"),
    Section("Sessions", "/sessions"),
    Section("Configuration", "/configuration"),
    Section("Shadow runs", "/configuration/shadow-runs"),
    Section("Experiments", "/experiments"),
    Section("Orders & review", "/orders"),
    Section("Statements", "/statements"),
    Section("Webhooks", "/webhooks"),
    Section("Keys", "/keys"),
    Section("People", "/people"),
    Section("Audit trail", "/audit"),
)


def sections_of(paths: Collection[str]) -> tuple[Section, ...]:
    """The sections that have a page."""
    return tuple(section for section in SECTIONS if section.path in paths)


def current_section(sections: Collection[Section], path: str) -> Section | None:
    """The section that a path below the merchant belongs to."""
    return next(
        (each for each in sections if path == each.path or path.startswith(each.path + "/")), None
    )

"""The sections of the console, in the order of the menu."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """An entry of the menu, shown if there is a page at its path."""

    title: str
    path: str


SECTIONS = (
    MenuEntry("Overview", "/overview"),
    MenuEntry("Analytics", "/analytics"),
    MenuEntry("Sessions", "/sessions"),
    MenuEntry("Configuration", "/configuration"),
    MenuEntry("Shadow runs", "/configuration/shadow-runs"),
    MenuEntry("Experiments", "/experiments"),
    MenuEntry("Orders & review", "/orders"),
    MenuEntry("Statements", "/statements"),
    MenuEntry("Webhooks", "/webhooks"),
    MenuEntry("Keys", "/keys"),
    MenuEntry("People", "/people"),
    MenuEntry("Integration", "/integration"),
    MenuEntry("Requests", "/requests"),
    MenuEntry("Sandbox", "/sandbox"),
    MenuEntry("Audit trail", "/audit"),
)


def sections_of(paths: Collection[str]) -> tuple[MenuEntry, ...]:
    """The sections that have a page."""
    return tuple(section for section in SECTIONS if section.path in paths)


def current_section(sections: Collection[MenuEntry], path: str) -> MenuEntry | None:
    """The section that a path below the merchant belongs to."""
    return next(
        (each for each in sections if path == each.path or path.startswith(each.path + "/")), None
    )

"""Compare two texts of configurations: their settings, and their lines."""

from __future__ import annotations

from dataclasses import dataclass

from orderguard.actions.configuration_source.reading import read_document
from orderguard.domain.configuration.difference import SettingChange, configuration_difference
from orderguard.domain.configuration.text_difference import DiffLine, text_difference
from orderguard.domain.errors import InvalidDocument


@dataclass(frozen=True, slots=True)
class Comparison:
    """The differences by setting and by line. `settings` is None if a text cannot be parsed."""

    settings: tuple[SettingChange, ...] | None
    lines: tuple[tuple[DiffLine, ...], ...]


def compare_configurations(before: str, after: str) -> Comparison:
    """Compare two texts; an empty one stands for no published configuration."""
    return Comparison(_settings(before, after), text_difference(before, after))


def _settings(before: str, after: str) -> tuple[SettingChange, ...] | None:
    try:
        return configuration_difference(read_document(before), read_document(after))
    except (InvalidDocument, RecursionError):  # nested too deeply to be parsed
        return None

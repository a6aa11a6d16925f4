"""Writes docs/configuration.md from the settings that the fields of a configuration declare.

Run it after a change of a setting: .venv/bin/python tools/generate_configuration_reference.py
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.configuration.setting import Kind, Member, members_of
from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.money import Currency

TARGET = Path(__file__).parents[1] / "docs/configuration.md"

MARK = "<!-- From here on by tools/generate_configuration_reference.py; do not edit. -->\n"

HEAD = "| setting | value | default | meaning |\n| --- | --- | --- | --- |\n"


def reference() -> str:
    """The whole page: what people wrote above the mark, and the tables."""
    above = TARGET.read_text(encoding="utf-8").partition(MARK)[0]
    return "".join([above, MARK, *_parts()])


def _parts() -> Iterator[str]:
    rows: list[str] = []
    tables: list[str] = []
    for name, member in members_of(MerchantConfiguration).items():
        if part := member.setting.begins:
            yield from _written(rows, tables)
            rows, tables = [], []
            yield f"\n## {part.title}\n\n{part.help}\n"
        _tell(name, name, member, rows, tables)
    yield from _written(rows, tables)


def _written(rows: list[str], tables: list[str]) -> Iterator[str]:
    if rows:
        yield f"\n{HEAD}{''.join(rows)}"
    yield from tables


def _tell(name: str, path: str, member: Member, rows: list[str], tables: list[str]) -> None:
    """The rows of a setting, and the sections of the lists of tables in it."""
    key = {Currency: ".CURRENCY", CoverageMode: ".MODE"}.get(member.by, "")
    name, path = name + key, path + key
    if member.table is None:
        rows.append(_row(name, member))
        return
    if not member.is_list:
        for inner, each in members_of(member.table).items():
            _tell(f"{name}.{inner}", f"{path}.{inner}", each, rows, tables)
        return
    inner_rows: list[str] = []
    inner_tables: list[str] = []
    for inner, each in members_of(member.table).items():
        _tell(inner, f"{path}.{inner}", each, inner_rows, inner_tables)
    most = f"At most {member.at_most:,}."
    tables.append(f"\n### `[[{path}]]`\n\n{member.description} {most}\n\n{HEAD}")
    tables += [*inner_rows, *inner_tables]


def _row(name: str, member: Member) -> str:
    default = "needed" if member.is_required else _default(member.default)
    if by_mode := member.setting.by_mode:
        default = ", ".join(f"`{each}` for {mode}" for mode, each in by_mode.items())
    return f"| `{name}` | {_value(member)} | {default} | {member.description} |\n"


def _default(default: object) -> str:
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default}`" if isinstance(default, int | str) else ""


def _value(member: Member) -> str:
    labels = member.setting.labels
    if member.choices and member.is_list:
        return f"list of {' and '.join(f'`{each}`' for each in member.choices)}"
    if member.choices:
        return "<br>".join(_choice(each, labels[each]) for each in member.choices)
    if member.is_list:
        return f"list of up to {member.at_most:,} texts"
    match member.kind:
        case Kind.TOGGLE:
            return "true or false"
        case Kind.TEXT:
            return f"text, up to {member.length:,} characters"
        case Kind.CONDITION:
            return f"condition in CEL, up to {member.length:,} characters"
        case _:
            unit = member.setting.unit
            return f"{unit}, {member.setting.minimum:,} to {member.setting.maximum:,}"


def _choice(value: str, label: str) -> str:
    return f"`{value}`" if label.startswith(value.replace("_", " ")) else f"`{value}`: {label}"


if __name__ == "__main__":
    TARGET.write_text(reference(), encoding="utf-8")

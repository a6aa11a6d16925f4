"""Apply the values and buttons of a submitted form to the document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Protocol

from orderguard.actions.configuration_source.reading import read_document
from orderguard.actions.configuration_source.text import Document, Path, rewritten
from orderguard.admin.configuration_form.binding import (
    BoundControl,
    BoundEntries,
    BoundMatcher,
    BoundMatchers,
    BoundPart,
    bind,
    controls_of,
    lists_of,
    value_at,
)
from orderguard.admin.configuration_form.values import kept
from orderguard.domain.configuration.exclusion import LINE_FIELDS
from orderguard.domain.configuration.setting import Kind
from orderguard.domain.errors import Malformed


class Submitted(Protocol):
    """The fields of a submitted form, by name."""

    def __contains__(self, name: str) -> bool: ...

    def raw(self, name: str) -> str: ...

    def text(self, name: str) -> str: ...

    def all(self, name: str) -> list[str]: ...


def edited(source: str, fields: Submitted) -> str:
    """The text of a configuration with the values of its submitted form.

    Only values that differ from the form as shown are changed; settings outside the form stay
    the same. Raises `InvalidDocument` for a text that is neither TOML nor JSON.
    """
    document = read_document(source)
    changed = deepcopy(document)
    parts = bind(document)
    for part in parts:
        for control in controls_of(part.members):
            _read_control(control, fields, changed)
        for each in lists_of(part.members):
            if isinstance(each, BoundMatchers):
                _read_matchers(each, fields, changed)
    return rewritten(source, changed)


def _read_control(bound: BoundControl, fields: Submitted, document: Document) -> None:
    if bound.name not in fields:
        return
    if bound.kind is Kind.TICKS:
        if (ticked := fields.all(bound.name)) != bound.ticked:
            put(document, bound.path, _in_order(ticked, bound))
        return
    text = _text(bound, fields)
    if text == bound.text and not (isinstance(bound.value, float | str) and bound.kind in _READ):
        return
    value = kept(bound.kind, text, bound.currency)
    if value != bound.value or type(value) is not type(bound.value):
        put(document, bound.path, value)


_READ = (Kind.AMOUNT, Kind.PERCENT, Kind.WHOLE)
"""Kinds whose invalid text, kept in the draft, becomes a value once it is corrected."""


def _text(bound: BoundControl, fields: Submitted) -> str:
    text = _kept_characters(fields.raw(bound.name))
    return text.replace("\r\n", "\n") if bound.kind is Kind.CONDITION else text.strip()


def _kept_characters(text: str) -> str:
    """The text without NUL characters, which no document can store."""
    return text.replace("\0", "")


def _in_order(ticked: list[str], bound: BoundControl) -> list[str]:
    return [value for value, _ in bound.options if value in ticked]


def _read_matchers(bound: BoundMatchers, fields: Submitted, document: Document) -> None:
    for index, entry in enumerate(bound.found):
        table = value_at(document, (*bound.path, index))
        if not isinstance(table, dict):
            continue
        wanted = _conditions(entry, fields)
        if wanted is not None and wanted != {f: table[f] for f in LINE_FIELDS if f in table}:
            for field in LINE_FIELDS:
                table.pop(field, None)
            table.update(wanted)


def _conditions(entry: BoundMatcher, fields: Submitted) -> dict[str, str] | None:
    """The conditions of a matcher in the form; None if the form did not contain it."""
    if f"{entry.name}.field" in fields:
        field, pattern = fields.text(f"{entry.name}.field"), _pattern(fields, entry, "pattern")
        return {field: pattern} if pattern and field in LINE_FIELDS else {}
    names = [field for field in LINE_FIELDS if f"{entry.name}.{field}" in fields]
    if not names:
        return None
    texts = {field: _pattern(fields, entry, field) for field in names}
    return {field: text for field, text in texts.items() if text}


def _pattern(fields: Submitted, entry: BoundMatcher, name: str) -> str:
    return _kept_characters(fields.raw(f"{entry.name}.{name}")).strip()


def put(document: Document, path: Path, value: Any) -> None:
    """Set the value at a path, or remove it with None.

    Tables on the way are created if needed, and removed if empty.
    """
    *way, last = path
    tables: list[tuple[Any, Any]] = []
    here: Any = document
    for position, step in enumerate(way):
        if isinstance(here, dict) and isinstance(step, str):
            if step not in here and value is not None:
                here[step] = [] if isinstance(path[position + 1], int) else {}
            tables.append((here, step))
        here = value_at(here, (step,))
    if not isinstance(here, dict):
        return  # not a table: validation reports that
    if value is not None:
        here[last] = value
        return
    here.pop(last, None)
    for table, step in reversed(tables):
        if table[step] != {}:
            break
        del table[step]


_PRESSED = re.compile(r"(add|remove|up|down|wide) (\S{1,200}?)(?:\[(\d{1,6})\])?")


def pressed(source: str, button: str) -> tuple[str, str]:
    """Apply a list's button (add, remove, move) to the text.

    Returns the new text, and the name of the changed entry. Raises `Malformed` for a button that
    the form does not have.
    """
    found = _PRESSED.fullmatch(button)
    document = read_document(source)
    bound = _list_named(bind(document), found[2]) if found else None
    if found is None or bound is None:
        raise Malformed("The form has no such button.")
    what, index = found[1], int(found[3] or 0)
    value = value_at(document, bound.path)
    old = value if isinstance(value, list) else []
    new = _after(old, what, index, bound)
    put(document, bound.path, new or None)
    place = {"add": len(old), "up": index - 1, "down": index + 1, "wide": index}.get(what)
    about = bound.name if place is None else f"{bound.name}[{place}]"
    return rewritten(source, document), about


def _list_named(parts: tuple[BoundPart, ...], name: str) -> BoundEntries | BoundMatchers | None:
    lists = (each for part in parts for each in lists_of(part.members))
    return next((each for each in lists if each.name == name), None)


def _after(old: list[Any], what: str, index: int, bound: BoundEntries | BoundMatchers) -> list[Any]:
    if what == "add":
        fresh: Mapping[str, Any] = bound.fresh if isinstance(bound, BoundEntries) else {}
        return [*old, dict(fresh)]
    new = list(old)
    other = {"up": index - 1, "down": index + 1}.get(what, index)
    if index >= len(old) or not 0 <= other < len(old):
        return new
    if what == "remove":
        del new[index]
    else:
        new.insert(other, new.pop(index))
    return new

"""Write a changed document as text, keeping as much of the old text as possible (ADR 0034).

Comments and order belong to the merchant. So values are changed in place, tables that only moved
are moved with the comment above them, and nothing else of the text is touched. The result is
parsed again: if it is not exactly the document, the document is written from scratch, which loses
the comments rather than the meaning.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Array, InlineTable, Item, String, StringType, Table, Trivia

from orderguard.actions.configuration_source.blocks import (
    with_line_added,
    with_tables_added,
    with_tables_in_order,
)
from orderguard.actions.configuration_source.reading import (
    is_json,
    read_document,
    read_toml,
    toml_to_edit,
)
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.configuration.setting import Member, members_of
from orderguard.domain.errors import InvalidDocument
from orderguard.domain.money import Currency

Document = dict[str, Any]
Path = tuple[str | int, ...]

INLINE_AT_MOST = 12
"""Members of a table that is written in one line, such as amounts per currency."""

REARRANGED_AT_MOST = 4_000_000
"""Moves times characters of text: sixty moves in a long configuration, about a second of CPU."""


def rewritten(source: str, document: Document) -> str:
    """The text of `document`, keeping as much as possible of `source`, which parses."""
    if is_json(source):
        return source if _alike(read_document(source), document) else as_json(source, document)
    before = read_toml(source)
    if _alike(before, document):
        return source
    ways: tuple[Callable[[], str | None], ...] = (
        lambda: amended(_rearranged(_emptied(source, before, document), document), document),
        lambda: tomlkit.dumps(_table(document)),
    )
    written = (if_it_says(document, way) for way in ways)
    return next((text for text in written if text is not None), "") or tomlkit.dumps(document)


def as_json(source: str, document: Mapping[str, Any]) -> str:
    """The document as JSON: on one line if `source` is on one line, else indented.

    Indentation could make a text of one line longer than the size limit.
    """
    indent = 2 if "\n" in source.strip() else None
    return json.dumps(document, indent=indent, ensure_ascii=False) + "\n"


def if_it_says(document: Mapping[str, Any], write: Callable[[], str | None]) -> str | None:
    """The text that `write` returns, or None if it does not parse to exactly `document`.

    TOML Kit cannot edit every text that it can read.
    """
    try:
        text = write()
        return text if text is not None and _alike(read_toml(text), document) else None
    except (InvalidDocument, TOMLKitError, ValueError, TypeError, LookupError, AttributeError):
        return None


def _alike(one: Any, other: Any) -> bool:
    """Whether two values are equal in TOML, where 1 is not true and the order does not matter."""
    return _canonical(one) == _canonical(other)


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=repr)


def _emptied(source: str, before: Document, after: Document) -> str:
    """The text without `rules = []`, where tables could not take its place."""
    gone = [key for key, value in before.items() if value == [] and after.get(key)]
    gone = [key for key in gone if _takes_a_heading(key, after[key])]
    if not gone:
        return source
    kept = {key: value for key, value in before.items() if key not in gone}
    return amended(source, kept)


def _rearranged(source: str, document: Document) -> str:
    """The text with whole tables and members moved, removed and added; values are set later.

    Raises `ValueError` for so many moves that it would take seconds: each looks through the text.
    """
    moves = _moves(read_toml(source), document)
    if len(moves) * len(source) > REARRANGED_AT_MOST:
        raise ValueError("too many moves")
    for path, key, order, added in moves:
        if order is not None:
            names = [*(step for step in path if isinstance(step, str)), key]
            texts = [tables(names, [each]) for each in added]
            changed = with_tables_in_order(source, (*path, key), order, texts)
        elif _takes_a_heading(key, added) or path[-1:] == ("limits",):
            names = [*(step for step in path if isinstance(step, str)), key]
            changed = with_tables_added(source, path, tables(names, added))
        else:
            changed = with_line_added(source, path, tomlkit.dumps({key: _item(key, added)}))
        source = source if changed is None else f"{changed.rstrip()}\n"
    return source


Move = tuple[Path, str, list[int] | None, Any]
"""A table, one of its members, and the kept old entries; None if the member is new."""


def _moves(old: Any, new: Any, path: Path = ()) -> list[Move]:
    """The changes that move, add or remove members rather than set a value in place."""
    found: list[Move] = []
    for key, value in new.items():
        if key not in old:
            found.append((path, key, None, value))
        elif isinstance(old[key], dict) and isinstance(value, dict):
            found += _moves(old[key], value, (*path, key))
        elif _is_list_of_tables(old[key]) and _is_list_of_tables(value):
            found += _moves_in_list(old[key], value, path, key)
    return found


def _moves_in_list(old: list[Any], new: list[Any], path: Path, key: str) -> list[Move]:
    order = _kept(old, new)
    if order is not None:
        return [(path, key, order, new[len(order) :])]
    pairs = enumerate(zip(old, new, strict=False))
    return [move for index, (a, b) in pairs for move in _moves(a, b, (*path, key, index))]


def _is_list_of_tables(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def _kept(old: Sequence[Any], new: Sequence[Any]) -> list[int] | None:
    """The old positions of the kept entries, in their new order; new entries follow them.

    None when only the values of entries changed.
    """
    left = dict(enumerate(old))
    order: list[int] = []
    for entry in new:
        place = next((index for index, each in left.items() if _alike(each, entry)), None)
        if place is None:
            break
        order.append(place)
        del left[place]
    is_change = order != list(range(len(old))) or len(new) > len(old)
    return order if is_change and (len(order) == len(new) or not left) else None


def tables(names: Sequence[str], value: Any) -> str:
    """A table, or a list of tables, with the headings that lead to it."""
    item = _item(names[-1], value, heading=True)
    for key in reversed(names[1:]):
        table = tomlkit.table(is_super_table=True)
        table[key] = item
        item = table
    document = tomlkit.document()
    document[names[0]] = item
    return tomlkit.dumps(document)


def amended(source: str, document: Document) -> str:
    """The text with the values of `document`, each changed in place."""
    parsed = toml_to_edit(source)
    _amend(parsed, read_toml(source), document)
    return tomlkit.dumps(parsed)


def _amend(
    target: MutableMapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]
) -> None:
    for key in [key for key in old if key not in new]:
        del target[key]
    for key, value in new.items():
        if key not in old:
            target[key] = _item(key, value)
        elif not _alike(old[key], value):
            _amend_member(target, key, old[key], value)


def _amend_member(target: Any, key: Any, old: Any, new: Any) -> None:
    """Change a member of a table, or an entry of a list."""
    if isinstance(old, dict) and isinstance(new, dict):
        if isinstance(target[key], InlineTable) and old.keys() != new.keys():
            # TOML Kit misplaces commas and spaces when it edits an inline table.
            target[key] = _inline(new)
        else:
            _amend(target[key], old, new)
    elif _is_list_of_tables(old) and _is_list_of_tables(new) and old and new:
        _amend_list(target[key], old, new)
    else:
        target[key] = _item(key, new)


def _amend_list(target: Any, old: list[Any], new: list[Any]) -> None:
    if not isinstance(target, AoT):
        order = _kept(old, new)
        if order is not None and order == sorted(order) and len(order) == len(new):
            for index in sorted(set(range(len(old))) - set(order), reverse=True):
                del target[index]
            return
    for index in range(len(old) - 1, len(new) - 1, -1):
        del target[index]
    for index, value in enumerate(new):
        if index >= len(old):
            target.append(_entry(target, value))
        elif not _alike(old[index], value):
            _amend_member(target, index, old[index], value)


def _entry(target: Any, value: dict[str, Any]) -> Item:
    return _inline(value) if isinstance(target, Array) else _table(value)


def _item(key: str, value: Any, *, heading: bool = False) -> Any:
    """A value that was not there before, written as a person would write it."""
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, dict):
        return _inline(value) if _is_short(key, value) and not heading else _table(value, key)
    if value and _is_list_of_tables(value):
        if key in _WRITTEN_INLINE:
            array = tomlkit.array()
            for each in value:
                array.append(_inline(each))
            return array.multiline(len(value) > 1)
        tables = tomlkit.aot()
        for each in value:
            tables.append(_table(each))
        return tables
    return value


def _declared(table: type = MerchantConfiguration) -> Iterator[Member]:
    """Every setting, of nested tables too."""
    for member in members_of(table).values():
        yield member
        if member.table:
            yield from _declared(member.table)


_WRITTEN_INLINE = {each.name for each in _declared() if each.setting.is_flat and not each.by}
_WITH_HEADINGS = {
    each.name
    for each in _declared()
    if each.table and each.by and (each.is_list or each.by is Currency)
}


def _is_short(key: str, value: Mapping[str, Any]) -> bool:
    if key in _WITH_HEADINGS or not value or len(value) > INLINE_AT_MOST:
        return False
    inner = [(name, each) for name, each in value.items() if isinstance(each, dict | list)]
    return all(isinstance(each, dict) and _is_short(name, each) for name, each in inner)


def _inline(value: Mapping[str, Any]) -> Item:
    members = (f"{tomlkit.key(key).as_string()} = {_in_line(each)}" for key, each in value.items())
    return tomlkit.value(f"{{ {', '.join(members)} }}")


def _in_line(value: Any) -> str:
    item: Item = _inline(value) if isinstance(value, dict) else tomlkit.item(value)
    return (_string(value) if isinstance(value, str) else item).as_string()


def _table(value: Mapping[str, Any], key: str = "") -> Table:
    # `limits` has a heading per currency, and no heading of its own.
    of_tables = key == "limits" and value and all(isinstance(v, dict) for v in value.values())
    table = tomlkit.table(is_super_table=True if of_tables else None)
    # Plain values first: below the heading of a nested table they would belong to that table.
    for name in sorted(value, key=lambda name: _takes_a_heading(name, value[name])):
        table[name] = _item(name, value[name], heading=bool(of_tables))
    return table


def _takes_a_heading(key: str, value: Any) -> bool:
    if isinstance(value, dict):
        return not _is_short(key, value)
    return bool(value) and _is_list_of_tables(value) and key not in _WRITTEN_INLINE


def _string(value: str) -> Any:
    """The TOML string; a literal one for conditions, whose double quotes it need not escape."""
    is_plain = "'" not in value and all(c.isprintable() or c in "\n\t" for c in value)
    if "\n" in value and is_plain:
        # By hand: people write a newline after the opening quotes, which is not part of the value.
        return String(StringType.MLL, value, f"\n{value}", Trivia())
    if '"' in value and is_plain:
        return tomlkit.string(value, literal=True)
    return tomlkit.string(value)

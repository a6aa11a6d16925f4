"""JSON Schemas as tables of their members: name, type, required, meaning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from orderguard.http.openapi.vocabulary import Schema

_SHORT_ENUM = 8
"""How many values a cell may list."""

_NULL = {"type": "null"}
_LIMITS = ("minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum")
"""Limits that a field may set itself, more tightly than its type."""


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One member of an object. `notes` are its limits, each a few words.

    `is_required` is also true for a value that must be sent in one of several members.
    """

    name: str
    type: str
    notes: tuple[str, ...]
    is_required: bool
    is_deprecated: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class FieldTable:
    """The members of one object: its name in the type column, and its path.

    `place` is the first path at which the object occurs, and empty for the outermost object.
    """

    name: str
    place: str
    description: str
    rows: tuple[FieldRow, ...]


def field_tables(document: dict[str, Any], schema: Schema) -> list[FieldTable]:
    """The table of the object, then of each kind of object in it, once, at its first path."""
    waiting = [("", schema)]
    seen: set[int] = set()
    tables = []
    while waiting:
        place, schema = waiting.pop(0)
        shape = resolve(document, schema)
        if id(shape) in seen or "properties" not in shape:
            continue
        seen.add(id(shape))
        tables.append(_table(document, place, shape))
        waiting += [
            (f"{place}.{inner}" if place else inner, option)
            for name, member in shape["properties"].items()
            for inner, option in _objects(document, name, member)
        ]
    return tables


def _table(document: dict[str, Any], place: str, shape: Schema) -> FieldTable:
    required = shape.get("required", ())
    rows = tuple(
        _row(document, name, member, name in required)
        for name, member in shape["properties"].items()
    )
    return FieldTable(shape.get("title", ""), place, shape.get("description", ""), rows)


def resolve(document: dict[str, Any], schema: Schema) -> Schema:
    """The schema that a reference points to, or the schema itself."""
    reference = reference_of(schema)
    if not reference:
        return schema
    found: Any = document
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    target: Schema = found
    return target


def reference_of(schema: Schema) -> str:
    """The `$ref` of a schema, alone or first in `allOf`; empty without one."""
    if "$ref" in schema:
        return str(schema["$ref"])
    first, *_ = schema.get("allOf", ({},))
    return str(first.get("$ref", ""))


def _row(document: dict[str, Any], name: str, schema: Schema, required: bool) -> FieldRow:
    own = {name: schema[name] for name in _LIMITS if name in schema}
    options = list(_options(document, schema))
    # For an optional member null is the same as absent, so the table omits it.
    null = ["null"] if required and _NULL in schema.get("anyOf", ()) else []
    return FieldRow(
        name,
        _one_of([_type(document, option) for option in options] + null),
        tuple(dict.fromkeys(note for option in options for note in _notes(option | own))),
        required or bool(schema.get("x-required")),
        bool(schema.get("deprecated")),
        _meaning(document, schema),
    )


def _meaning(document: dict[str, Any], schema: Schema) -> str:
    """The description of the field, or else of its type."""
    if "description" in schema:
        return str(schema["description"])
    for option in schema.get("anyOf", ()):
        if option.get("type") != "null":
            return _meaning(document, option)
    return str(resolve(document, schema).get("description", ""))


def _options(document: dict[str, Any], schema: Schema) -> Iterator[Schema]:
    """The kinds of value a schema admits, other than null."""
    shape = resolve(document, schema)
    if "anyOf" in shape:
        for option in shape["anyOf"]:
            yield from _options(document, option)
    elif shape != _NULL:
        yield shape


def _objects(document: dict[str, Any], name: str, schema: Schema) -> Iterator[tuple[str, Schema]]:
    for option in _options(document, schema):
        if "properties" in option:
            yield name, option
        elif option.get("type") == "array":
            yield from _objects(document, f"{name}[]", option.get("items", {}))
        elif values := _values(option):
            yield from _objects(document, f"{name}.*", values)


def _values(shape: Schema) -> Schema:
    """The schema of `additionalProperties`, for objects with free names; else empty."""
    values = shape.get("additionalProperties")
    return values if isinstance(values, dict) else {}


def _type(document: dict[str, Any], shape: Schema) -> str:
    if shape.get("type") == "array":
        items = [_type(document, each) for each in _options(document, shape.get("items", {}))]
        return f"list of {_one_of(items)}"
    if values := _values(shape):
        kinds = [_type(document, each) for each in _options(document, values)]
        return f"object of {_one_of(kinds)} by name"
    if shape.get("type") == "number" and shape.get("multipleOf") == 1:
        return "integer"
    if "enum" in shape and len(shape["enum"]) <= _SHORT_ENUM:
        return _one_of([f"`{value}`" for value in shape["enum"]])
    return str(shape["title"] if "properties" in shape else shape.get("type", "anything"))


def _one_of(words: list[str]) -> str:
    *all_but_last, last = dict.fromkeys(words)
    return f"{', '.join(all_but_last)} or {last}" if all_but_last else last


def _notes(shape: Schema) -> Iterator[str]:
    if "maxLength" in shape:
        least = shape.get("minLength", 0)
        yield (
            f"{least} to {shape['maxLength']} characters"
            if least
            else (f"at most {shape['maxLength']} characters")
        )
    if "minimum" in shape and "maximum" in shape:
        yield f"{_number(shape['minimum'])} to {_number(shape['maximum'])}"
    elif "minimum" in shape:
        yield f"at least {_number(shape['minimum'])}"
    elif "exclusiveMinimum" in shape:
        yield f"above {_number(shape['exclusiveMinimum'])}"


def _number(value: int) -> str:
    text = "10¹²" if abs(value) == 10**12 else f"{abs(value):,}"
    return f"−{text}" if value < 0 else text  # noqa: RUF001  # a minus sign, for reading

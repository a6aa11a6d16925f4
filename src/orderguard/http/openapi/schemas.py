"""JSON Schema from wire types, worded for readers who do not know our code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from orderguard.http.openapi.vocabulary import Schema

_COMPONENTS = "#/components/schemas/"
_SOURCE = re.compile(r" \(contract[^)]*\)")


def schemas_of(types: Sequence[Any]) -> tuple[list[Schema], dict[str, Schema]]:
    """The schema of each type, and the components they refer to.

    An entry that is a schema already stays as it is.
    """
    wire_types = [type_ for type_ in types if not isinstance(type_, dict)]
    found, components = msgspec.json.schema_components(
        wire_types, ref_template=_COMPONENTS + "{name}"
    )
    remaining = iter(found)
    schemas = [type_ if isinstance(type_, dict) else _public(next(remaining)) for type_ in types]
    return [_for_generators(schema) for schema in schemas], {
        _public_name(name): _for_generators(_public(component))
        for name, component in components.items()
    }


def _for_generators(value: Any) -> Any:
    """A schema that says the same in the words that generators of clients understand.

    OpenAPI 3.1 allows members beside `$ref`, a `default` of null and lists of anything; generators
    ignore the first, and fail at the others.
    """
    if isinstance(value, list):
        return [_for_generators(item) for item in value]
    if not isinstance(value, dict):
        return value
    schema = {
        name: _for_generators(member)
        for name, member in value.items()
        if not (name == "default" and member is None)
    }
    if "$ref" in schema and len(schema) > 1:
        schema["allOf"] = [{"$ref": schema.pop("$ref")}, *schema.get("allOf", ())]
    if schema.get("type") == "array":
        schema.setdefault("items", {})
    return schema


def _public(value: Any) -> Any:
    """A schema without our name prefixes and without references to internal documents."""
    if isinstance(value, list):
        return [_public(item) for item in value]
    if not isinstance(value, dict):
        return value
    schema = {name: _public(member) for name, member in value.items()}
    if isinstance(schema.get("$ref"), str):
        schema["$ref"] = _COMPONENTS + _public_name(schema["$ref"].removeprefix(_COMPONENTS))
    if isinstance(schema.get("title"), str):
        schema["title"] = _public_name(schema["title"])
    if isinstance(schema.get("description"), str):
        schema["description"] = _SOURCE.sub("", schema["description"])
    if isinstance(schema.get("anyOf"), list):
        schema["anyOf"] = _without_whole_floats(schema["anyOf"])
    if isinstance(schema.get("enum"), list):
        schema.setdefault("type", "string")
    return schema


def _without_whole_floats(options: list[Schema]) -> list[Schema]:
    """The options without numbers that JSON Schema calls integers, when those are one of them."""
    if not any(option.get("type") == "integer" for option in options):
        return options
    return [option for option in options if option.get("multipleOf") != 1]


def _public_name(name: str) -> str:
    return name.removeprefix("Wire")

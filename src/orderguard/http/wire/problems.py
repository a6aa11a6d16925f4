"""Find all type errors of a request, not only the first one (contract §7).

The decoder stops at its first error. After an error this module walks the same types and collects
all of them, each with its path, the expected type and the value found.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from itertools import islice
from types import NoneType
from typing import Any, get_args, get_origin

import msgspec
from msgspec import inspect

from orderguard.domain.errors import Problem
from orderguard.domain.money import shortened
from orderguard.http.json_body import json_type
from orderguard.http.wire.likely_names import found_instead

PROBLEMS_AT_MOST = 20


def collect_problems(document: Any, type_: Any) -> list[Problem]:
    """The first twenty type errors of a document."""
    return list(islice(_problems(document, type_, ""), PROBLEMS_AT_MOST))


def _problems(value: Any, type_: Any, path: str) -> Iterator[Problem]:
    try:
        msgspec.convert(value, type_)
    except msgspec.ValidationError:
        yield from _inside(value, type_, path)


def _inside(value: Any, type_: Any, path: str) -> Iterator[Problem]:
    """The problems of an invalid value: of its members if it has any, else its own."""
    shape = inspect.type_info(type_)
    for option in options_of(shape):
        if isinstance(option, inspect.StructType) and isinstance(value, dict):
            yield from _of_members(value, option, path)
            return
        if isinstance(option, inspect.ListType) and isinstance(value, list):
            item = _item_type(type_)
            for index, element in enumerate(value):
                yield from _problems(element, item, f"{path}[{index}]")
            return
    yield Problem(path, f"expected {_expected(shape)}, found {_found(value)}.")


def _of_members(value: dict[str, Any], shape: inspect.StructType, path: str) -> Iterator[Problem]:
    types = {field.name: field.type for field in msgspec.structs.fields(shape.cls)}
    for field in shape.fields:
        inner = f"{path}.{field.encode_name}" if path else field.encode_name
        if field.encode_name in value:
            yield from _problems(value[field.encode_name], types[field.name], inner)
        elif field.required:
            instead = found_instead(value, field.encode_name, types)
            found = f" Found {instead}, which is not read." if instead else ""
            yield Problem(inner, f"is missing; expected {_expected(field.type)}.{found}")


def options_of(shape: inspect.Type) -> tuple[inspect.Type, ...]:
    """The alternatives of a union type, without annotations."""
    if isinstance(shape, inspect.Metadata):
        return options_of(shape.type)
    if isinstance(shape, inspect.UnionType):
        return tuple(option for each in shape.types for option in options_of(each))
    return (shape,)


def _item_type(type_: Any) -> Any:
    """The item type of the list in a type, with limits: `list[Word] | None` gives `Word`."""
    if get_origin(type_) is list:
        return get_args(type_)[0]
    found = (_item_type(each) for each in get_args(type_))
    return next((each for each in found if each is not None), None)


def _expected(shape: inspect.Type) -> str:
    if isinstance(shape, inspect.Metadata):
        extra: dict[str, str] = shape.extra or {}
        return extra.get("expected") or _expected(shape.type)
    if isinstance(shape, inspect.UnionType):
        options = [
            _expected(each) for each in shape.types if not isinstance(each, inspect.NoneType)
        ]
        return " or ".join(dict.fromkeys(options))
    if isinstance(shape, inspect.EnumType):
        return f"one of {', '.join(_enum_values(shape.cls))}"
    if isinstance(shape, inspect.StrType):
        return _expected_text(shape)
    if isinstance(shape, inspect.IntType):
        return _expected_number(shape)
    names: dict[type[inspect.Type], str] = {
        inspect.BoolType: "true or false",
        inspect.FloatType: "a number",
        inspect.ListType: "a list",
    }
    return names.get(type(shape), "an object")


def _expected_text(shape: inspect.StrType) -> str:
    if shape.max_length is None:
        return "a string"
    return f"a string of {shape.min_length or 0} to {shape.max_length} characters"


def _expected_number(shape: inspect.IntType) -> str:
    if shape.ge is None:
        return "a whole number"
    return f"a whole number from {shape.ge} to {shape.le}"


def _enum_values(type_: type[Enum]) -> list[str]:
    return [str(member.value) for member in type_]


def _found(value: Any) -> str:
    if isinstance(value, dict | list | NoneType):
        return json_type(value)
    if isinstance(value, str) and len(value) > 40:
        return f"a string of {len(value)} characters"
    return shortened(value)

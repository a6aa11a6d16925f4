"""Replace invalid members of a request, so that all its problems are found in one pass.

Shapes are checked first, and values (is this amount whole, is that region a code) only in a request
whose shape is valid. To list the problems of both kinds in one response, members of a wrong shape
get a harmless value: null if they are optional, else the example in the type that decodes them. The
rest is read as usual (contract §7).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from msgspec import inspect

from orderguard.domain.errors import Problem
from orderguard.http.wire.problems import options_of


def without_problems(
    document: dict[str, Any], problems: list[Problem], type_: type
) -> dict[str, Any]:
    """A copy of the document that decodes as `type_`; `problems` are all its type errors."""
    wrong = {problem.path for problem in problems}
    copy: dict[str, Any] = _mended(document, inspect.type_info(type_), "", wrong)
    return copy


def _mended(value: Any, shape: inspect.Type, path: str, wrong: Collection[str]) -> Any:
    if path in wrong:
        return _harmless(shape)
    for option in options_of(shape):
        if isinstance(option, inspect.ListType) and isinstance(value, list):
            return [
                _mended(each, option.item_type, f"{path}[{index}]", wrong)
                for index, each in enumerate(value)
            ]
        if isinstance(option, inspect.StructType) and isinstance(value, dict):
            places = [(f.encode_name, f"{path}.{f.encode_name}", f.type) for f in option.fields]
            return value | {
                name: _mended(value.get(name), inner, place.strip("."), wrong)
                for name, place, inner in places
                if name in value or place.strip(".") in wrong
            }
    return value


def _harmless(shape: inspect.Type) -> Any:
    """A value of this shape that no later check complains of."""
    first, *others = options_of(shape)
    if any(isinstance(each, inspect.NoneType) for each in others):
        return None
    match shape, first:
        case inspect.Metadata(extra_json_schema={"examples": [example, *_]}), _:
            return example
        case _, inspect.StructType():
            return {
                each.encode_name: _harmless(each.type) for each in first.fields if each.required
            }
        case _, inspect.ListType():
            return []
        case _, inspect.EnumType():
            return next(iter(first.cls)).value
        case _, inspect.StrType():
            return ""
        case _:
            return 0

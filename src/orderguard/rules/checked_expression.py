"""Inspects a compiled CEL expression for comparisons and patterns of unbounded cost.

cel-cpp serializes a compiled expression as `cel.expr.CheckedExpr`. This module declares only the
fields that it reads: the types, and the calls with the nodes that contain them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

_FIELD = descriptor_pb2.FieldDescriptorProto

PATTERN_LIMIT = 100
MATCHES_AT_MOST = 3
"""How many regular expressions one condition may have."""

PROPERTIES_AT_MOST = 2
"""Classes such as \\pL in one pattern; each takes 2 ms to compile, also when it is checked."""

_COMPARISONS = frozenset({"_==_", "_!=_", "@in"})
_COUNTED = re.compile(r"\{\d")
_PROPERTY = re.compile(r"\\[pP]")


def objection_to(serialized: bytes) -> str | None:
    """The reason to refuse this expression, as the end of an error message; None to accept it."""
    try:
        expression = checked(serialized)
    except DecodeError:
        return "is nested too deeply; split it into several rules."
    types = {entry.key: entry.value for entry in expression.type_map}
    if any(_is_dynamic(type_) for type_ in types.values()):
        return "mixes values of different types in one list or map; use one type."
    calls = list(_calls(expression.expr))
    return _objection_to_comparisons(calls, types) or _objection_to_patterns(calls)


def patterns_in(serialized: bytes) -> list[str]:
    """The regular expressions in an accepted expression."""
    return [pattern_of(call) for call in _calls(checked(serialized).expr) if is_search(call)]


def checked(serialized: bytes) -> Any:
    """Decode an expression. Raises `DecodeError` when it is nested too deeply."""
    return _checked_expression().FromString(any_pb2.Any.FromString(serialized).value)


def is_search(call: Any) -> bool:
    """Whether a call matches a regular expression."""
    return bool(call.function == "matches")


def pattern_of(call: Any) -> str:
    """The pattern of a `matches` call."""
    return str(call.args[-1].const_expr.string_value)


def properties_in(pattern: str) -> int:
    r"""How many Unicode classes such as \pL a pattern has; each stands for hundreds of ranges."""
    return len(_PROPERTY.findall(pattern))


def _is_dynamic(type_: Any) -> bool:
    if type_.HasField("list_type"):
        return _is_dynamic(type_.list_type.elem_type)
    if type_.HasField("map_type"):
        return _is_dynamic(type_.map_type.key_type) or _is_dynamic(type_.map_type.value_type)
    return bool(type_.HasField("dyn"))


def _calls(expression: Any) -> Iterator[Any]:
    """Every call in the expression, also in the expansion of a macro such as `exists`."""
    for field, value in expression.ListFields():
        if field.message_type is None:
            continue
        for part in value if field.is_repeated else [value]:
            if field.message_type.name == "Call":
                yield part
            yield from _calls(part)


def _objection_to_comparisons(calls: list[Any], types: dict[int, Any]) -> str | None:
    # Comparing two lists of lines looks at every field of every line, outside of any budget.
    for call in calls:
        if call.function in _COMPARISONS and any(_is_bulky(types[arg.id]) for arg in call.args):
            return "compares lists of lines or maps as a whole; compare a field, such as l.id."
    return None


def _is_bulky(type_: Any) -> bool:
    if not type_.HasField("list_type"):
        return bool(type_.HasField("map_type"))
    element = type_.list_type.elem_type
    # A line or a customer by itself is small enough; lists within it are cut.
    return bool(
        element.message_type or element.HasField("list_type") or element.HasField("map_type")
    )


def _objection_to_patterns(calls: list[Any]) -> str | None:
    matches = [call for call in calls if is_search(call)]
    if len(matches) > MATCHES_AT_MOST:
        return f"has {len(matches)} calls of matches; expected at most {MATCHES_AT_MOST}."
    for call in matches:
        pattern = pattern_of(call)
        if not pattern:
            return "takes a pattern for matches from the cart; write it out in quotes."
        if len(pattern) > PATTERN_LIMIT:
            return f"has a pattern of {len(pattern)} characters; the limit is {PATTERN_LIMIT}."
        if (found := properties_in(pattern)) > PROPERTIES_AT_MOST:
            return (
                f"has {found} classes such as \\pL in a pattern; the limit is {PROPERTIES_AT_MOST}."
            )
        # (a{1,100}){1,9} is short to write, and long to search for.
        if _COUNTED.search(pattern):
            return "has a counted repetition such as {3} in a pattern; use +, * or write it out."
    return None


_DESCRIBED: dict[str, dict[str, tuple[int, str]]] = {
    "Nothing": {},
    "ListType": {"elem_type": (1, "Type")},
    "MapType": {"key_type": (1, "Type"), "value_type": (2, "Type")},
    "Type": {
        "dyn": (1, "Nothing"),
        "list_type": (6, "ListType"),
        "map_type": (7, "MapType"),
        "message_type": (9, "string"),
    },
    "Constant": {"string_value": (6, "string")},
    "Select": {"operand": (1, "Expr")},
    "Call": {"target": (1, "Expr"), "function": (2, "string"), "args": (3, "Expr*")},
    "List": {"elements": (1, "Expr*")},
    "Entry": {"map_key": (3, "Expr"), "value": (4, "Expr")},
    "Struct": {"entries": (2, "Entry*")},
    "Comprehension": {
        "iter_range": (2, "Expr"),
        "accu_init": (4, "Expr"),
        "loop_condition": (5, "Expr"),
        "loop_step": (6, "Expr"),
        "result": (7, "Expr"),
    },
    "Expr": {
        "id": (2, "int64"),
        "const_expr": (3, "Constant"),
        "select_expr": (5, "Select"),
        "call_expr": (6, "Call"),
        "list_expr": (7, "List"),
        "struct_expr": (8, "Struct"),
        "comprehension_expr": (9, "Comprehension"),
    },
    "TypeEntry": {"key": (1, "int64"), "value": (2, "Type")},
    "CheckedExpr": {"type_map": (3, "TypeEntry*"), "expr": (4, "Expr")},
}
"""Field numbers of cel/expr/syntax.proto and checked.proto; a star stands for a repeated field."""

_SCALARS = {"string": _FIELD.TYPE_STRING, "int64": _FIELD.TYPE_INT64}


@cache
def _checked_expression() -> Any:
    file = descriptor_pb2.FileDescriptorProto(
        name="orderguard/checked.proto", package="checked", syntax="proto3"
    )
    for name, fields in _DESCRIBED.items():
        message = file.message_type.add(name=name)
        for field, (number, type_) in fields.items():
            _describe(message.field.add(name=field, number=number), type_)
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("checked.CheckedExpr"))


def _describe(field: descriptor_pb2.FieldDescriptorProto, type_: str) -> None:
    name = type_.rstrip("*")
    field.label = _FIELD.LABEL_OPTIONAL if name == type_ else _FIELD.LABEL_REPEATED
    if name in _SCALARS:
        field.type = _SCALARS[name]
    else:
        field.type = _FIELD.TYPE_MESSAGE
        field.type_name = f".checked.{name}"

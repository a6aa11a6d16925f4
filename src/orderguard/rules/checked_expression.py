"""A look into a compiled CEL expression: does every part of it have a type known beforehand?

cel-cpp serializes what it compiled as `cel.expr.CheckedExpr`, of which only the map of types is
described here.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, message_factory

_FIELD = descriptor_pb2.FieldDescriptorProto


def has_dynamic_part(serialized: bytes) -> bool:
    """Whether some part is of type `dyn`, whose operators are chosen only at run time."""
    envelope = any_pb2.Any.FromString(serialized)
    checked = _checked_expression().FromString(envelope.value)
    return any(_is_dynamic(type_) for type_ in checked.type_map.values())


def _is_dynamic(type_: Any) -> bool:
    if type_.HasField("list_type"):
        return _is_dynamic(type_.list_type.elem_type)
    if type_.HasField("map_type"):
        return _is_dynamic(type_.map_type.key_type) or _is_dynamic(type_.map_type.value_type)
    return bool(type_.HasField("dyn"))


@cache
def _checked_expression() -> Any:
    file = descriptor_pb2.FileDescriptorProto(
        name="orderguard/checked.proto", package="checked", syntax="proto3"
    )
    file.message_type.add(name="Nothing")
    _message(file, "ListType", elem_type=(1, "Type"))
    _message(file, "MapType", key_type=(1, "Type"), value_type=(2, "Type"))
    _message(file, "Type", dyn=(1, "Nothing"), list_type=(6, "ListType"), map_type=(7, "MapType"))
    checked = file.message_type.add(name="CheckedExpr")
    _type_map(checked)
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("checked.CheckedExpr"))


def _message(
    file: descriptor_pb2.FileDescriptorProto, name: str, **fields: tuple[int, str]
) -> None:
    message = file.message_type.add(name=name)
    for field, (number, type_) in fields.items():
        message.field.add(
            name=field,
            number=number,
            label=_FIELD.LABEL_OPTIONAL,
            type=_FIELD.TYPE_MESSAGE,
            type_name=f".checked.{type_}",
        )


def _type_map(checked: descriptor_pb2.DescriptorProto) -> None:
    entry = checked.nested_type.add(name="TypeMapEntry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, label=_FIELD.LABEL_OPTIONAL, type=_FIELD.TYPE_INT64)
    entry.field.add(
        name="value",
        number=2,
        label=_FIELD.LABEL_OPTIONAL,
        type=_FIELD.TYPE_MESSAGE,
        type_name=".checked.Type",
    )
    checked.field.add(
        name="type_map",
        number=3,
        label=_FIELD.LABEL_REPEATED,
        type=_FIELD.TYPE_MESSAGE,
        type_name=".checked.CheckedExpr.TypeMapEntry",
    )

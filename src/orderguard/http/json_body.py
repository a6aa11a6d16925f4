"""A request body, from bytes to plain JSON values, or an error that says what is wrong with it."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from orderguard.domain.errors import InvalidDocument, Problem

_decode = msgspec.json.Decoder().decode


class NotJson(InvalidDocument):
    """The body is not one JSON object, whatever it was meant to say."""


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in the body. Raises `InvalidDocument` when there is none.

    A key that occurs twice is refused: two readers of the same bytes could take different values
    for a price.
    """
    try:
        return _json_object(body)
    except RecursionError as error:
        # Anywhere: what one step can still nest, the next one may not.
        raise _invalid("Request body is nested too deeply.") from error


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        document = _decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        # The decoder's message can quote only positions and single bytes.
        raise _invalid(f"Request body is not JSON: {error}.") from error
    if not isinstance(document, dict):
        raise _invalid(f"Request body must be a JSON object, found {json_type(document)}.")
    if _may_repeat_keys(body, document):
        _refuse_repeated_keys(body)
    return document


def json_type(value: object) -> str:
    """What JSON calls a value, with its article, for messages."""
    names: dict[type, str] = {
        dict: "an object",
        list: "a list",
        str: "a string",
        bool: "true or false",
        int: "a number",
        float: "a number",
    }
    return names.get(type(value), "null")


def _invalid(message: str, path: str = "") -> NotJson:
    return NotJson([Problem(path, message)])


_UNUSUAL = (b" :", b"\t:", b"\n:", b"\r:", b'\\":')


def _may_repeat_keys(body: bytes, document: dict[str, Any]) -> bool:
    """Whether a key may have been dropped because it occurs twice; False is certain.

    Outside of texts a colon stands for exactly one key. So when there are as many colons as keys,
    every key of the body is there.
    """
    colons = body.count(b":")
    if colons == _count_outer_keys(document):
        return False
    keys = _count_keys(document)
    if colons == keys:
        return False
    # There are colons in texts. A quote within a text is escaped, so a quote followed by a colon
    # ends a key, as long as no key is written in an unusual way.
    if any(unusual in body for unusual in _UNUSUAL):
        return True
    return body.count(b'":') != keys


def _count_outer_keys(document: dict[str, Any]) -> int:
    """The keys down to the lines of a cart: fewer than all only if there are objects within."""
    count = len(document)
    for member in document.values():
        if type(member) is dict:
            count += len(member)
            for inner in member.values():
                if type(inner) is list:
                    count += sum([len(each) for each in inner if type(each) is dict])
    return count


def _count_keys(value: dict[str, Any]) -> int:
    """The keys of all objects in a value, however deep."""
    count = 0
    waiting: list[dict[str, Any] | list[Any]] = [value]
    while waiting:
        each = waiting.pop()
        if type(each) is dict:
            count += len(each)
            each = list(each.values())
        waiting += [member for member in each if type(member) is dict or type(member) is list]
    return count


def _refuse_repeated_keys(body: bytes) -> None:
    def members(pairs: list[tuple[str, Any]]) -> None:
        seen = set()
        for key, _ in pairs:
            if key in seen:
                raise _invalid("occurs twice in one object.", key[:100])
            seen.add(key)

    json.loads(body, object_pairs_hook=members, parse_int=float)

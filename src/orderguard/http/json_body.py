"""Decode a request body to plain JSON values, with an error message for invalid JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from orderguard.domain.errors import InvalidDocument, Problem

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ESCAPES = re.compile(
    rb"(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"  # a pair
    rb"|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"  # half of one
    rb"|\\.",  # any other escape, so that `\\\\ud800` is none
    re.DOTALL,
)


class NotJson(InvalidDocument):
    """The body is not one valid JSON object."""


def _ignore(_what: str) -> None:
    pass


def json_object(body: bytes, *, note: Callable[[str], None] = _ignore) -> dict[str, Any]:
    """Decode a JSON object. Raises `InvalidDocument` for a body that is not one.

    A duplicate key is refused: two readers of the same bytes could take different values for a
    price. A byte order mark is ignored. Half of a surrogate pair, left over when a text with an
    emoji is truncated, is read as U+FFFD. `note` is called for either.
    """
    try:
        return _json_object(body, note)
    except RecursionError as error:
        # Caught around all steps: each has its own nesting limit.
        raise _invalid("Request body is nested too deeply.") from error


def _json_object(body: bytes, note: Callable[[str], None]) -> dict[str, Any]:
    if body.startswith(_BYTE_ORDER_MARK):
        note("began with a byte order mark, which JSON does not have.")
        body = body[len(_BYTE_ORDER_MARK) :]
    try:
        try:
            document = _decode(body)
        except msgspec.MsgspecError:
            if (repaired := without_lone_surrogates(body)) == body:
                raise
            document = _decode(repaired)
            body = repaired
            note("has half of a surrogate pair, which was read as U+FFFD.")
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        # The decoder's message can quote only positions and single bytes.
        raise _invalid(f"Request body is not JSON: {error}.") from error
    if not isinstance(document, dict):
        raise _invalid(f"Request body must be a JSON object, found {json_type(document)}.")
    if may_repeat_keys(body, document):
        _refuse_repeated_keys(body)
    return document


def without_lone_surrogates(body: bytes) -> bytes:
    """The JSON text with U+FFFD for each escape of a lone surrogate (half of a pair)."""
    if b"\\ud" not in body and b"\\uD" not in body:
        return body
    return _ESCAPES.sub(lambda found: rb"\ufffd" if found[2] else found[0], body)


def refuse_nul(document: dict[str, Any]) -> None:
    """Raises `InvalidDocument` for a text with a NUL character, which PostgreSQL cannot store."""
    waiting: list[_Placed] = [_Placed(document, None, "")]
    while waiting:
        here = waiting.pop()
        value = here.value
        if isinstance(value, dict):
            waiting += [_Placed(key, here, "") for key in value]
            waiting += [_Placed(each, here, f".{key}") for key, each in value.items()]
        elif isinstance(value, list):
            waiting += [_Placed(each, here, f"[{index}]") for index, each in enumerate(value)]
        elif isinstance(value, str) and "\x00" in value:
            raise InvalidDocument(
                [Problem(here.path(), "has a character that no text has; remove it.")]
            )


class _Placed(NamedTuple):
    """A value and its parent. The path is built only for an error message: one path per value would
    repeat a long key for each of its members, and take memory by the product of both."""

    value: Any
    parent: _Placed | None
    step: str

    def path(self) -> str:
        steps: list[str] = []
        here: _Placed | None = self
        while here:
            steps.append(here.step)
            here = here.parent
        return "".join(reversed(steps)).lstrip(".")[:PATH_SHOWN_AT_MOST]


PATH_SHOWN_AT_MOST = 500
"""Characters of a path in a message."""


def json_type(value: object) -> str:
    """The JSON type of a value, with its article, for error messages."""
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


def may_repeat_keys(body: bytes, decoded: dict[str, Any] | msgspec.Struct) -> bool:
    r"""Whether the body may have a duplicate key that decoding dropped; False is certain.

    A dropped key takes its colon with it. So when the decoded value has as many colons as the body,
    no key was dropped, unless the body has escaped colons (`\u003a`).
    """
    if b"\\u003" in body:
        return True
    return body.count(b":") != _encode(decoded).count(b":")


def _refuse_repeated_keys(body: bytes) -> None:
    def members(pairs: list[tuple[str, Any]]) -> None:
        seen = set()
        for key, _ in pairs:
            if key in seen:
                raise _invalid("occurs twice in one object.", key[:100])
            seen.add(key)

    json.loads(body, object_pairs_hook=members, parse_int=float)

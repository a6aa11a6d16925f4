"""Bodies and errors of requests as the request log shows them: nothing personal, and no key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from orderguard.domain.errors import Problem
from orderguard.domain.people.personal import blanked, blanked_problem, blanked_text
from orderguard.observability import without_keys

KEPT_BYTES = 8_192
"""Bytes of a body that are kept, after what is personal was blanked."""

READ_AT_MOST = 16_384
"""Bytes of a body that is read for the log. Of a larger one only the form of its beginning is kept:
reading takes the time of analyses."""

FORM_BYTES = 200
PROBLEMS_AT_MOST = 20

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_CUT = "…"


def _form_of(byte: int) -> int:
    character = chr(byte)
    if byte >= 128 or character.isalpha():
        return ord("a")
    if character.isdigit():
        return ord("0")
    return byte if byte >= 32 and byte != 127 else ord(" ")


_FORM = bytes(_form_of(byte) for byte in range(256))


def logged_body(body: bytes, length: int) -> str:
    """The body, up to 8,192 bytes of JSON with what is about a person blanked.

    Of a body that is no JSON, or of which more was sent than `body`, nothing is certain. So only
    the form of its beginning is kept: `a` stands for each letter, and `0` for each digit.
    """
    if not length:
        return ""
    if length > len(body):
        return f"{length} bytes, of this form: {_form(body)}"
    try:
        document = _decode(body.removeprefix(_BYTE_ORDER_MARK))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        document = None
    if not isinstance(document, (dict, list)):
        return f"{length} bytes that are no JSON document, of this form: {_form(body)}"
    return _cut(without_keys(_encode(blanked(document)).decode()))


def logged_problems(answer: bytes) -> tuple[str, tuple[Problem, ...]]:
    """The code of an error body, and what it says is wrong, without what is personal."""
    try:
        document = _decode(answer)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return "", ()
    if not isinstance(document, dict):
        return "", ()
    # `doc_url` is in every error body, whatever its shape, and ends in the code.
    code = str(document.get("doc_url", "")).partition("#")[2]
    found = list(_problems(document))[:PROBLEMS_AT_MOST]
    return code[:64], tuple(
        Problem(
            without_keys(blanked_text(path)),
            without_keys(blanked_problem(path, message)),
        )
        for path, message in found
    )


def logged_path(path: str) -> str:
    """The path of a request, without its query."""
    return without_keys(blanked_text(path))


def _problems(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The problems of each shape of error bodies (contract §7)."""
    error = document.get("error")
    errors = document.get("errors")
    if isinstance(error, dict):
        details = error.get("details")
        if isinstance(details, list):
            yield from ((str(each["field"]), str(each["message"])) for each in details)
        else:
            yield "", str(error.get("hint", error.get("message", "")))
    elif isinstance(errors, dict) and "code" in errors:
        yield "", str(errors.get("message", ""))
    elif isinstance(errors, dict):
        for path, messages in errors.items():
            yield from ((path, str(each)) for each in messages)


def _form(body: bytes) -> str:
    return body[:FORM_BYTES].translate(_FORM).decode("ascii")


def _cut(text: str) -> str:
    encoded = text.encode()
    if len(encoded) <= KEPT_BYTES:
        return text
    return encoded[: KEPT_BYTES - len(_CUT.encode())].decode(errors="ignore") + _CUT

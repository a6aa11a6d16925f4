"""Parse the text of a configuration, TOML or JSON, into a document (contract §10).

All code that reads a configuration calls this module; `tests/architecture` enforces it. The shape
of a text is checked before it is parsed, and that of the document before it is traversed, so that
the cost is at most linear in the length (ADR 0061).
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from typing import TYPE_CHECKING, Any

from orderguard.actions.sparse_warning import SparseWarning
from orderguard.domain.configuration.toml_shape import NESTING_AT_MOST, objection_to
from orderguard.domain.errors import InvalidDocument, Problem
from orderguard.domain.money import shortened

if TYPE_CHECKING:  # takes long to import, and only editing needs it
    import tomlkit

KB = 1024

SOURCE_LIMIT = 64 * KB
"""The most bytes of a configuration that a user submits, unless the server allows more."""

READABLE_LIMIT = 512 * KB
"""The most bytes of any text that is read, such as a version published under a higher limit."""

KEY_LIMIT = 200
"""Characters of one key. Places of problems repeat the keys around them, member by member."""

NUMBER_BITS_AT_MOST = 64
"""The integers that JSON and TOML readers agree on; Python refuses to print 4,300 digits."""

_shape_refused = SparseWarning("limit.reached", limit="document_shape")

_UNWRITTEN = re.compile("[\\x00\\ud800-\\udfff]")


def read_document(source: str) -> dict[str, Any]:
    """The document in a TOML or JSON text, not validated further. Raises `InvalidDocument`."""
    check_source(source, limit=READABLE_LIMIT)
    return _read_json(source) if is_json(source) else read_toml(source)


def read_toml(source: str) -> dict[str, Any]:
    """The document in a TOML text. Raises `InvalidDocument`."""
    check_shape(source)
    try:
        document = tomllib.loads(source)
    except (ValueError, RecursionError) as error:
        raise InvalidDocument([Problem("", f"This is not TOML: {error}.")]) from error
    check_document(document)
    return document


def toml_to_edit(source: str) -> tomlkit.TOMLDocument:
    """Parse a TOML text with its comments and its order, for editing.

    Raises `InvalidDocument`, and tomlkit's errors for texts that only tomllib can read.
    """
    import tomlkit

    check_shape(source)
    return tomlkit.parse(source)


def check_shape(source: str) -> None:
    """Raises `InvalidDocument` for a TOML text whose parsing takes more than linear time."""
    if objection := objection_to(source):
        raise _costly(objection.message)


def _read_json(source: str) -> dict[str, Any]:
    """Parse JSON. Like TOML, it refuses duplicate keys: two readers could take different prices."""
    try:
        document: dict[str, Any] = json.loads(source, object_pairs_hook=_members)
    except (ValueError, RecursionError) as error:
        raise InvalidDocument([Problem("", f"This is not JSON: {error}.")]) from error
    check_document(document)
    return document


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice = next(name for name, count in counts.items() if count > 1)
        raise ValueError(f"{shortened(twice)} occurs twice in one object")
    return members


def check_document(document: dict[str, Any]) -> None:
    """Raises `InvalidDocument` for values that cannot be stored, or are costly to show."""
    left: list[tuple[Any, int]] = [(document, 1)]
    while left:
        value, depth = left.pop()
        if isinstance(value, str):
            if _UNWRITTEN.search(value):
                raise _impossible("There is an escape such as \\u0000 or \\ud800 in it; remove it.")
            continue
        if isinstance(value, int) and value.bit_length() > NUMBER_BITS_AT_MOST:
            raise _impossible("There is a number of more than 64 bits in it; remove digits.")
        if not isinstance(value, dict | list):
            continue
        if depth > NESTING_AT_MOST:
            raise _costly(
                f"It has more than {NESTING_AT_MOST} tables and lists within each other. No "
                "setting is that deep; take the outer ones away."
            )
        if isinstance(value, dict):
            _check_keys(value)
            value = value.values()
        left += ((each, depth + 1) for each in value)


def _check_keys(table: dict[str, Any]) -> None:
    for key in table:
        if len(key) > KEY_LIMIT:
            raise _impossible(
                f"The key {shortened(key)} has {len(key)} characters; the limit is {KEY_LIMIT}, "
                "and no setting is called so."
            )
        if _UNWRITTEN.search(key):
            raise _impossible("There is an escape such as \\u0000 or \\ud800 in it; remove it.")


def _costly(message: str) -> InvalidDocument:
    _shape_refused.note()
    return _impossible(message)


def _impossible(message: str) -> InvalidDocument:
    return InvalidDocument([Problem("", message)])


def is_json(source: str) -> bool:
    """Whether a text is meant as JSON: no TOML document begins with a brace."""
    return source.lstrip()[:1] == "{"


def check_source(source: str, *, limit: int) -> None:
    """Check that a text can be stored, without parsing it. Raises `InvalidDocument`.

    `limit` is in bytes of UTF-8.
    """
    # Databases cannot store these characters, and no text editor writes them.
    if unwritten := _UNWRITTEN.search(source):
        line = source.count("\n", 0, unwritten.start()) + 1
        raise _impossible(f"There is a character in line {line} that no text has; remove it.")
    encoded = source.encode()
    if len(encoded) > limit:
        line = encoded.count(b"\n", 0, limit) + 1
        raise _impossible(
            f"This has {-(-len(encoded) // KB)} kB; the limit is {limit // KB} kB, reached in line "
            f'{line}. Put several entries into one, such as sku = "GC-*", or have the setting '
            "ORDERGUARD_CONFIGURATION_LIMIT_KB of the server raised."
        )

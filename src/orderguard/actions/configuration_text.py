"""The text of a configuration, TOML or JSON, and the document in it (contract §10)."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from typing import Any

from orderguard.domain.errors import InvalidDocument, Problem
from orderguard.domain.money import shortened

SOURCE_LIMIT = 512 * 1024
"""Characters of a configuration."""

_UNWRITTEN = re.compile("[\\x00\\ud800-\\udfff]")


def read_document(source: str) -> dict[str, Any]:
    """The document in a TOML or JSON text, whatever it says. Raises `InvalidDocument`."""
    check_source(source)
    language, loads = ("JSON", _load_json) if is_json(source) else ("TOML", tomllib.loads)
    try:
        document: dict[str, Any] = loads(source)
    except (ValueError, RecursionError) as error:
        raise InvalidDocument([Problem("", f"This is not {language}: {error}.")]) from error
    if any(_UNWRITTEN.search(text) for text in _texts(document)):
        raise InvalidDocument(
            [Problem("", "There is an escape such as \\u0000 or \\ud800 in it; remove it.")]
        )
    return document


def _texts(document: dict[str, Any]) -> Iterator[str]:
    """Every key and every text in it, however deep."""
    left: list[Any] = [document]
    while left:
        value = left.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            left += [*value, *value.values()]
        elif isinstance(value, list):
            left += value


def _load_json(source: str) -> dict[str, Any]:
    """As TOML, it refuses a key that occurs twice: two readers could take different prices."""
    document: dict[str, Any] = json.loads(source, object_pairs_hook=_members)
    return document


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice = next(name for name, count in counts.items() if count > 1)
        raise ValueError(f"{shortened(twice)} occurs twice in one object")
    return members


def is_json(source: str) -> bool:
    """Whether a text is meant as JSON: no TOML document begins with a brace."""
    return source.lstrip()[:1] == "{"


def check_source(source: str) -> None:
    """Raises `InvalidDocument` unless this is a text that can be kept, whatever it says."""
    if len(source) > SOURCE_LIMIT:
        raise InvalidDocument(
            [Problem("", f"This has {len(source)} characters; the limit is {SOURCE_LIMIT}.")]
        )
    # A database cannot keep these, and no text editor writes them.
    if unwritten := _UNWRITTEN.search(source):
        line = source.count("\n", 0, unwritten.start()) + 1
        raise InvalidDocument(
            [Problem("", f"There is a character in line {line} that no text has; remove it.")]
        )

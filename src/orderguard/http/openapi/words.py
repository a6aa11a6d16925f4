"""Schemas of enumerations, with an explanation of each value."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from orderguard.http.openapi.vocabulary import Schema

Word = TypeVar("Word", bound=StrEnum)

Meanings = Mapping[Word, tuple[str, str]]
"""What each word means, and what to do about it."""


def described(generated: Schema, words: type[Word], meanings: Meanings[Word], of: str) -> Schema:
    """Add descriptions to an enumeration's schema: `of` for the whole, `meanings` per value."""
    return generated | {
        "description": of,
        "enum": [word.value for word in words],
        "x-enum-descriptions": [meanings[word][0] for word in words],
        "x-what-to-do": [meanings[word][1] for word in words],
    }

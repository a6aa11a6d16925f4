"""OpenAPI parameters that several operations share."""

from __future__ import annotations

from typing import Any

from orderguard.http.openapi.vocabulary import Parameter
from orderguard.http.paging import LIMIT_DEFAULT, LIMIT_MAXIMUM

CURSOR = Parameter(
    "cursor",
    "query",
    "Where the page begins: the `nextCursor` of the page before.",
    {"type": "string"},
    "20261102T091500.000000Z~0",
)


def path_text(name: str, description: str, example: Any) -> Parameter:
    """A path parameter with any text."""
    return Parameter(name, "path", description, {"type": "string"}, example)


def path_id(name: str, description: str, example: str) -> Parameter:
    """A path parameter with an id."""
    schema = {"type": "string", "minLength": 1}
    return Parameter(name, "path", description, schema, example)


def query_text(name: str, description: str, example: str) -> Parameter:
    """A query parameter with any text."""
    return Parameter(name, "query", description, {"type": "string"}, example)


def at_most(description: str) -> Parameter:
    """The query parameter `limit`, described for one list."""
    schema = {
        "type": "integer",
        "minimum": 1,
        "maximum": LIMIT_MAXIMUM,
        "default": LIMIT_DEFAULT,
    }
    return Parameter("limit", "query", description, schema, 10)

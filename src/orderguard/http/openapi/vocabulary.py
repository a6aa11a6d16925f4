"""Types with which a resource describes its routes for OpenAPI.

The docstring of the package `openapi` explains the pattern.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from orderguard.domain.people.api_key import Scope

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Example:
    """An example body that is really sent or received: tests send it or compare with it."""

    summary: str
    value: Any


@dataclass(frozen=True, slots=True)
class Header:
    """A header of a response, present in each one unless `always` is False."""

    name: str
    description: str
    example: str
    schema: Schema = field(default_factory=lambda: {"type": "string"})
    always: bool = True


@dataclass(frozen=True, slots=True)
class Parameter:
    """A part of the path, or a header of the request. Only path parameters are required."""

    name: str
    location: Literal["path", "query", "header"]
    description: str
    schema: Schema
    example: Any


@dataclass(frozen=True, slots=True)
class Answer:
    """One response of a route; `description` says when it is sent.

    `body` is the wire type, a ready-made schema, or None for no body. A named
    response is an error shared by the routes of one `family` and identified by its error `code`;
    only such responses have a `what_to_do`.
    """

    status: int
    description: str
    body: Any = None
    examples: Mapping[str, Example] = field(default_factory=dict)
    headers: tuple[Header, ...] = ()
    media_type: str = "application/json"
    name: str = ""
    family: str = ""
    code: str = ""
    what_to_do: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One method of one path, which may exist below several base paths.

    `scope` is the scope that the key must have; None needs no key. `body` is the wire type of the
    request, `body_at` the stricter type at single base paths. Examples fit all of them.
    """

    method: Literal["GET", "POST", "PUT", "DELETE", "OPTIONS"]
    path: str
    bases: tuple[str, ...] = ("",)
    operation_id: str
    tag: str
    summary: str
    description: str
    scope: Scope | None = None
    parameters: tuple[Parameter, ...] = ()
    body: Any = None
    body_at: Mapping[str, Any] = field(default_factory=dict)
    body_examples: Mapping[str, Example] = field(default_factory=dict)
    answers: tuple[Answer, ...]

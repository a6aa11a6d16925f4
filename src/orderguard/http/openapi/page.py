"""The page for people, rendered from the document alone."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from orderguard.http.openapi.field_tables import FieldTable, field_tables, reference_of, resolve

_HTTP = Path(__file__).parents[1]
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class ShownOperation:
    """One operation as the page shows it: once, however many paths it has."""

    method: str
    path: str
    description: dict[str, Any]
    responses: list[tuple[str, dict[str, Any]]]
    same_as: list[str] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        return str(self.description["operationId"])


def documentation_page(document: dict[str, Any]) -> str:
    """The whole page. Everything that comes from the document is escaped."""
    operations = list(_operations(document))
    return (
        _environment()
        .get_template("docs.html.j2")
        .render(
            document=document,
            operations_of={
                tag["name"]: [
                    each for each in operations if tag["name"] in each.description["tags"]
                ]
                for tag in document["tags"]
            },
            first_with=_first_with_answer(operations),
            first_that_sends=_first_with_request(operations),
            describe=_Describer(document).describe,
            words=lambda name: _words(document, name),
            families=_families(document),
            style=Markup(_style()),  # noqa: S704  # our own file; the policy names its hash
        )
    )


def content_security_policy() -> str:
    """The Content-Security-Policy: only own images and the one style sheet, by its hash."""
    style = b64encode(sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{style}'; img-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


@cache
def _style() -> str:
    return (_HTTP / "static" / "docs.css").read_text(encoding="utf-8")


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HTTP / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["inline"] = _inline
    environment.filters["pretty"] = _pretty
    environment.globals["reference_of"] = reference_of
    return environment


def _inline(text: str) -> Markup:
    """A sentence whose `code` is marked as such; everything else in it is plain text."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704  # escaped first


def _pretty(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def _operations(document: dict[str, Any]) -> Iterator[ShownOperation]:
    shown: dict[tuple[str, str], ShownOperation] = {}
    for path, methods in document["paths"].items():
        for method, description in methods.items():
            same_as = description.get("x-same-as")
            if same_as:
                shown[method, same_as].same_as.append(path)
                continue
            responses = [
                (status, resolve(document, response))
                for status, response in description["responses"].items()
            ]
            operation = ShownOperation(method.upper(), path, description, responses)
            shown[method, path] = operation
    yield from shown.values()


def _first_with_answer(operations: list[ShownOperation]) -> dict[str, ShownOperation]:
    """By response schema: the first operation with it, which shows the fields for all others."""
    return {
        reference: operation
        for operation in reversed(operations)
        for _, response in operation.responses
        for content in response.get("content", {}).values()
        if (reference := reference_of(content["schema"]))
    }


def _first_with_request(operations: list[ShownOperation]) -> dict[str, ShownOperation]:
    """The same by request schema; schemas that differ only in required members count as one."""
    return {
        content["schema"].get("x-fields-of") or reference_of(content["schema"]): operation
        for operation in reversed(operations)
        for content in operation.description.get("requestBody", {}).get("content", {}).values()
    }


class _Describer:
    """Describes bodies, with the table of each kind of object once on the page."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._described: set[str] = set()

    def describe(self, schema: dict[str, Any]) -> tuple[list[FieldTable], list[str]]:
        """The tables that are new to the page, and the names of tables that it has already."""
        tables = field_tables(self._document, schema)
        known = [table.name for table in tables if table.name in self._described]
        fresh = [table for table in tables if table.name not in self._described]
        self._described |= {table.name for table in fresh if table.place}
        return fresh, known


def _words(document: dict[str, Any], name: str) -> list[tuple[str, str, str]]:
    """The values of an enumeration, each with its meaning and what to do."""
    schema = document["components"]["schemas"][name]
    return list(
        zip(schema["enum"], schema["x-enum-descriptions"], schema["x-what-to-do"], strict=True)
    )


@dataclass(frozen=True, slots=True)
class Family:
    """The refusals of a group of routes, and their bodies: each shape with the statuses it has.

    The first family to have a shape describes it; it `is_new` there.
    """

    name: str
    refusals: list[dict[str, Any]]
    shapes: list[Shape]


@dataclass(frozen=True, slots=True)
class Shape:
    """A body that refusals have in common."""

    statuses: list[str]
    content: dict[str, Any]
    is_new: bool


def _families(document: dict[str, Any]) -> list[Family]:
    refusals = document["components"]["responses"].values()
    seen: set[str] = set()
    families = []
    for name in dict.fromkeys(sorted(refusal["x-family"] for refusal in refusals)):
        own = [refusal for refusal in refusals if refusal["x-family"] == name]
        families.append(Family(name, own, _shapes(own, seen)))
    return families


def _shapes(refusals: list[dict[str, Any]], seen: set[str]) -> list[Shape]:
    by_schema: dict[str, list[dict[str, Any]]] = {}
    for refusal in refusals:
        for content in refusal["content"].values():
            by_schema.setdefault(reference_of(content["schema"]), []).append(refusal)
    shapes = []
    for schema, alike in by_schema.items():
        statuses = list(dict.fromkeys(str(refusal["x-status"]) for refusal in alike))
        content = alike[0]["content"]["application/json"]
        shapes.append(Shape(statuses, content, is_new=schema not in seen))
        seen.add(schema)
    return shapes

"""The HTML documentation pages, rendered from the OpenAPI document alone."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from orderguard.http.openapi.field_tables import FieldTable, field_tables, reference_of
from orderguard.http.openapi.search import FOUND_AT_MOST, Entry, found_entries
from orderguard.http.openapi.subjects import (
    ADMINISTRATORS,
    INTEGRATORS,
    Subject,
    first_with_answer,
    first_with_request,
    subjects_of,
)

_HTTP = Path(__file__).parents[1]
_CODE = re.compile(r"`([^`]+)`")


class DocumentationPages:
    """Every page below `/docs`. Everything that comes from the document is escaped."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self.subjects = subjects_of(document)
        self._made: dict[str, str] = {}

    def index(self) -> str:
        """The first page: what Orderguard is, how to sign requests, and every operation."""
        if "" not in self._made:
            self._made[""] = self._rendered("docs_index.html.j2", None)
        return self._made[""]

    def subject(self, path: str) -> str:
        """The page of one subject. Raises `KeyError` for a path that is none."""
        if path not in self._made:
            self._made[path] = self._rendered("docs_subject.html.j2", self.subjects[path])
        return self._made[path]

    def search(self, words: str) -> str:
        """The page of search results for these words."""
        found = found_entries(self._entries, words)
        return self._rendered(
            "docs_search.html.j2", None, words=words, found=found, limit=FOUND_AT_MOST
        )

    @cached_property
    def _entries(self) -> list[Entry]:
        return Entry.all_of(self._document, self.subjects.values())

    def _rendered(self, template: str, subject: Subject | None, **more: Any) -> str:
        operations = subject.operations if subject else []
        places: dict[str, str] = {}
        groups = {
            group: [each for each in self.subjects.values() if each.group == group]
            for group in (INTEGRATORS, ADMINISTRATORS)
        }
        return (
            _environment()
            .get_template(template)
            .render(
                document=self._document,
                groups=groups,
                subject=subject,
                words=more.pop("words", ""),
                first_with=first_with_answer(operations),
                first_that_sends=first_with_request(operations),
                describe=_Describer(self._document).describe,
                first_place_of=places.setdefault,
                words_of=lambda name: _words(self._document, name),
                families=_families(self._document),
                style=Markup(_static("docs.css")),  # noqa: S704  # our own; the policy names its hash
                script=Markup(_static("docs.js")),  # noqa: S704  # the same
                **more,
            )
        )


def content_security_policy() -> str:
    """The policy: own images, and the one style sheet and the one script, by their hashes."""
    return (
        f"default-src 'none'; style-src '{_hash('docs.css')}'; script-src '{_hash('docs.js')}'; "
        "img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def _hash(name: str) -> str:
    return f"sha256-{b64encode(sha256(_static(name).encode()).digest()).decode()}"


@cache
def _static(name: str) -> str:
    return (_HTTP / "static" / name).read_text(encoding="utf-8")


@cache
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
    """The error responses of a group of routes, and their bodies grouped by schema."""

    name: str
    refusals: list[dict[str, Any]]
    shapes: list[Shape]


@dataclass(frozen=True, slots=True)
class Shape:
    """A schema shared by error bodies, with the statuses that have it.

    `is_new` is True for the first family that uses the schema; the page describes it there.
    """

    statuses: list[str]
    content: dict[str, Any]
    is_new: bool


def _families(document: dict[str, Any]) -> list[Family]:
    refusals = document["components"]["responses"].values()
    seen: set[str] = set()
    families = []
    names = {refusal["x-family"] for refusal in refusals}
    # Offers first: other families refer to its body, and a code's anchor is its first row.
    for name in sorted(names, key=lambda name: (name != "Offers", name)):
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

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

from orderguard.http.openapi.field_tables import field_tables, resolve

_HTTP = Path(__file__).parents[1]
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class Operation:
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
            first_with=_first_with_body(operations),
            tables=lambda schema: field_tables(document, schema),
            reasons=_reasons(document),
            style=Markup(_style()),  # noqa: S704  # our own file; the policy names its hash
        )
    )


def content_security_policy() -> str:
    """Nothing runs and nothing is loaded; the one style sheet is named by its hash."""
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
    return environment


def _inline(text: str) -> Markup:
    """A sentence whose `code` is marked as such; everything else in it is plain text."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704  # escaped first


def _pretty(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def _operations(document: dict[str, Any]) -> Iterator[Operation]:
    shown: dict[tuple[str, str], Operation] = {}
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
            operation = Operation(method.upper(), path, description, responses)
            shown[method, path] = operation
    yield from shown.values()


def _first_with_body(operations: list[Operation]) -> dict[str, Operation]:
    """Which operation shows the fields of a body, so that the others can point there."""
    return {
        content["schema"]["$ref"]: operation
        for operation in reversed(operations)
        for _, response in operation.responses
        for content in response.get("content", {}).values()
        if "$ref" in content["schema"]
    }


def _reasons(document: dict[str, Any]) -> list[tuple[str, str, str]]:
    reason = document["components"]["schemas"]["EligibilityReason"]
    return list(
        zip(reason["enum"], reason["x-enum-descriptions"], reason["x-what-to-do"], strict=True)
    )

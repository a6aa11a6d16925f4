"""The pages of `/docs`: one per subject, for integrators and for administrators."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from orderguard.http.openapi.field_tables import reference_of, resolve

INTEGRATORS = "For integrators"
ADMINISTRATORS = "For administrators"

_WORDS = {
    "reasons": ("reason", "EligibilityReason", "Eligibility reasons", "Reason"),
    "outcomes": ("outcome", "AcceptanceOutcome", "Acceptance outcomes", "Outcome"),
    "verdicts": ("verdict", "FeeVerdict", "Fee verdicts", "Verdict"),
    "warnings": ("warning", "WarningCode", "Warnings", "Code"),
}
_PLAIN = {"Offers": INTEGRATORS, "Orders": INTEGRATORS, "Coverages": INTEGRATORS}


@dataclass(frozen=True, slots=True)
class ShownOperation:
    """One operation as a page shows it: once, however many paths it has."""

    method: str
    path: str
    description: dict[str, Any]
    responses: list[tuple[str, dict[str, Any]]]
    same_as: list[str] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        return str(self.description["operationId"])


@dataclass(frozen=True, slots=True)
class WordTable:
    """A table of an enumeration's values: anchor, row prefix, schema, caption, first column."""

    anchor: str
    prefix: str
    schema: str
    caption: str
    column: str


@dataclass(frozen=True, slots=True)
class Subject:
    """One page of the documentation: operations, tables of enumeration values, or errors."""

    path: str
    title: str
    group: str
    description: str = ""
    operations: list[ShownOperation] = field(default_factory=list)
    words: list[WordTable] = field(default_factory=list)
    has_errors: bool = False

    @property
    def shown(self) -> list[ShownOperation]:
        """The operations that this page describes in full."""
        return [each for each in self.operations if each.method != "OPTIONS"]


def subjects_of(document: dict[str, Any]) -> dict[str, Subject]:
    """Every page by its path below `/docs/`, in the order of the navigation."""
    operations = list(_operations(document))
    descriptions = {tag["name"]: tag["description"] for tag in document["tags"]}
    found = [
        *_of_integrators(operations, descriptions),
        *_of_admin(operations, descriptions.get("Admin", "")),
        Subject(
            "operations",
            "Operations",
            ADMINISTRATORS,
            descriptions.get("Operations", ""),
            [each for each in operations if "Operations" in each.description["tags"]],
        ),
    ]
    return {subject.path: subject for subject in found}


def _of_integrators(
    operations: list[ShownOperation], descriptions: dict[str, str]
) -> Iterator[Subject]:
    for tag, group in _PLAIN.items():
        own = [each for each in operations if tag in each.description["tags"]]
        yield Subject(tag.lower(), tag, group, descriptions[tag], own)
        if tag == "Offers":
            yield _of_words("reasons", "Eligibility reasons", ("reasons",))
    yield _of_words("acceptance", "Acceptance", ("outcomes", "verdicts", "warnings"))
    yield Subject(
        "errors",
        "Errors",
        INTEGRATORS,
        "When an offer route answers with an error, hide the offer and let the checkout go on. "
        "Every answer carries `X-Request-Id`; quote it when you report a problem.",
        has_errors=True,
    )


def _of_words(path: str, title: str, anchors: tuple[str, ...]) -> Subject:
    tables = [WordTable(anchor, *_WORDS[anchor]) for anchor in anchors]
    return Subject(path, title, INTEGRATORS, words=tables)


def _of_admin(operations: list[ShownOperation], description: str) -> Iterator[Subject]:
    """One page for each noun of the admin API, which is the last fixed part of the path's head."""
    nouns: dict[str, list[ShownOperation]] = {}
    own = [each for each in operations if "Admin" in each.description["tags"]]
    for operation in own:
        nouns.setdefault(_noun(operation.path), []).append(operation)
    for noun, those in nouns.items():
        title = noun.replace("-", " ").capitalize()
        yield Subject(f"admin/{noun}", title, ADMINISTRATORS, description, those)


def _noun(path: str) -> str:
    parts = path.removeprefix("/admin/v1/").split("/")
    is_of_its_own = parts[0] == "configuration" and parts[1:2] in (
        ["drafts"],
        ["scheduled-publications"],
    )
    return parts[1] if is_of_its_own else parts[0]


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


def first_with_answer(operations: list[ShownOperation]) -> dict[str, ShownOperation]:
    """For each response schema the first operation with it, whose page describes its fields."""
    return {
        reference: operation
        for operation in reversed(operations)
        for _, response in operation.responses
        for content in response.get("content", {}).values()
        if (reference := reference_of(content["schema"]))
    }


def first_with_request(operations: list[ShownOperation]) -> dict[str, ShownOperation]:
    """For each request schema the first operation with it, whose page describes its fields.

    Schemas that differ only in their required members count as one.
    """
    return {
        content["schema"].get("x-fields-of") or reference_of(content["schema"]): operation
        for operation in reversed(operations)
        for content in operation.description.get("requestBody", {}).get("content", {}).values()
    }

"""Full-text search of the documentation: operations, fields, enumeration values, errors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Self

from orderguard.http.openapi.field_tables import field_tables
from orderguard.http.openapi.subjects import ShownOperation, Subject

FOUND_AT_MOST = 50
WORDS_AT_MOST = 100
"""Characters of a search that count."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A search result: its name, the page it is on, its description, and a link."""

    name: str
    place: str
    text: str
    link: str

    @classmethod
    def all_of(cls, document: dict[str, Any], subjects: Iterable[Subject]) -> list[Self]:
        """All entries of the documentation, operations first."""
        listed = list(subjects)
        return [
            *(each for subject in listed for each in cls._of_operations(subject)),
            *(each for subject in listed for each in cls._of_words(document, subject)),
            *(each for subject in listed for each in cls._of_fields(document, subject)),
        ]

    @classmethod
    def _of_operations(cls, subject: Subject) -> Iterator[Self]:
        for each in subject.shown:
            said = each.description
            route = " ".join(f"{each.method} {path}" for path in (each.path, *each.same_as))
            text = f"{said['operationId']} {route} {said['description']}"
            link = f"/docs/{subject.path}#{each.anchor}"
            yield cls(said["summary"], f"{each.method} {each.path}", text, link)

    @classmethod
    def _of_words(cls, document: dict[str, Any], subject: Subject) -> Iterator[Self]:
        for table in subject.words:
            schema = document["components"]["schemas"][table.schema]
            meanings = zip(schema["enum"], schema["x-enum-descriptions"], strict=True)
            for word, meaning in meanings:
                link = f"/docs/{subject.path}#{table.prefix}-{word}"
                yield cls(word, table.caption, meaning, link)
        if subject.has_errors:
            for refusal in document["components"]["responses"].values():
                code, family = refusal["x-code"], refusal["x-family"]
                name = f"{refusal['x-status']} {code}" if code != str(refusal["x-status"]) else code
                link = f"/docs/{subject.path}#error-{family}-{code}"
                yield cls(name, f"Errors of {family}", refusal["description"], link)

    @classmethod
    def _of_fields(cls, document: dict[str, Any], subject: Subject) -> Iterator[Self]:
        seen: set[tuple[str, str]] = set()
        for operation in subject.shown:
            link = f"/docs/{subject.path}#{operation.anchor}"
            for schema in _schemas(operation):
                for table in field_tables(document, schema):
                    for row in table.rows:
                        if (table.name, row.name) not in seen:
                            seen.add((table.name, row.name))
                            place = f"{table.name or 'body'} of {subject.title.lower()}"
                            yield cls(row.name, place, row.meaning, link)


def _schemas(operation: ShownOperation) -> Iterator[dict[str, Any]]:
    bodies = [operation.description.get("requestBody", {})]
    for body in (*bodies, *(response for _, response in operation.responses)):
        for content in body.get("content", {}).values():
            yield content["schema"]


def found_entries(entries: Iterable[Entry], searched: str) -> list[Entry]:
    """The entries with every searched word; first those with a searched word in their name."""
    words = searched[:WORDS_AT_MOST].lower().split()
    if not words:
        return []
    found = [
        each
        for each in entries
        if all(word in f"{each.name} {each.place} {each.text}".lower() for word in words)
    ]
    found.sort(key=lambda each: not any(word in each.name.lower() for word in words))
    return found[:FOUND_AT_MOST]

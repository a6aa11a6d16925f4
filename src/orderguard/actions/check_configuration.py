"""Find the problems of a configuration text, and their lines."""

from __future__ import annotations

from dataclasses import dataclass

from orderguard.actions.configuration_source.reading import (
    SOURCE_LIMIT,
    check_source,
    read_document,
)
from orderguard.actions.manage_drafts import find_problems
from orderguard.actions.publish_configuration import UNPUBLISHED
from orderguard.domain.configuration.places import line_of, places_of
from orderguard.domain.configuration.reading import configuration_from_document
from orderguard.domain.configuration.rule import ConditionCompiler
from orderguard.domain.configuration.warnings import warnings_of
from orderguard.domain.errors import InvalidDocument, Problem

PLACES_LIMIT = 128 * 1024
"""The length up to which problems are located in a text, in characters: locating takes time."""


@dataclass(frozen=True, slots=True)
class ProblemAtLine:
    """A problem with its line, if known."""

    problem: Problem
    line: int | None = None
    text: str = ""


def find_warnings(source: str, compiler: ConditionCompiler) -> list[Problem]:
    """Warnings about this text: settings that can be published, and cost offers or fees."""
    try:
        document = read_document(source)
        configuration = configuration_from_document(document, compiler, version=UNPUBLISHED)
    except InvalidDocument:
        return []
    return warnings_of(document, configuration)


def check_configuration(
    source: str, compiler: ConditionCompiler, *, source_limit: int = SOURCE_LIMIT
) -> list[ProblemAtLine]:
    """Problems that prevent publishing this text, in the order of the text."""
    try:
        check_source(source, limit=source_limit)
    except InvalidDocument as error:
        return [ProblemAtLine(each) for each in error.problems]
    return _placed(source, find_problems(source, compiler))


def placed_warnings(source: str, compiler: ConditionCompiler) -> list[ProblemAtLine]:
    """The warnings about this text, in its order."""
    return _placed(source, find_warnings(source, compiler))


def _placed(source: str, problems: list[Problem]) -> list[ProblemAtLine]:
    if len(source) > PLACES_LIMIT or not any(each.path for each in problems):
        return [ProblemAtLine(each) for each in problems]
    places, lines = places_of(source), source.splitlines()
    placed = []
    for each in problems:
        line = line_of(places, each.path)
        text = lines[line - 1].strip()[:200] if line and line <= len(lines) else ""
        placed.append(ProblemAtLine(each, line, text))
    return sorted(placed, key=lambda each: each.line or 0)

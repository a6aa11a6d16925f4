"""The errors page: every code, from the error responses that the document describes.

`docs/errors.md` is written from it. A server shows the same responses at `/docs/errors`, where the
`doc_url` of an error leads to its code.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ErrorCase:
    """A code as one family of routes answers it: when, and what the caller should do."""

    status: int
    family: str
    when: str
    what_to_do: str


def error_cases(document: dict[str, Any]) -> dict[str, list[ErrorCase]]:
    """The cases of every code, in the order of statuses."""
    by_code: dict[str, list[ErrorCase]] = {}
    for response in document["components"]["responses"].values():
        case = ErrorCase(
            response["x-status"],
            response["x-family"],
            response["description"],
            response["x-what-to-do"],
        )
        by_code.setdefault(response["x-code"], []).append(case)
    return by_code


def errors_markdown(document: dict[str, Any]) -> Iterator[str]:
    """A heading and a table per code."""
    for code, cases in error_cases(document).items():
        yield f"\n## {code}\n\n| status | routes | when | what to do |\n| --- | --- | --- | --- |\n"
        for case in cases:
            cells = (str(case.status), case.family, case.when, case.what_to_do)
            yield f"| {' | '.join(cells)} |\n"

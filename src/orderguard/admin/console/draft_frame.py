"""What the pages of one draft share: the tabs over them, and the draft with its problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orderguard.actions.manage_drafts import find_problems, get_draft
from orderguard.actions.ports import PublishedConfiguration
from orderguard.admin.console.parts import ConsoleParts
from orderguard.admin.console.visit import Visit
from orderguard.domain.document_places import line_of, places_of
from orderguard.domain.draft import Draft, DraftId
from orderguard.domain.errors import InvalidDocument, Problem
from orderguard.domain.rule import ConditionCompiler

TABS = (
    ("/form", "As a form"),
    ("", "As text"),
    ("/price-preview", "Prices"),
    ("/try-cart", "Try a cart"),
)
"""Ways to look at a draft: how their paths go on behind the draft's own, and their names."""

PLACES_LIMIT = 128 * 1024
"""Characters of a text in which the lines of problems are looked for, which takes a while."""


@dataclass(frozen=True, slots=True)
class PlacedProblem:
    """A problem with the line that it is about, as far as that is known."""

    problem: Problem
    line: int | None = None
    text: str = ""


def draft_path(draft: DraftId, then: str = "") -> str:
    """The path of a draft's page below the merchant."""
    return f"/configuration/drafts/{draft}{then}"


def load_draft(parts: ConsoleParts, visit: Visit) -> tuple[Draft, PublishedConfiguration | None]:
    """The draft that the path names, and what is published now. Raises `NotFound`."""
    with parts.database.read() as work:
        draft = get_draft(work, visit.merchant.id, DraftId(visit.values["draft_id"]))
        return draft, work.configurations.latest(visit.merchant.id)


def frame(
    visit: Visit, draft: Draft, published: PublishedConfiguration | None
) -> Mapping[str, Any]:
    """What `draft_frame.html.j2` shows around every page of a draft."""
    base = draft_path(draft.id)
    return {
        "draft": draft,
        "published": published,
        "base": visit.to(base),
        "tabs": [(visit.to(base + then), name, visit.path == base + then) for then, name in TABS],
        "is_behind": (published.version if published else None) != draft.based_on,
    }


def placed_problems(source: str, compiler: ConditionCompiler) -> list[PlacedProblem]:
    """What stands in the way of publishing this text, in the order of the text."""
    problems = find_problems(source, compiler)
    if not problems or len(source) > PLACES_LIMIT:
        return [PlacedProblem(each) for each in problems]
    places, lines = places_of(source), source.splitlines()
    placed = []
    for each in problems:
        line = line_of(places, each.path)
        text = lines[line - 1].strip()[:200] if line and line <= len(lines) else ""
        placed.append(PlacedProblem(each, line, text))
    return sorted(placed, key=lambda each: each.line or 0)


def text_of_form(visit: Visit) -> str:
    """The text of the editor. Browsers end its lines as telegraphs did."""
    return visit.form.raw("source").replace("\r\n", "\n")


def revision_of_form(visit: Visit) -> int:
    """The revision that a form was made for. Raises `Malformed`."""
    return visit.form.whole("revision") or 0


def complaint(error: InvalidDocument) -> str:
    """In one sentence, where there is no room for a list."""
    first, *others = error.problems
    return f"{first} And {len(others)} more." if others else str(first)

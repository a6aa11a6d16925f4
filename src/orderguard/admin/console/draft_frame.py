"""Shared by all pages of one draft: loading the draft, and its tabs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orderguard.actions.manage_drafts import get_draft
from orderguard.admin.console.page_request import PageRequest
from orderguard.admin.console.parts import ConsoleParts
from orderguard.domain.configuration.draft import Draft, DraftId
from orderguard.domain.configuration.published import PublishedConfiguration
from orderguard.domain.errors import InvalidDocument

TABS = (
    ("/form", "As a form"),
    ("", "As text"),
    ("/price-preview", "Prices"),
    ("/try-cart", "Try a cart"),
)
"""The views of a draft: the path below the draft's, and the label of the tab."""


def draft_path(draft: DraftId, then: str = "") -> str:
    """The path of a draft's page, relative to the merchant's; `then` is appended."""
    return f"/configuration/drafts/{draft}{then}"


def load_draft(
    parts: ConsoleParts, request: PageRequest
) -> tuple[Draft, PublishedConfiguration | None]:
    """The draft that the path names, and the published version. Raises `NotFound`."""
    with parts.database.read() as work:
        draft = get_draft(work, request.merchant.id, DraftId(request.values["draft_id"]))
        return draft, work.configurations.latest(request.merchant.id)


def frame(
    request: PageRequest, draft: Draft, published: PublishedConfiguration | None
) -> Mapping[str, Any]:
    """The context of `draft_frame.html.j2`, which surrounds every page of a draft."""
    base = draft_path(draft.id)
    here = request.path.removesuffix("/check")
    return {
        "draft": draft,
        "published": published,
        "base": request.to(base),
        "tabs": [(request.to(base + then), name, here == base + then) for then, name in TABS],
        "is_behind": (published.version if published else None) != draft.based_on,
    }


def text_of_form(request: PageRequest) -> str:
    """The configuration text from the editor, with CR LF converted to LF."""
    return request.form.raw("source").replace("\r\n", "\n")


def revision_of_form(request: PageRequest) -> int:
    """The revision that the form was rendered for. Raises `Malformed`."""
    return request.form.whole("revision") or 0


def saved_and_then(request: PageRequest, draft: DraftId, view: str) -> str:
    """The page after saving a draft: the same view, or the page to publish it.

    Only the saved draft is published, so "Save, review and publish" saves first.
    """
    return draft_path(draft, "/publish" if request.form.text("go_on") == "publish" else view)


def complaint(error: InvalidDocument) -> str:
    """All problems in one sentence, for pages without room for a list."""
    first, *others = error.problems
    return f"{first} And {len(others)} more." if others else str(first)

"""The configuration: the published version, drafts and scheduled publications."""

from __future__ import annotations

from orderguard.actions.manage_drafts import (
    NOTHING,
    WHAT_IS_PUBLISHED,
    StartFrom,
    TooManyDrafts,
    start_draft,
)
from orderguard.admin.console.draft_frame import draft_path
from orderguard.admin.console.page_request import PageRequest, Rendered, Reply, SeeOther
from orderguard.admin.console.parts import ConsoleParts, PageRow
from orderguard.domain.configuration.scheduled_publication import WAITING_AT_MOST
from orderguard.domain.errors import InvalidDocument, Malformed
from orderguard.domain.ids import ConfigurationVersion
from orderguard.domain.people.account import Role
from orderguard.randomness import new_draft_id

SCHEDULED_SHOWN = WAITING_AT_MOST + 10
"""Scheduled publications on the page: all waiting ones, and the latest settled ones."""


class ConfigurationPages:
    """The configuration's start page, and the form for a new draft."""

    def __init__(self, parts: ConsoleParts) -> None:
        self._database = parts.database
        self.rows = (
            PageRow("GET", "/configuration", Role.VIEWER, self.show),
            PageRow("POST", "/configuration/drafts", Role.EDITOR, self.start),
        )

    def show(self, request: PageRequest) -> Reply:
        return self._page(request)

    def _page(self, request: PageRequest, problem: str = "") -> Reply:
        with self._database.read() as work:
            context = {
                "published": work.configurations.latest(request.merchant.id),
                "scheduled": work.scheduled_publications.of_merchant(
                    request.merchant.id, limit=SCHEDULED_SHOWN
                ),
                "drafts": work.drafts.of_merchant(request.merchant.id),
                "entered": request.form,
                "problem": problem,
            }
        return Rendered("configuration.html.j2", context, status=422 if problem else 200)

    def start(self, request: PageRequest) -> Reply:
        """Create a draft, and redirect to it."""
        try:
            draft = start_draft(
                self._database,
                request.merchant.id,
                request.form.text("name"),
                _start_from(request),
                new_id=new_draft_id(),
                change=request.change,
            )
        except (Malformed, InvalidDocument, TooManyDrafts) as error:
            return self._page(request, problem=str(error))
        return SeeOther(request.to(draft_path(draft.id, "/form")))


def _start_from(request: PageRequest) -> StartFrom:
    version = request.form.whole("version")
    if version is not None:
        return StartFrom(version=ConfigurationVersion(version))
    return NOTHING if request.form.text("start_from") == "nothing" else WHAT_IS_PUBLISHED

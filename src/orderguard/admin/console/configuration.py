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
from orderguard.admin.console.parts import ConsoleParts, PageRow
from orderguard.admin.console.visit import Rendered, Reply, SeeOther, Visit
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

    def show(self, visit: Visit) -> Reply:
        return self._page(visit)

    def _page(self, visit: Visit, problem: str = "") -> Reply:
        with self._database.read() as work:
            context = {
                "published": work.configurations.latest(visit.merchant.id),
                "scheduled": work.scheduled_publications.of_merchant(
                    visit.merchant.id, limit=SCHEDULED_SHOWN
                ),
                "drafts": work.drafts.of_merchant(visit.merchant.id),
                "entered": visit.form,
                "problem": problem,
            }
        return Rendered("configuration.html.j2", context, status=422 if problem else 200)

    def start(self, visit: Visit) -> Reply:
        """Create a draft, and redirect to it."""
        try:
            draft = start_draft(
                self._database,
                visit.merchant.id,
                visit.form.text("name"),
                _start_from(visit),
                new_id=new_draft_id(),
                change=visit.change,
            )
        except (Malformed, InvalidDocument, TooManyDrafts) as error:
            return self._page(visit, problem=str(error))
        return SeeOther(visit.to(draft_path(draft.id, "/form")))


def _start_from(visit: Visit) -> StartFrom:
    version = visit.form.whole("version")
    if version is not None:
        return StartFrom(version=ConfigurationVersion(version))
    return NOTHING if visit.form.text("start_from") == "nothing" else WHAT_IS_PUBLISHED

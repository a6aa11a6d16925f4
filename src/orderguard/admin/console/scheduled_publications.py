"""Scheduled publications: create from a draft, view, reschedule and cancel."""

from __future__ import annotations

from datetime import datetime

from orderguard.actions.compare_configurations import compare_configurations
from orderguard.actions.schedule_publication import (
    NotWaiting,
    cancel_publication,
    get_scheduled_publication,
    reschedule_publication,
)
from orderguard.admin.console.page_request import PageRequest, Rendered, Reply, SeeOther
from orderguard.admin.console.parts import ConsoleParts, PageRow
from orderguard.domain.configuration.scheduled_publication import (
    AHEAD_AT_MOST,
    ScheduledPublicationId,
    parse_due_at,
)
from orderguard.domain.errors import Malformed
from orderguard.domain.people.account import Role

SCHEDULED = "/configuration/scheduled"


class ScheduledPublicationPages:
    """The page of one scheduled publication. The configuration page lists them."""

    def __init__(self, parts: ConsoleParts) -> None:
        self._database = parts.database
        one = f"{SCHEDULED}/{{publication_id}}"
        self.rows = (
            PageRow("GET", one, Role.VIEWER, self.show),
            PageRow("POST", f"{one}/reschedule", Role.EDITOR, self.reschedule),
            PageRow("POST", f"{one}/cancel", Role.EDITOR, self.cancel),
        )

    def show(self, request: PageRequest) -> Reply:
        return self._page(request)

    def _page(self, request: PageRequest, problem: str = "") -> Reply:
        with self._database.read() as work:
            found = get_scheduled_publication(work, request.merchant.id, _id_of(request))
            latest = work.configurations.latest(request.merchant.id)
        context = {
            "publication": found,
            "latest": latest,
            "comparison": (
                compare_configurations(latest.source if latest else "", found.source)
                if found.is_waiting
                else None
            ),
            "entered": request.form.text("due_at") or for_input(found.due_at),
            "earliest": for_input(request.at),
            "latest_time": for_input(request.at + AHEAD_AT_MOST),
            "problem": problem,
        }
        return Rendered("scheduled_publication.html.j2", context, status=422 if problem else 200)

    def reschedule(self, request: PageRequest) -> Reply:
        try:
            reschedule_publication(
                self._database,
                request.merchant.id,
                _id_of(request),
                parse_due_at(request.form.text("due_at"), at=request.at),
                change=request.change,
            )
        except (Malformed, NotWaiting) as error:
            return self._page(request, str(error))
        return SeeOther(request.to(f"{SCHEDULED}/{_id_of(request)}"), "It waits for the new time.")

    def cancel(self, request: PageRequest) -> Reply:
        try:
            cancel_publication(
                self._database, request.merchant.id, _id_of(request), change=request.change
            )
        except NotWaiting as error:
            return self._page(request, str(error))
        return SeeOther(request.to("/configuration"), "Cancelled. Nothing will be published then.")


def for_input(instant: datetime) -> str:
    """A time in the format of a `datetime-local` input; the page says that it is UTC."""
    return f"{instant:%Y-%m-%dT%H:%M}"


def _id_of(request: PageRequest) -> ScheduledPublicationId:
    return ScheduledPublicationId(request.values["publication_id"])

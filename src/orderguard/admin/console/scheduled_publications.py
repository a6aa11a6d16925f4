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
from orderguard.admin.console.parts import ConsoleParts, PageRow
from orderguard.admin.console.visit import Rendered, Reply, SeeOther, Visit
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

    def show(self, visit: Visit) -> Reply:
        return self._page(visit)

    def _page(self, visit: Visit, problem: str = "") -> Reply:
        with self._database.read() as work:
            found = get_scheduled_publication(work, visit.merchant.id, _id_of(visit))
            latest = work.configurations.latest(visit.merchant.id)
        context = {
            "publication": found,
            "latest": latest,
            "comparison": (
                compare_configurations(latest.source if latest else "", found.source)
                if found.is_waiting
                else None
            ),
            "entered": visit.form.text("due_at") or for_input(found.due_at),
            "earliest": for_input(visit.at),
            "latest_time": for_input(visit.at + AHEAD_AT_MOST),
            "problem": problem,
        }
        return Rendered("scheduled_publication.html.j2", context, status=422 if problem else 200)

    def reschedule(self, visit: Visit) -> Reply:
        try:
            reschedule_publication(
                self._database,
                visit.merchant.id,
                _id_of(visit),
                parse_due_at(visit.form.text("due_at"), at=visit.at),
                change=visit.change,
            )
        except (Malformed, NotWaiting) as error:
            return self._page(visit, str(error))
        return SeeOther(visit.to(f"{SCHEDULED}/{_id_of(visit)}"), "It waits for the new time.")

    def cancel(self, visit: Visit) -> Reply:
        try:
            cancel_publication(
                self._database, visit.merchant.id, _id_of(visit), change=visit.change
            )
        except NotWaiting as error:
            return self._page(visit, str(error))
        return SeeOther(visit.to("/configuration"), "Cancelled. Nothing will be published then.")


def for_input(instant: datetime) -> str:
    """A time in the format of a `datetime-local` input; the page says that it is UTC."""
    return f"{instant:%Y-%m-%dT%H:%M}"


def _id_of(visit: Visit) -> ScheduledPublicationId:
    return ScheduledPublicationId(visit.values["publication_id"])

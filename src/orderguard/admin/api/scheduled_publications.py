"""`/admin/v1/configuration/scheduled-publications`: schedule, reschedule, cancel."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from orderguard.actions.schedule_publication import cancel_publication as cancel
from orderguard.actions.schedule_publication import (
    get_scheduled_publication,
    schedule_draft,
)
from orderguard.actions.schedule_publication import (
    reschedule_publication as reschedule,
)
from orderguard.actions.schedule_publication import schedule_publication as schedule
from orderguard.admin.api.configuration import SOURCE
from orderguard.admin.api.operation import Call, Operation
from orderguard.admin.api.parameters import at_most, path_text
from orderguard.admin.api.refusals import CONFLICT, INVALID, NOT_FOUND
from orderguard.admin.api.wire.configuration import (
    NewScheduledRequest,
    RescheduleRequest,
    ScheduledListResponse,
    ScheduledResponse,
    required_source,
    scheduled_summary_to_wire,
    scheduled_to_wire,
    source_from_wire,
)
from orderguard.domain.configuration.draft import DraftId
from orderguard.domain.configuration.scheduled_publication import (
    ScheduledPublicationId,
    parse_due_at,
)
from orderguard.domain.errors import InvalidDocument, Malformed, Problem
from orderguard.http.openapi.vocabulary import Example
from orderguard.randomness import new_scheduled_publication_id

_WAITING: dict[str, Any] = {
    "id": "pub_a1b2c3d4e5f6g7h8",
    "name": "Lower prices in USD",
    "status": "waiting",
    "dueAt": "2026-11-27T08:00:00+00:00",
    "scheduledAt": "2026-11-02T09:35:00+00:00",
    "scheduledBy": "ida@shop.example",
    "settledAt": None,
    "basedOn": 2,
    "draftId": "drf_a1b2c3d4e5f6g7h8",
    "version": None,
    "failure": None,
}
_CANCELLED = _WAITING | {"status": "cancelled", "settledAt": "2026-11-03T10:00:00+00:00"}
_DRAFT = {"dueAt": "2026-11-27T08:00Z", "draftId": "drf_a1b2c3d4e5f6g7h8", "revision": 3}
_TEXT = {"dueAt": "2026-11-27T08:00Z", "name": "Sale", "source": SOURCE}
_ID = path_text("publication_id", "The publication.", _WAITING["id"])
_ALL = "/configuration/scheduled-publications"
_ONE = f"{_ALL}/{{publication_id}}"


def _example(summary: str, value: dict[str, Any]) -> dict[str, Example]:
    return {
        value["status"]: Example(summary, {"scheduledPublication": {**value, "source": SOURCE}})
    }


def list_scheduled_publications(call: Call) -> ScheduledListResponse:
    """The waiting publications, then the latest settled ones."""
    limit = call.limit
    with call.reading() as work:
        found = work.scheduled_publications.of_merchant(call.merchant, limit=limit)
    return ScheduledListResponse([scheduled_summary_to_wire(each) for each in found])


def schedule_publication(call: Call, wanted: NewScheduledRequest) -> ScheduledResponse:
    """Schedule the publication of a draft or of a text."""
    due_at = _due_at(call, wanted.due_at)
    if wanted.draft_id is not None:
        publication = schedule_draft(
            call.database,
            call.services.compiler,
            call.merchant,
            DraftId(wanted.draft_id),
            expected_revision=_revision(wanted),
            due_at=due_at,
            new_id=new_scheduled_publication_id(),
            change=call.change,
        )
    else:
        publication = schedule(
            call.database,
            call.services.compiler,
            call.merchant,
            required_source(wanted.source, wanted.document),
            name=wanted.name or "",
            due_at=due_at,
            new_id=new_scheduled_publication_id(),
            change=call.change,
        )
    return scheduled_to_wire(publication)


def show_scheduled_publication(call: Call) -> ScheduledResponse:
    """One scheduled publication."""
    with call.reading() as work:
        found = get_scheduled_publication(work, call.merchant, _id(call))
    return scheduled_to_wire(found)


def reschedule_publication(call: Call, wanted: RescheduleRequest) -> ScheduledResponse:
    """Reschedule the publication."""
    due_at = _due_at(call, wanted.due_at)
    publication = reschedule(call.database, call.merchant, _id(call), due_at, change=call.change)
    return scheduled_to_wire(publication)


def cancel_publication(call: Call) -> ScheduledResponse:
    """Cancel the publication."""
    publication = cancel(call.database, call.merchant, _id(call), change=call.change)
    return scheduled_to_wire(publication)


def _id(call: Call) -> ScheduledPublicationId:
    return ScheduledPublicationId(call.path["publication_id"])


def _revision(wanted: NewScheduledRequest) -> int:
    if source_from_wire(wanted.source, wanted.document) is not None:
        raise InvalidDocument([Problem("draftId", "expected a draft or a text, found both.")])
    if wanted.revision is None:
        raise InvalidDocument([Problem("revision", "is missing; it goes with draftId.")])
    return wanted.revision


def _due_at(call: Call, text: str) -> datetime:
    try:
        return parse_due_at(text, at=call.at)
    except Malformed as error:
        raise InvalidDocument([Problem("dueAt", str(error))]) from error


OPERATIONS = (
    Operation(
        "GET",
        _ALL,
        list_scheduled_publications,
        "listScheduledPublications",
        "List scheduled publications",
        "Those that wait, the next one first, then the last that do not.",
        "The publications.",
        parameters=(at_most("How many at most."),),
        examples={"one": Example("One that waits", {"scheduledPublications": [_WAITING]})},
        refusals=(INVALID,),
    ),
    Operation(
        "POST",
        _ALL,
        schedule_publication,
        "schedulePublication",
        "Publish at a time",
        "Of a draft as it is now, or of a text or a document with a name. It is "
        "checked in full now, and again then; when it is not accepted any more, nothing is "
        "published and `failure` says why.",
        "It waits.",
        status=201,
        body_examples={
            "draft": Example("A draft", _DRAFT),
            "text": Example("A text", _TEXT),
        },
        examples=_example("It waits", _WAITING),
        refusals=(INVALID, NOT_FOUND, CONFLICT),
    ),
    Operation(
        "GET",
        _ONE,
        show_scheduled_publication,
        "showScheduledPublication",
        "Show a scheduled publication",
        "Whether it waits, and what became of it.",
        "The publication.",
        parameters=(_ID,),
        examples=_example("It waits", _WAITING),
        refusals=(NOT_FOUND,),
    ),
    Operation(
        "PUT",
        _ONE,
        reschedule_publication,
        "putOffPublication",
        "Give a publication another time",
        "Later or earlier, while it waits.",
        "It waits for the new time.",
        parameters=(_ID,),
        body_examples={"later": Example("Another time", {"dueAt": "2026-11-28T08:00Z"})},
        examples=_example("It waits", _WAITING),
        refusals=(INVALID, NOT_FOUND, CONFLICT),
    ),
    Operation(
        "POST",
        f"{_ONE}/cancel",
        cancel_publication,
        "cancelPublication",
        "Cancel a scheduled publication",
        "While it waits; afterwards it is too late.",
        "Nothing will be published.",
        parameters=(_ID,),
        examples=_example("It was cancelled", _CANCELLED),
        refusals=(NOT_FOUND, CONFLICT),
    ),
)

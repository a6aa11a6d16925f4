"""`/admin/v1/configuration/drafts`: begin, change, check, publish and delete drafts."""

from __future__ import annotations

from typing import Any

from orderguard.actions.manage_drafts import StartFrom, get_draft
from orderguard.actions.manage_drafts import change_draft as change
from orderguard.actions.manage_drafts import delete_draft as delete
from orderguard.actions.manage_drafts import publish_draft as publish
from orderguard.actions.manage_drafts import start_draft as start
from orderguard.admin.api.configuration import (
    CHECKED,
    DOCUMENT,
    PUBLISHED_VERSION,
    SOURCE,
    as_version,
    check_source,
    with_warnings,
)
from orderguard.admin.api.operation import Call, Operation
from orderguard.admin.api.parameters import path_text
from orderguard.admin.api.refusals import CONFLICT, INVALID, NOT_FOUND
from orderguard.admin.api.wire.configuration import (
    CheckResponse,
    DraftChangeRequest,
    DraftPublicationRequest,
    DraftResponse,
    DraftsResponse,
    NewDraftRequest,
    PublishedResponse,
    draft_summary_to_wire,
    draft_to_wire,
    source_from_wire,
)
from orderguard.domain.configuration.draft import Draft, DraftId
from orderguard.domain.errors import InvalidDocument, Problem
from orderguard.http.openapi.vocabulary import Example, Parameter
from orderguard.randomness import new_draft_id

_SUMMARY: dict[str, Any] = {
    "id": "drf_a1b2c3d4e5f6g7h8",
    "name": "Lower prices in USD",
    "revision": 3,
    "basedOn": 2,
    "createdAt": "2026-11-02T09:15:00+00:00",
    "createdBy": "ida@shop.example",
    "changedAt": "2026-11-02T09:35:00+00:00",
    "changedBy": "key_a1b2c3d4e5f6",
}
_DRAFT = {
    "draft": Example("The draft", {"draft": {**_SUMMARY, "source": SOURCE, "document": DOCUMENT}})
}
_ID = path_text("draft_id", "The draft.", _SUMMARY["id"])
_REVISION = Parameter(
    "revision", "query", "The revision that this was decided on.", {"type": "integer"}, 3
)
_CHANGED = "Refused when somebody changed the draft since `revision`."
_ALL = "/configuration/drafts"
_ONE = f"{_ALL}/{{draft_id}}"


def list_drafts(call: Call) -> DraftsResponse:
    """All drafts of the merchant, without their texts."""
    with call.reading() as work:
        found = work.drafts.of_merchant(call.merchant)
    return DraftsResponse([draft_summary_to_wire(each) for each in found])


def start_draft(call: Call, wanted: NewDraftRequest) -> DraftResponse:
    """Create a draft."""
    source = source_from_wire(wanted.source, wanted.document)
    draft = start(
        call.database,
        call.merchant,
        wanted.name,
        StartFrom(as_version(wanted.version), source),
        new_id=new_draft_id(),
        change=call.change,
        source_limit=call.services.source_limit,
    )
    return draft_to_wire(draft)


def show_draft(call: Call) -> DraftResponse:
    """One draft with its text."""
    return draft_to_wire(draft_of(call))


def change_draft(call: Call, wanted: DraftChangeRequest) -> DraftResponse:
    """Change the text or the name of a draft."""
    draft = change(
        call.database,
        call.merchant,
        _id(call),
        name=wanted.name,
        source=source_from_wire(wanted.source, wanted.document),
        expected_revision=wanted.revision,
        change=call.change,
        source_limit=call.services.source_limit,
    )
    return draft_to_wire(draft)


def delete_draft(call: Call) -> None:
    """Delete a draft, if `revision` is still its latest."""
    delete(
        call.database,
        call.merchant,
        _id(call),
        expected_revision=_revision(call),
        change=call.change,
    )


def check_draft(call: Call) -> CheckResponse:
    """The problems of the draft's saved text."""
    return check_source(call, draft_of(call).source)


def publish_draft(call: Call, wanted: DraftPublicationRequest) -> PublishedResponse:
    """Publish a draft as the next version."""
    published = publish(
        call.database,
        call.services.compiler,
        call.merchant,
        _id(call),
        expected_revision=wanted.revision,
        on_top_of=as_version(wanted.on_top_of),
        change=call.change,
    )
    return with_warnings(call, published)


def draft_of(call: Call) -> Draft:
    """The draft that the path names. Raises `NotFound`."""
    with call.reading() as work:
        return get_draft(work, call.merchant, _id(call))


def _id(call: Call) -> DraftId:
    return DraftId(call.path["draft_id"])


def _revision(call: Call) -> int:
    text = call.query.get_param("revision") or ""
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise InvalidDocument([Problem("revision", "expected the draft's revision.")])
    return int(text)


OPERATIONS = (
    Operation(
        "GET",
        _ALL,
        list_drafts,
        "listDrafts",
        "List drafts",
        "All of them, without their texts.",
        "The drafts.",
        examples={"one": Example("One draft", {"drafts": [_SUMMARY]})},
    ),
    Operation(
        "POST",
        _ALL,
        start_draft,
        "startDraft",
        "Begin a draft",
        "With a text, a document or an old version; with what is published otherwise. "
        "It may have problems.",
        "It was begun.",
        status=201,
        body_examples={
            "published": Example("From what is published", {"name": "Lower prices in USD"}),
            "version": Example("From a version", {"name": "As it was", "version": 1}),
            "document": Example("From a document", {"name": "New", "document": DOCUMENT}),
        },
        examples=_DRAFT,
        refusals=(INVALID, NOT_FOUND, CONFLICT),
    ),
    Operation(
        "GET",
        _ONE,
        show_draft,
        "showDraft",
        "Show a draft",
        "As text, and as JSON when it is a document.",
        "The draft.",
        parameters=(_ID,),
        examples=_DRAFT,
        refusals=(NOT_FOUND,),
    ),
    Operation(
        "PUT",
        _ONE,
        change_draft,
        "changeDraft",
        "Change a draft",
        f"Its text or its name; what is not sent stays. {_CHANGED}",
        "The draft as it is now.",
        parameters=(_ID,),
        body_examples={
            "text": Example("Another text", {"revision": 2, "source": SOURCE}),
            "name": Example("Another name", {"revision": 2, "name": "Lower prices in USD"}),
        },
        examples=_DRAFT,
        refusals=(INVALID, NOT_FOUND, CONFLICT),
    ),
    Operation(
        "DELETE",
        _ONE,
        delete_draft,
        "deleteDraft",
        "Delete a draft",
        f"For good. {_CHANGED}",
        "It is gone.",
        status=204,
        parameters=(_ID, _REVISION),
        refusals=(INVALID, NOT_FOUND, CONFLICT),
    ),
    Operation(
        "POST",
        f"{_ONE}/check",
        check_draft,
        "checkDraft",
        "Check a draft",
        "Says everything that stands in the way of publishing it, or what it warns of.",
        "It was checked.",
        parameters=(_ID,),
        examples=CHECKED,
        refusals=(NOT_FOUND,),
    ),
    Operation(
        "POST",
        f"{_ONE}/publish",
        publish_draft,
        "publishDraft",
        "Publish a draft",
        "It counts at once, and is no draft any more. Refused when it has problems, "
        "when somebody changed it since `revision`, and when somebody published since `onTopOf`.",
        "It counts.",
        status=201,
        parameters=(_ID,),
        body_examples={"seen": Example("As it was seen", {"revision": 3, "onTopOf": 2})},
        examples=PUBLISHED_VERSION,
        refusals=(INVALID, NOT_FOUND, CONFLICT),
    ),
)

"""Drafts and scheduled publications, described."""

from __future__ import annotations

from typing import Any

from orderguard.domain.api_key import Scope
from orderguard.http.openapi.admin_configuration import CHECKED, DOCUMENT, SOURCE, VERSION
from orderguard.http.openapi.admin_refusals import (
    ADMIN_CONFLICT,
    ADMIN_INVALID,
    ADMIN_NOT_FOUND,
    BASES,
    EVERYWHERE,
    TAG,
)
from orderguard.http.openapi.orders import NO_STORE
from orderguard.http.openapi.vocabulary import Answer, Example, Parameter, Route
from orderguard.http.paging import LIMIT_DEFAULT, LIMIT_MAXIMUM
from orderguard.http.wire.admin_configuration import (
    CheckResponse,
    ConfigurationResponse,
    DraftChangeRequest,
    DraftPublicationRequest,
    DraftResponse,
    DraftsResponse,
    NewDraftRequest,
    NewScheduledRequest,
    PutOffRequest,
    ScheduledListResponse,
    ScheduledResponse,
)

_DRAFT_SUMMARY: dict[str, Any] = {
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
    "draft": Example(
        "The draft", {"draft": {**_DRAFT_SUMMARY, "source": SOURCE, "document": DOCUMENT}}
    )
}
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


def _scheduled(summary: str, value: dict[str, Any]) -> dict[str, Example]:
    return {
        value["status"]: Example(summary, {"scheduledPublication": {**value, "source": SOURCE}})
    }


_ID = Parameter("draft_id", "path", "The draft.", {"type": "string"}, _DRAFT_SUMMARY["id"])
_PUBLICATION = Parameter(
    "publication_id", "path", "The publication.", {"type": "string"}, _WAITING["id"]
)
_REVISION = Parameter(
    "revision", "query", "The revision that this was decided on.", {"type": "integer"}, 3
)
_LIMIT = Parameter(
    "limit",
    "query",
    "How many at most.",
    {"type": "integer", "minimum": 1, "maximum": LIMIT_MAXIMUM, "default": LIMIT_DEFAULT},
    10,
)
_CHANGED = "Refused when somebody changed the draft since `revision`."
_DRAFTS = "/configuration/drafts"
_SCHEDULED = "/configuration/scheduled-publications"

_OF_DRAFTS = (
    Route(
        method="GET",
        path=_DRAFTS,
        bases=BASES,
        operation_id="listDrafts",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="List drafts",
        description="All of them, without their texts.",
        answers=(
            Answer(
                200,
                "The drafts.",
                DraftsResponse,
                {"one": Example("One draft", {"drafts": [_DRAFT_SUMMARY]})},
                NO_STORE,
            ),
            *EVERYWHERE,
        ),
    ),
    Route(
        method="POST",
        path=_DRAFTS,
        bases=BASES,
        operation_id="startDraft",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Begin a draft",
        description="With a text, a document or an old version; with what is published otherwise. "
        "It may have problems.",
        body=NewDraftRequest,
        body_examples={
            "published": Example("From what is published", {"name": "Lower prices in USD"}),
            "version": Example("From a version", {"name": "As it was", "version": 1}),
            "document": Example("From a document", {"name": "New", "document": DOCUMENT}),
        },
        answers=(
            Answer(201, "It was begun.", DraftResponse, _DRAFT, NO_STORE),
            ADMIN_INVALID,
            ADMIN_NOT_FOUND,
            ADMIN_CONFLICT,
            *EVERYWHERE,
        ),
    ),
    Route(
        method="GET",
        path=f"{_DRAFTS}/{{draft_id}}",
        bases=BASES,
        operation_id="showDraft",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Show a draft",
        description="As text, and as JSON when it is a document.",
        parameters=(_ID,),
        answers=(
            Answer(200, "The draft.", DraftResponse, _DRAFT, NO_STORE),
            ADMIN_NOT_FOUND,
            *EVERYWHERE,
        ),
    ),
    Route(
        method="PUT",
        path=f"{_DRAFTS}/{{draft_id}}",
        bases=BASES,
        operation_id="changeDraft",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Change a draft",
        description=f"Its text or its name; what is not sent stays. {_CHANGED}",
        parameters=(_ID,),
        body=DraftChangeRequest,
        body_examples={
            "text": Example("Another text", {"revision": 2, "source": SOURCE}),
            "name": Example("Another name", {"revision": 2, "name": "Lower prices in USD"}),
        },
        answers=(
            Answer(200, "The draft as it is now.", DraftResponse, _DRAFT, NO_STORE),
            ADMIN_INVALID,
            ADMIN_NOT_FOUND,
            ADMIN_CONFLICT,
            *EVERYWHERE,
        ),
    ),
    Route(
        method="DELETE",
        path=f"{_DRAFTS}/{{draft_id}}",
        bases=BASES,
        operation_id="deleteDraft",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Delete a draft",
        description=f"For good. {_CHANGED}",
        parameters=(_ID, _REVISION),
        answers=(
            Answer(204, "It is gone."),
            ADMIN_INVALID,
            ADMIN_NOT_FOUND,
            ADMIN_CONFLICT,
            *EVERYWHERE,
        ),
    ),
    Route(
        method="POST",
        path=f"{_DRAFTS}/{{draft_id}}/check",
        bases=BASES,
        operation_id="checkDraft",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Check a draft",
        description="Says everything that stands in the way of publishing it.",
        parameters=(_ID,),
        answers=(
            Answer(200, "It was checked.", CheckResponse, CHECKED, NO_STORE),
            ADMIN_NOT_FOUND,
            *EVERYWHERE,
        ),
    ),
    Route(
        method="POST",
        path=f"{_DRAFTS}/{{draft_id}}/publish",
        bases=BASES,
        operation_id="publishDraft",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Publish a draft",
        description="It counts at once, and is no draft any more. Refused when it has problems, "
        "when somebody changed it since `revision`, and when somebody published since `onTopOf`.",
        parameters=(_ID,),
        body=DraftPublicationRequest,
        body_examples={
            "seen": Example("As it was seen", {"revision": 3, "onTopOf": 2}),
        },
        answers=(
            Answer(201, "It counts.", ConfigurationResponse, VERSION, NO_STORE),
            ADMIN_INVALID,
            ADMIN_NOT_FOUND,
            ADMIN_CONFLICT,
            *EVERYWHERE,
        ),
    ),
)

_OF_SCHEDULED = (
    Route(
        method="GET",
        path=_SCHEDULED,
        bases=BASES,
        operation_id="listScheduledPublications",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="List scheduled publications",
        description="Those that wait, the next one first, then the last that do not.",
        parameters=(_LIMIT,),
        answers=(
            Answer(
                200,
                "The publications.",
                ScheduledListResponse,
                {"one": Example("One that waits", {"scheduledPublications": [_WAITING]})},
                NO_STORE,
            ),
            ADMIN_INVALID,
            *EVERYWHERE,
        ),
    ),
    Route(
        method="POST",
        path=_SCHEDULED,
        bases=BASES,
        operation_id="schedulePublication",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Publish at a time",
        description="Of a draft as it is now, or of a text or a document with a name. It is "
        "checked in full now, and again then; when it is not accepted any more, nothing is "
        "published and `failure` says why.",
        body=NewScheduledRequest,
        body_examples={
            "draft": Example(
                "A draft",
                {"dueAt": "2026-11-27T08:00Z", "draftId": _DRAFT_SUMMARY["id"], "revision": 3},
            ),
            "text": Example(
                "A text", {"dueAt": "2026-11-27T08:00Z", "name": "Sale", "source": SOURCE}
            ),
        },
        answers=(
            Answer(201, "It waits.", ScheduledResponse, _scheduled("It waits", _WAITING), NO_STORE),
            ADMIN_INVALID,
            ADMIN_NOT_FOUND,
            ADMIN_CONFLICT,
            *EVERYWHERE,
        ),
    ),
    Route(
        method="GET",
        path=f"{_SCHEDULED}/{{publication_id}}",
        bases=BASES,
        operation_id="showScheduledPublication",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Show a scheduled publication",
        description="Whether it waits, and what became of it.",
        parameters=(_PUBLICATION,),
        answers=(
            Answer(
                200,
                "The publication.",
                ScheduledResponse,
                _scheduled("It waits", _WAITING),
                NO_STORE,
            ),
            ADMIN_NOT_FOUND,
            *EVERYWHERE,
        ),
    ),
    Route(
        method="PUT",
        path=f"{_SCHEDULED}/{{publication_id}}",
        bases=BASES,
        operation_id="putOffPublication",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Give a publication another time",
        description="Later or earlier, while it waits.",
        parameters=(_PUBLICATION,),
        body=PutOffRequest,
        body_examples={"later": Example("Another time", {"dueAt": "2026-11-28T08:00Z"})},
        answers=(
            Answer(
                200,
                "It waits for the new time.",
                ScheduledResponse,
                _scheduled("It waits", _WAITING),
                NO_STORE,
            ),
            ADMIN_INVALID,
            ADMIN_NOT_FOUND,
            ADMIN_CONFLICT,
            *EVERYWHERE,
        ),
    ),
    Route(
        method="POST",
        path=f"{_SCHEDULED}/{{publication_id}}/cancel",
        bases=BASES,
        operation_id="cancelPublication",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Cancel a scheduled publication",
        description="While it waits; afterwards it is too late.",
        parameters=(_PUBLICATION,),
        answers=(
            Answer(
                200,
                "Nothing will be published.",
                ScheduledResponse,
                _scheduled("It was cancelled", _CANCELLED),
                NO_STORE,
            ),
            ADMIN_NOT_FOUND,
            ADMIN_CONFLICT,
            *EVERYWHERE,
        ),
    ),
)

ROUTES = (*_OF_DRAFTS, *_OF_SCHEDULED)

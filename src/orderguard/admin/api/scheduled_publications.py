"""`/admin/v1/configuration/scheduled-publications`: publish at a time, put off, call off."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import falcon
from falcon.asgi import Request, Response

from orderguard.actions.schedule_publication import (
    cancel_publication,
    get_scheduled_publication,
    put_off_publication,
    schedule_draft,
    schedule_publication,
)
from orderguard.admin.api.desk import AdminCaller, AdminDesk, read_struct
from orderguard.domain.draft import DraftId
from orderguard.domain.errors import InvalidDocument, Malformed, Problem
from orderguard.domain.rule import ConditionCompiler
from orderguard.domain.scheduled_publication import (
    ScheduledPublication,
    ScheduledPublicationId,
    parse_due_at,
)
from orderguard.http.orders import write_json
from orderguard.http.paging import page_limit
from orderguard.http.wire.admin_configuration import (
    NewScheduledRequest,
    PutOffRequest,
    ScheduledListResponse,
    required_source,
    scheduled_summary_to_wire,
    scheduled_to_wire,
    source_from_wire,
)
from orderguard.randomness import new_scheduled_publication_id


class ScheduledPublicationsResource:
    """`GET` lists them, `POST` sets a time for one."""

    def __init__(self, desk: AdminDesk, compiler: ConditionCompiler) -> None:
        self._desk = desk
        self._compiler = compiler

    async def on_get(self, request: Request, response: Response) -> None:
        caller = await self._desk.admit(request, "scheduled_publications")
        limit = page_limit(request)
        found = await self._desk.look(
            lambda work: work.scheduled_publications.of_merchant(caller.merchant, limit=limit)
        )
        answer = ScheduledListResponse([scheduled_summary_to_wire(each) for each in found])
        write_json(response, answer)

    async def on_post(self, request: Request, response: Response) -> None:
        caller = await self._desk.admit(request, "scheduled_publications")
        wanted = await read_struct(request, NewScheduledRequest)
        publication = await self._desk.run(lambda: self._schedule(caller, wanted))
        response.status = falcon.HTTP_201
        await self._desk.write(response, scheduled_to_wire, publication)

    def _schedule(self, caller: AdminCaller, wanted: NewScheduledRequest) -> ScheduledPublication:
        at = self._desk.clock()
        due_at = _due_at(wanted.due_at, self._desk)
        if wanted.draft_id is not None:
            return schedule_draft(
                self._desk.database,
                self._compiler,
                caller.merchant,
                DraftId(wanted.draft_id),
                expected_revision=_revision(wanted),
                due_at=due_at,
                new_id=new_scheduled_publication_id(),
                by=caller.actor,
                at=at,
            )
        return schedule_publication(
            self._desk.database,
            self._compiler,
            caller.merchant,
            required_source(wanted.source, wanted.document),
            name=wanted.name or "",
            due_at=due_at,
            new_id=new_scheduled_publication_id(),
            by=caller.actor,
            at=at,
        )


def _revision(wanted: NewScheduledRequest) -> int:
    if source_from_wire(wanted.source, wanted.document) is not None:
        raise InvalidDocument([Problem("draftId", "expected a draft or a text, found both.")])
    if wanted.revision is None:
        raise InvalidDocument([Problem("revision", "is missing; it goes with draftId.")])
    return wanted.revision


def _due_at(text: str, desk: AdminDesk) -> datetime:
    try:
        return parse_due_at(text, at=desk.clock())
    except Malformed as error:
        raise InvalidDocument([Problem("dueAt", str(error))]) from error


class ScheduledPublicationResource:
    """One of them: look at it, or give it another time."""

    def __init__(self, desk: AdminDesk) -> None:
        self._desk = desk

    async def on_get(self, request: Request, response: Response, publication_id: str) -> None:
        caller = await self._desk.admit(request, "scheduled_publication")
        found = await self._desk.look(
            lambda work: get_scheduled_publication(
                work, caller.merchant, ScheduledPublicationId(publication_id)
            )
        )
        await self._desk.write(response, scheduled_to_wire, found)

    async def on_put(self, request: Request, response: Response, publication_id: str) -> None:
        caller = await self._desk.admit(request, "scheduled_publication")
        wanted = await read_struct(request, PutOffRequest)
        due_at = _due_at(wanted.due_at, self._desk)
        publication = await self._desk.run(
            lambda: put_off_publication(
                self._desk.database,
                caller.merchant,
                ScheduledPublicationId(publication_id),
                due_at,
                by=caller.actor,
                at=self._desk.clock(),
            )
        )
        await self._desk.write(response, scheduled_to_wire, publication)


class ScheduledPublicationCancelResource:
    """`POST`: call it off."""

    def __init__(self, desk: AdminDesk) -> None:
        self._desk = desk

    async def on_post(self, request: Request, response: Response, publication_id: str) -> None:
        caller = await self._desk.admit(request, "scheduled_publication_cancel")
        publication = await self._desk.run(
            lambda: cancel_publication(
                self._desk.database,
                caller.merchant,
                ScheduledPublicationId(publication_id),
                by=caller.actor,
                at=self._desk.clock(),
            )
        )
        await self._desk.write(response, scheduled_to_wire, publication)


def scheduled_publication_resources(desk: AdminDesk, compiler: ConditionCompiler) -> dict[str, Any]:
    """Resources by path."""
    base = "/configuration/scheduled-publications"
    return {
        base: ScheduledPublicationsResource(desk, compiler),
        f"{base}/{{publication_id}}": ScheduledPublicationResource(desk),
        f"{base}/{{publication_id}}/cancel": ScheduledPublicationCancelResource(desk),
    }

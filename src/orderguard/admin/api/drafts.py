"""`/admin/v1/configuration/drafts`: begin, change, check, publish and delete drafts."""

from __future__ import annotations

from typing import Any

import falcon
from falcon.asgi import Request, Response

from orderguard.actions.manage_drafts import (
    StartFrom,
    change_draft,
    delete_draft,
    get_draft,
    publish_draft,
    start_draft,
)
from orderguard.admin.api.configuration import answer_check, as_version
from orderguard.admin.api.desk import AdminDesk, read_struct
from orderguard.domain.draft import DraftId
from orderguard.domain.errors import InvalidDocument, Problem
from orderguard.domain.rule import ConditionCompiler
from orderguard.http.orders import write_json
from orderguard.http.wire.admin_configuration import (
    DraftChangeRequest,
    DraftPublicationRequest,
    DraftsResponse,
    NewDraftRequest,
    draft_summary_to_wire,
    draft_to_wire,
    source_from_wire,
    version_to_wire,
)
from orderguard.randomness import new_draft_id


class DraftsResource:
    """All drafts, and a new one."""

    def __init__(self, desk: AdminDesk) -> None:
        self._desk = desk

    async def on_get(self, request: Request, response: Response) -> None:
        caller = await self._desk.admit(request, "drafts")
        found = await self._desk.look(lambda work: work.drafts.of_merchant(caller.merchant))
        write_json(response, DraftsResponse([draft_summary_to_wire(each) for each in found]))

    async def on_post(self, request: Request, response: Response) -> None:
        caller = await self._desk.admit(request, "drafts")
        wanted = await read_struct(request, NewDraftRequest)
        source = source_from_wire(wanted.source, wanted.document)
        draft = await self._desk.run(
            lambda: start_draft(
                self._desk.database,
                caller.merchant,
                wanted.name,
                StartFrom(as_version(wanted.version), source),
                new_id=new_draft_id(),
                by=caller.actor,
                at=self._desk.clock(),
            )
        )
        response.status = falcon.HTTP_201
        await self._desk.write(response, draft_to_wire, draft)


class DraftResource:
    """One draft."""

    def __init__(self, desk: AdminDesk) -> None:
        self._desk = desk

    async def on_get(self, request: Request, response: Response, draft_id: str) -> None:
        caller = await self._desk.admit(request, "draft")
        draft = await self._desk.look(
            lambda work: get_draft(work, caller.merchant, DraftId(draft_id))
        )
        await self._desk.write(response, draft_to_wire, draft)

    async def on_put(self, request: Request, response: Response, draft_id: str) -> None:
        caller = await self._desk.admit(request, "draft")
        wanted = await read_struct(request, DraftChangeRequest)
        source = source_from_wire(wanted.source, wanted.document)
        draft = await self._desk.run(
            lambda: change_draft(
                self._desk.database,
                caller.merchant,
                DraftId(draft_id),
                name=wanted.name,
                source=source,
                expected_revision=wanted.revision,
                by=caller.actor,
                at=self._desk.clock(),
            )
        )
        await self._desk.write(response, draft_to_wire, draft)

    async def on_delete(self, request: Request, response: Response, draft_id: str) -> None:
        caller = await self._desk.admit(request, "draft")
        revision = _revision(request)
        await self._desk.run(
            lambda: delete_draft(
                self._desk.database,
                caller.merchant,
                DraftId(draft_id),
                expected_revision=revision,
                by=caller.actor,
                at=self._desk.clock(),
            )
        )
        response.status = falcon.HTTP_204


class DraftCheckResource:
    """`POST`: what stands in the way of publishing the draft as it is saved."""

    def __init__(self, desk: AdminDesk, compiler: ConditionCompiler) -> None:
        self._desk = desk
        self._compiler = compiler

    async def on_post(self, request: Request, response: Response, draft_id: str) -> None:
        caller = await self._desk.admit(request, "draft_check")
        draft = await self._desk.look(
            lambda work: get_draft(work, caller.merchant, DraftId(draft_id))
        )
        await answer_check(self._desk, self._compiler, draft.source, response)


class DraftPublicationResource:
    """`POST`: publish the draft; it is gone then."""

    def __init__(self, desk: AdminDesk, compiler: ConditionCompiler) -> None:
        self._desk = desk
        self._compiler = compiler

    async def on_post(self, request: Request, response: Response, draft_id: str) -> None:
        caller = await self._desk.admit(request, "draft_publication")
        wanted = await read_struct(request, DraftPublicationRequest)
        published = await self._desk.run(
            lambda: publish_draft(
                self._desk.database,
                self._compiler,
                caller.merchant,
                DraftId(draft_id),
                expected_revision=wanted.revision,
                on_top_of=as_version(wanted.on_top_of),
                by=caller.actor,
                at=self._desk.clock(),
            )
        )
        response.status = falcon.HTTP_201
        await self._desk.write(response, version_to_wire, published)


def _revision(request: Request) -> int:
    text: str = request.get_param("revision") or ""
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise InvalidDocument([Problem("revision", "expected the draft's revision.")])
    return int(text)


def draft_resources(desk: AdminDesk, compiler: ConditionCompiler) -> dict[str, Any]:
    """Resources by path."""
    base = "/configuration/drafts"
    return {
        base: DraftsResource(desk),
        f"{base}/{{draft_id}}": DraftResource(desk),
        f"{base}/{{draft_id}}/check": DraftCheckResource(desk, compiler),
        f"{base}/{{draft_id}}/publish": DraftPublicationResource(desk, compiler),
    }

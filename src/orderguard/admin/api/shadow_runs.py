"""`/admin/v1/shadow-runs`: replay past sessions against a draft, and watch it."""

from __future__ import annotations

import msgspec
from falcon.asgi import Request, Response

from orderguard.actions.manage_drafts import get_draft
from orderguard.actions.shadow_run import ShadowRuns, shadow_run_not_found
from orderguard.admin.api.desk import AdminCaller, AdminDesk, read_struct
from orderguard.domain.draft import DraftId
from orderguard.domain.errors import InvalidDocument, Problem
from orderguard.domain.ids import MerchantId
from orderguard.domain.shadow_run import ShadowRun, ShadowRunId
from orderguard.http.orders import write_json
from orderguard.http.wire.admin_configuration import required_source, source_from_wire
from orderguard.http.wire.admin_shadow_runs import (
    ShadowRunRequest,
    ShadowRunsResponse,
    shadow_run_to_wire,
)

LISTED_AT_MOST = 20


class ShadowRunsResource:
    """`GET` lists the last runs, `POST` begins one."""

    def __init__(self, desk: AdminDesk, runs: ShadowRuns) -> None:
        self._desk = desk
        self._runs = runs

    async def on_get(self, request: Request, response: Response) -> None:
        caller = await self._desk.admit(request, "shadow_runs")
        found = await self._desk.look(
            lambda work: work.shadow_runs.latest(caller.merchant, limit=LISTED_AT_MOST)
        )
        at = self._desk.clock()
        answer = ShadowRunsResponse([shadow_run_to_wire(each, at=at) for each in found])
        write_json(response, msgspec.to_builtins(answer))

    async def on_post(self, request: Request, response: Response) -> None:
        caller = await self._desk.admit(request, "shadow_runs")
        wanted = await read_struct(request, ShadowRunRequest)
        source = await self._source(caller, wanted)
        at = self._desk.clock()
        run = await self._desk.run(
            lambda: self._runs.start(
                caller.merchant,
                source,
                draft=wanted.draftId,
                last=wanted.last,
                by=caller.actor,
                at=at,
            )
        )
        response.status = 201
        write_json(response, msgspec.to_builtins(shadow_run_to_wire(run, at=at)))

    async def _source(self, caller: AdminCaller, wanted: ShadowRunRequest) -> str:
        if wanted.draftId is None:
            return required_source(wanted.source, wanted.document)
        if source_from_wire(wanted.source, wanted.document) is not None:
            raise InvalidDocument([Problem("draftId", "expected a draft or a text, found both.")])
        draft = DraftId(wanted.draftId)
        found = await self._desk.look(lambda work: get_draft(work, caller.merchant, draft))
        return found.source


class ShadowRunResource:
    """`GET`: how far a run is, or what it found."""

    def __init__(self, desk: AdminDesk) -> None:
        self._desk = desk

    async def on_get(self, request: Request, response: Response, run_id: str) -> None:
        caller = await self._desk.admit(request, "shadow_run")
        run = await find_shadow_run(self._desk, caller.merchant, run_id)
        wire = shadow_run_to_wire(run, at=self._desk.clock())
        write_json(response, msgspec.to_builtins(wire))


class ShadowRunCancelResource:
    """`POST`: call a run off; one that has ended stays as it is."""

    def __init__(self, desk: AdminDesk, runs: ShadowRuns) -> None:
        self._desk = desk
        self._runs = runs

    async def on_post(self, request: Request, response: Response, run_id: str) -> None:
        caller = await self._desk.admit(request, "shadow_run_cancel")
        at = self._desk.clock()
        await self._desk.run(
            lambda: self._runs.cancel(caller.merchant, ShadowRunId(run_id), by=caller.actor, at=at)
        )
        run = await find_shadow_run(self._desk, caller.merchant, run_id)
        write_json(response, msgspec.to_builtins(shadow_run_to_wire(run, at=at)))


async def find_shadow_run(desk: AdminDesk, merchant: MerchantId, run_id: str) -> ShadowRun:
    """The run. Raises `NotFound`."""
    run = await desk.look(lambda work: work.shadow_runs.find(merchant, ShadowRunId(run_id)))
    if run is None:
        raise shadow_run_not_found()
    return run

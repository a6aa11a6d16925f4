"""`/admin/v1/shadow-runs`: replay past sessions against an unpublished configuration."""

from __future__ import annotations

from orderguard.actions.manage_drafts import get_draft
from orderguard.actions.shadow_run import shadow_run_not_found
from orderguard.admin.api.operation import Call, Operation
from orderguard.admin.api.parameters import path_text
from orderguard.admin.api.refusals import CONFLICT, INVALID, NOT_FOUND
from orderguard.admin.api.wire.configuration import required_source, source_from_wire
from orderguard.admin.api.wire.shadow_runs import (
    ShadowRunRequest,
    ShadowRunsResponse,
    WireShadowRun,
    shadow_run_to_wire,
)
from orderguard.domain.configuration.draft import DraftId
from orderguard.domain.errors import InvalidDocument, Problem
from orderguard.domain.what_if.shadow_run import ShadowRun, ShadowRunId
from orderguard.http.openapi.vocabulary import Example

LISTED_AT_MOST = 20

_SOURCE = """\
modes = ["returnCoverage"]
currencies = ["USD"]

[[pricing.returnCoverage]]
base = { USD = 298 }
"""
_RUNNING = {
    "id": "shr_a1b2c3d4e5f6g7h8",
    "status": "running",
    "last": 5000,
    "replayed": 2500,
    "startedAt": "2026-11-02T09:15:00+00:00",
    "progressedAt": "2026-11-02T09:15:01+00:00",
    "startedBy": "key_a1b2c3d4e5f6",
    "draftId": None,
    "failure": None,
    "report": None,
}
_RUN = {"running": Example("Half of it is done", _RUNNING)}
_ID = path_text("run_id", "The run.", _RUNNING["id"])


def start_shadow_run(call: Call, wanted: ShadowRunRequest) -> WireShadowRun:
    """Start a run, in a process of its own."""
    run = call.services.shadow_runs.start(
        call.merchant,
        _source(call, wanted),
        draft=wanted.draftId,
        last=wanted.last,
        change=call.real_change,
    )
    return shadow_run_to_wire(run, at=call.real_at)


def _source(call: Call, wanted: ShadowRunRequest) -> str:
    if wanted.draftId is None:
        return required_source(wanted.source, wanted.document)
    if source_from_wire(wanted.source, wanted.document) is not None:
        raise InvalidDocument([Problem("draftId", "expected a draft or a text, found both.")])
    with call.reading() as work:
        return get_draft(work, call.merchant, DraftId(wanted.draftId)).source


def list_shadow_runs(call: Call) -> ShadowRunsResponse:
    """The last runs, newest first."""
    with call.reading() as work:
        found = work.shadow_runs.latest(call.merchant, limit=LISTED_AT_MOST)
    return ShadowRunsResponse([shadow_run_to_wire(each, at=call.real_at) for each in found])


def show_shadow_run(call: Call) -> WireShadowRun:
    """The progress of a run, or its report."""
    return shadow_run_to_wire(_run(call), at=call.real_at)


def cancel_shadow_run(call: Call) -> WireShadowRun:
    """Stop the run within a second; a run that has ended is unchanged."""
    call.services.shadow_runs.cancel(
        call.merchant, ShadowRunId(call.path["run_id"]), change=call.real_change
    )
    return shadow_run_to_wire(_run(call), at=call.real_at)


def _run(call: Call) -> ShadowRun:
    """The run that the path names. Raises `NotFound`."""
    with call.reading() as work:
        run = work.shadow_runs.find(call.merchant, ShadowRunId(call.path["run_id"]))
    if run is None:
        raise shadow_run_not_found()
    return run


OPERATIONS = (
    Operation(
        "POST",
        "/shadow-runs",
        start_shadow_run,
        "startShadowRun",
        "Begin a shadow run",
        "Replays the latest sessions against a configuration that is not published, "
        "in a process of its own. One at a time per merchant; ask for it until its `status` is "
        "not `running`.",
        "It is under way.",
        status=201,
        body_examples={
            "small": Example("Another price", {"source": _SOURCE, "last": 1000}),
            "draft": Example("A draft", {"draftId": "drf_a1b2c3d4e5f6g7h8"}),
        },
        examples=_RUN,
        refusals=(INVALID, NOT_FOUND, CONFLICT),
    ),
    Operation(
        "GET",
        "/shadow-runs",
        list_shadow_runs,
        "listShadowRuns",
        "List shadow runs",
        "The last twenty, newest first.",
        "The runs.",
        examples={"one": Example("One run", {"shadowRuns": [_RUNNING]})},
    ),
    Operation(
        "GET",
        "/shadow-runs/{run_id}",
        show_shadow_run,
        "showShadowRun",
        "Show a shadow run",
        "How far it is, and once it is done, what publishing would have changed.",
        "The run.",
        parameters=(_ID,),
        examples=_RUN,
        refusals=(NOT_FOUND,),
    ),
    Operation(
        "POST",
        "/shadow-runs/{run_id}/cancel",
        cancel_shadow_run,
        "cancelShadowRun",
        "Cancel a shadow run",
        "It stops within a second. One that has ended stays as it is.",
        "The run as it is now.",
        parameters=(_ID,),
        examples=_RUN,
        refusals=(NOT_FOUND,),
    ),
)

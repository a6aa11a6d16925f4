"""Shadow runs, described."""

from __future__ import annotations

from orderguard.domain.api_key import Scope
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
from orderguard.http.wire.admin_shadow_runs import (
    ShadowRunRequest,
    ShadowRunsResponse,
    WireShadowRun,
)

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
_ID = Parameter("run_id", "path", "The run.", {"type": "string"}, _RUNNING["id"])

ROUTES = (
    Route(
        method="POST",
        path="/shadow-runs",
        bases=BASES,
        operation_id="startShadowRun",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Begin a shadow run",
        description="Replays the latest sessions against a configuration that is not published, "
        "in a process of its own. One at a time per merchant; ask for it until its `status` is "
        "not `running`.",
        body=ShadowRunRequest,
        body_examples={
            "small": Example("Another price", {"source": _SOURCE, "last": 1000}),
            "draft": Example("A draft", {"draftId": "drf_a1b2c3d4e5f6g7h8"}),
        },
        answers=(
            Answer(201, "It is under way.", WireShadowRun, _RUN, NO_STORE),
            ADMIN_INVALID,
            ADMIN_NOT_FOUND,
            ADMIN_CONFLICT,
            *EVERYWHERE,
        ),
    ),
    Route(
        method="GET",
        path="/shadow-runs",
        bases=BASES,
        operation_id="listShadowRuns",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="List shadow runs",
        description="The last twenty, newest first.",
        answers=(
            Answer(
                200,
                "The runs.",
                ShadowRunsResponse,
                {"one": Example("One run", {"shadowRuns": [_RUNNING]})},
                NO_STORE,
            ),
            *EVERYWHERE,
        ),
    ),
    Route(
        method="GET",
        path="/shadow-runs/{run_id}",
        bases=BASES,
        operation_id="showShadowRun",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Show a shadow run",
        description="How far it is, and once it is done, what publishing would have changed.",
        parameters=(_ID,),
        answers=(
            Answer(200, "The run.", WireShadowRun, _RUN, NO_STORE),
            ADMIN_NOT_FOUND,
            *EVERYWHERE,
        ),
    ),
    Route(
        method="POST",
        path="/shadow-runs/{run_id}/cancel",
        bases=BASES,
        operation_id="cancelShadowRun",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Cancel a shadow run",
        description="It stops within a second. One that has ended stays as it is.",
        parameters=(_ID,),
        answers=(
            Answer(200, "The run as it is now.", WireShadowRun, _RUN, NO_STORE),
            ADMIN_NOT_FOUND,
            *EVERYWHERE,
        ),
    ),
)

"""The audit trail, described."""

from __future__ import annotations

from orderguard.domain.api_key import Scope
from orderguard.http.openapi.admin_refusals import ADMIN_INVALID, BASES, EVERYWHERE, TAG
from orderguard.http.openapi.orders import LIMIT, NO_STORE
from orderguard.http.openapi.vocabulary import Answer, Example, Parameter, Route
from orderguard.http.wire.admin_audit import AuditResponse

CURSOR = Parameter(
    "cursor",
    "query",
    "Where the page begins: the `nextCursor` of the page before.",
    {"type": "string"},
    "20261102T091500.000000Z~0",
)

_ENTRY = {
    "at": "2026-11-02T09:15:00+00:00",
    "actor": "ida@fjord.example",
    "action": "configuration.published",
    "subject": "version 7",
    "before": {"version": 6},
    "after": {"version": 7},
}
_PAGE = {
    "page": Example(
        "Somebody published a configuration",
        {"entries": [_ENTRY], "nextCursor": None},
    )
}

ROUTES = (
    Route(
        method="GET",
        path="/audit",
        bases=BASES,
        operation_id="listAuditTrail",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="List the audit trail",
        description="Who changed what, newest first. Nothing in it is ever altered or removed.",
        parameters=(
            Parameter("actor", "query", "Only what this actor did.", {"type": "string"}, "cli:ida"),
            Parameter(
                "action",
                "query",
                "Only actions that begin so: `api_key` finds `api_key.issued`, too.",
                {"type": "string"},
                "configuration",
            ),
            LIMIT,
            CURSOR,
        ),
        answers=(
            Answer(200, "A page of the trail.", AuditResponse, _PAGE, NO_STORE),
            ADMIN_INVALID,
            *EVERYWHERE,
        ),
    ),
)

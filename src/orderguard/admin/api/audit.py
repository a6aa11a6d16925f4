"""`/admin/v1/audit`: who changed what."""

from __future__ import annotations

from orderguard.admin.api.operation import Call, Operation
from orderguard.admin.api.parameters import CURSOR, query_text
from orderguard.admin.api.refusals import INVALID
from orderguard.admin.api.wire.audit import AuditResponse, audit_entry_to_wire
from orderguard.http.openapi.orders import LIMIT
from orderguard.http.openapi.vocabulary import Example
from orderguard.http.paging import parse_place, place_text

_ENTRY = {
    "at": "2026-11-02T09:15:00+00:00",
    "actor": "ida@fjord.example",
    "action": "configuration.published",
    "subject": "version 7",
    "before": {"version": 6},
    "after": {"version": 7},
}


def list_audit_trail(call: Call) -> AuditResponse:
    """A page of the merchant's audit trail, newest first."""
    limit = call.limit
    after = parse_place(call.query.get_param("cursor"))
    with call.reading() as work:
        found = work.audit.page(
            call.merchant,
            actor=call.query.get_param("actor"),
            action=call.query.get_param("action"),
            after=after,
            limit=limit + 1,
        )
    page, more = found[:limit], found[limit:]
    cursor = place_text(page[-1].at, page[-1].ordinal) if more else None
    return AuditResponse([audit_entry_to_wire(each) for each in page], cursor)


OPERATIONS = (
    Operation(
        "GET",
        "/audit",
        list_audit_trail,
        "listAuditTrail",
        "List the audit trail",
        "Who changed what, newest first. Nothing in it is ever altered or removed.",
        "A page of the trail.",
        examples={
            "page": Example(
                "Somebody published a configuration", {"entries": [_ENTRY], "nextCursor": None}
            )
        },
        parameters=(
            query_text("actor", "Only what this actor did.", "cli:ida"),
            query_text(
                "action",
                "Only actions that begin so: `api_key` finds `api_key.issued`, too.",
                "configuration",
            ),
            LIMIT,
            CURSOR,
        ),
        refusals=(INVALID,),
    ),
)

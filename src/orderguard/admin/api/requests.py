"""`/admin/v1/requests`: the latest requests of a merchant that failed, or all of a sandbox."""

from __future__ import annotations

from orderguard.admin.api.operation import Call, Operation
from orderguard.admin.api.parameters import query_text
from orderguard.admin.api.refusals import INVALID
from orderguard.admin.api.wire.requests import RequestsResponse, request_to_wire
from orderguard.admin.request_query import request_filter, request_place
from orderguard.domain.integration.logged_request import RequestOutcome
from orderguard.http.openapi.orders import LIMIT
from orderguard.http.openapi.vocabulary import Example, Parameter

_REFUSED = {
    "requestId": "req_0a1b2c3d4e5f6g7h8i9j",
    "at": "2026-11-02T09:15:00.250000+00:00",
    "method": "POST",
    "path": "/v1/analyze",
    "status": 400,
    "outcome": "refused",
    "milliseconds": 2,
    "keyId": "key_a1b2c3d4e5f6",
    "code": "invalid_request",
    "problems": [
        {"field": "cart.totalAmount", "message": "expected whole minor units (1999 for 19.99)."}
    ],
    "body": '{"platform":"custom","cart":{"totalAmount":19.99},"email":"[blanked]"}',
    "bodyBytes": 83,
}


def list_requests(call: Call) -> RequestsResponse:
    """A page of the request log, latest first."""
    limit = call.limit
    wanted = request_filter(lambda name: call.query.get_param(name) or "")
    before = request_place(call.query.get_param("cursor") or "")
    with call.reading() as work:
        found = work.request_log.page(call.merchant, wanted, before=before, limit=limit + 1)
    page, more = found[:limit], found[limit:]
    return RequestsResponse(
        [request_to_wire(each) for each in page], str(page[-1].place) if more else None
    )


OPERATIONS = (
    Operation(
        "GET",
        "/requests",
        list_requests,
        "listRequests",
        "List requests that failed",
        "The latest 1,000 requests with a key of this merchant that failed or were refused, and of "
        "a sandbox merchant the latest 1,000 of all, for 30 days. A request appears about a second "
        "after its answer. Requests with an unknown key belong to no merchant.",
        "A page of the request log.",
        examples={
            "page": Example("A cart in dollars", {"requests": [_REFUSED], "nextCursor": None})
        },
        parameters=(
            query_text("request_id", "Only requests with this id.", "req_0a1b2c3d4e5f6g7h8i9j"),
            Parameter(
                "outcome",
                "query",
                "Only requests that ended so.",
                {"type": "string", "enum": [str(each) for each in RequestOutcome]},
                "refused",
            ),
            Parameter(
                "status",
                "query",
                "Only requests with this status; 0 for those without an answer.",
                {"type": "integer", "minimum": 0, "maximum": 999},
                503,
            ),
            LIMIT,
            query_text(
                "cursor",
                "Where the page begins: the `nextCursor` of the page before.",
                "1793610900250000123",
            ),
        ),
        refusals=(INVALID,),
    ),
)

"""The request log in JSON."""

from __future__ import annotations

from typing import Annotated

import msgspec

from orderguard.admin.api.wire.audit import NextCursor
from orderguard.domain.integration.logged_request import LoggedRequest, RequestOutcome
from orderguard.http.wire.doc import doc


class RequestProblem(msgspec.Struct, rename="camel"):
    """What the answer said is wrong."""

    field: Annotated[str | None, doc("Where, as a path; null for the request as a whole.")]
    message: Annotated[str, doc("For people. Its wording may change.")]


class RequestBody(msgspec.Struct, rename="camel"):
    """A request that was kept."""

    request_id: Annotated[str, doc("As the header `X-Request-Id` of the answer.")]
    at: Annotated[str, doc("When.", extra_json_schema={"format": "date-time"})]
    method: Annotated[str, doc("As it was sent.")]
    path: Annotated[str, doc("Without the query.")]
    status: Annotated[int | None, doc("Of the answer; null without an answer.")]
    outcome: Annotated[
        RequestOutcome,
        doc(
            "`refused` with a 4xx, `failed` with a 5xx, without an answer or with one "
            "that breaks off, `gave_up` when the caller closed the connection before the answer."
        ),
    ]
    milliseconds: Annotated[int, doc("From the request's head to the answer's end.")]
    key_id: Annotated[str, doc("The key that was sent.")]
    code: Annotated[str | None, doc("Of the error, as on `/docs/errors`; null without one.")]
    problems: Annotated[list[RequestProblem], doc("Up to 20.")]
    body: Annotated[
        str,
        doc(
            "Up to 8,192 bytes, as text. What is about a person is `[blanked]`; of "
            "what is no JSON, or larger than 16 kB, only the form of the beginning is kept."
        ),
    ]
    body_bytes: Annotated[int, doc("The length of the body that arrived.")]


class RequestsResponse(msgspec.Struct, rename="camel"):
    """A page of the request log, latest first."""

    requests: Annotated[list[RequestBody], doc("Latest first.")]
    next_cursor: NextCursor


def request_to_wire(request: LoggedRequest) -> RequestBody:
    """A kept request in JSON."""
    return RequestBody(
        request_id=request.request_id,
        at=request.at.isoformat(),
        method=request.method,
        path=request.path,
        status=request.status or None,
        outcome=request.outcome,
        milliseconds=request.milliseconds,
        key_id=request.key,
        code=request.code or None,
        problems=[RequestProblem(each.path or None, each.message) for each in request.problems],
        body=request.body,
        body_bytes=request.body_bytes,
    )

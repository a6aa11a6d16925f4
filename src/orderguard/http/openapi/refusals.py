"""How the offer routes refuse (contract §7)."""

from __future__ import annotations

from typing import Any

from orderguard.http.edge import CORS_HEADERS
from orderguard.http.openapi.vocabulary import Answer, Example, Header
from orderguard.http.wire.refusal import ErrorResponse

FAMILY = "Offers"
REQUEST_ID = "req_9vZbLq3TtWk2yXnA0cRd"

_DESCRIPTIONS = {
    "access-control-allow-methods": "What a browser may send here.",
    "access-control-allow-headers": "Which headers a browser may send.",
    "access-control-max-age": "For how many seconds a browser may remember this.",
    "access-control-expose-headers": "Which headers a script may read.",
    "vary": "The answer depends on the caller's origin.",
}

CORS = (
    Header(
        "Access-Control-Allow-Origin",
        "The request's Origin, verbatim; `*` without one.",
        "https://shop.example",
    ),
    *(
        Header(name.decode().title(), _DESCRIPTIONS[name.decode()], value.decode())
        for name, value in CORS_HEADERS
    ),
)
"""On every answer of an offer route, errors included."""

RETRY_AFTER = Header("Retry-After", "Seconds to wait.", "1", {"type": "integer", "minimum": 1})
RATE_LIMIT = (
    RETRY_AFTER,
    Header("X-RateLimit-Limit", "Requests per minute.", "600", {"type": "integer", "minimum": 1}),
    Header(
        "X-RateLimit-Remaining",
        "Requests left in this minute.",
        "0",
        {"type": "integer", "minimum": 0},
    ),
)


def _refusal(
    status: int,
    code: str,
    when: str,
    what_to_do: str,
    message: str,
    *headers: Header,
    **more: Any,
) -> Answer:
    error = {"code": code, "message": message} | more
    return Answer(
        status,
        when,
        ErrorResponse,
        {code: Example(when, {"error": error, "requestId": REQUEST_ID})},
        (*CORS, *headers),
        name="".join(word.title() for word in code.split("_")),
        family=FAMILY,
        code=code,
        what_to_do=what_to_do,
    )


INVALID_REQUEST = _refusal(
    400,
    "invalid_request",
    "The body is not a JSON object, breaks the schema, or is over 1,048,576 bytes; or the session "
    "id is malformed.",
    "Correct the fields in `details`. Sending the same again will fail again.",
    "cart.lines[0].quantity expected a whole number from 1 to 1000000, found 0.",
    details=[
        {
            "field": "cart.lines[0].quantity",
            "message": "expected a whole number from 1 to 1000000, found 0.",
        }
    ],
)
UNAUTHORIZED = _refusal(
    401,
    "unauthorized",
    "No key, or one that is unknown, revoked, expired, without the scope, or not for this origin.",
    "Send a live key with the right scope. It is never a 403.",
    "Send your API key in the X-Authorization header.",
    http_code="GEN-UNAUTHORIZED",
)
SESSION_NOT_FOUND = _refusal(
    404,
    "session_not_found",
    "The session is unknown, evicted, or another merchant's; which of these is not told.",
    "Drop the stored session id and analyse the cart without it.",
    "No offer session with this id exists for this merchant.",
)
NOT_FOUND = _refusal(
    404,
    "not_found",
    "There is nothing at this path.",
    "Compare the path with this page.",
    "There is nothing at this path. The API is described at /docs.",
)
METHOD_NOT_ALLOWED = _refusal(
    405,
    "method_not_allowed",
    "The path exists, but not with this method.",
    "Use a method that the `Allow` header names.",
    "This path answers POST, OPTIONS only.",
    Header("Allow", "The methods that this path answers.", "POST, OPTIONS"),
)
RATE_LIMITED = _refusal(
    429,
    "rate_limited",
    "The key has spent its requests of this minute.",
    "Hide the offer. Wait for `Retry-After` seconds.",
    "This key may send 600 requests per minute. Try again in 12 seconds.",
    *RATE_LIMIT,
)
CRASHED = _refusal(
    500,
    "internal_error",
    "Something failed on the server.",
    "Hide the offer, do not block checkout. Report the `requestId`.",
    "Something failed on our side; quote the request id. Continue without the offer.",
)
SERVICE_UNAVAILABLE = _refusal(
    503,
    "service_unavailable",
    "The database cannot be reached. No session is made up.",
    "Hide the offer, do not block checkout. Ask again after `Retry-After` seconds.",
    "The database cannot be reached just now. Continue without the offer.",
    RETRY_AFTER,
)

ELSEWHERE = (NOT_FOUND, METHOD_NOT_ALLOWED)
"""Answers that belong to no described route."""

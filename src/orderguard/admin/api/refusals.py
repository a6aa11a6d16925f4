"""How the admin API refuses."""

from __future__ import annotations

from typing import Any

from orderguard.http.openapi.refusals import RATE_LIMIT, REQUEST_ID, RETRY_AFTER
from orderguard.http.openapi.vocabulary import Answer, Example, Header
from orderguard.http.wire.refusal import ErrorResponse

FAMILY = "Admin"


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
        headers,
        name="Admin" + "".join(word.title() for word in code.split("_")),
        family=FAMILY,
        code=code,
        what_to_do=what_to_do,
    )


INVALID = _refusal(
    400,
    "invalid_request",
    "The body or a parameter is not as described here.",
    "Correct the fields in `details`. Nothing was changed.",
    "limit expected a number from 1 to 250.",
    details=[{"field": "limit", "message": "expected a number from 1 to 250."}],
)
UNAUTHORIZED = _refusal(
    401,
    "unauthorized",
    "No key, or one that is unknown, revoked, expired or not for this origin.",
    "Send a live key.",
    "Send your API key in the X-Authorization header.",
    http_code="GEN-UNAUTHORIZED",
)
FORBIDDEN = _refusal(
    403,
    "forbidden",
    "The key is live, but does not carry the scope `admin`.",
    "Issue a key with the scope `admin`.",
    "This API key does not carry the admin scope. Issue one that does.",
)
NOT_FOUND = _refusal(
    404,
    "not_found",
    "This merchant has nothing of this id.",
    "Take ids from the lists.",
    'No key with id "key_a1b2c3d4e5f6". List them with: orderguard keys list MERCHANT',
)
CONFLICT = _refusal(
    409,
    "conflict",
    "It exists already, or changed meanwhile.",
    "Look at how it is now, and decide again.",
    "This exists already.",
)
RATE_LIMITED = _refusal(
    429,
    "rate_limited",
    "The key has spent its requests of this minute.",
    "Ask again after `Retry-After` seconds.",
    "This key may send 600 requests per minute. Try again in 12 seconds.",
    *RATE_LIMIT,
)
CRASHED = _refusal(
    500,
    "internal_error",
    "Something failed on the server.",
    "Look whether it was changed, then try again. Report the `requestId`.",
    "Something failed on our side; quote the request id. Nothing was changed; try again later.",
)
UNAVAILABLE = _refusal(
    503,
    "service_unavailable",
    "The database cannot be reached. Nothing was changed.",
    "Ask again after `Retry-After` seconds.",
    "The database cannot be reached just now. Nothing was changed; try again later.",
    RETRY_AFTER,
)

EVERYWHERE = (
    UNAUTHORIZED,
    FORBIDDEN,
    RATE_LIMITED,
    CRASHED,
    UNAVAILABLE,
)
"""What every operation may answer."""

"""Error responses of the offer routes, for OpenAPI (contract §7)."""

from __future__ import annotations

from typing import Any

import falcon
import msgspec

from orderguard.actions.authenticate import Unauthorized
from orderguard.domain.errors import (
    InvalidDocument,
    Problem,
    SessionNotFound,
    StorageUnavailable,
)
from orderguard.http.edge import CORS_HEADERS
from orderguard.http.errors import RateLimited, answer_error, error_body
from orderguard.http.openapi.vocabulary import Answer, Example, Header, Schema
from orderguard.http.request_head import UnsupportedEncoding
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

_SENT: dict[str, tuple[str, str, Schema]] = {
    "retry-after": ("Retry-After", "Seconds to wait.", {"type": "integer", "minimum": 1}),
    "x-ratelimit-limit": (
        "X-RateLimit-Limit",
        "Requests per minute.",
        {"type": "integer", "minimum": 1},
    ),
    "x-ratelimit-remaining": (
        "X-RateLimit-Remaining",
        "Requests left in this minute.",
        {"type": "integer", "minimum": 0},
    ),
    "allow": ("Allow", "The methods that this path answers.", {"type": "string"}),
}
"""Headers of errors: the name that the document writes, what the header says, and its schema."""


def refusal(
    answered: tuple[int, dict[str, str], bytes],
    *,
    when: str,
    what_to_do: str,
    family: str,
    name: str,
    body: Any = ErrorResponse,
    headers: tuple[Header, ...] = (),
) -> Answer:
    """Describe an error response, with the status, body and headers of a real one."""
    status, sent, encoded = answered
    value = msgspec.json.decode(encoded)
    code = (value.get("error") or value["errors"]).get("code", str(status))
    return Answer(
        status,
        when,
        body,
        {name if body is not ErrorResponse else code: Example(when, value)},
        (*headers, *(_header(each, text) for each, text in sent.items())),
        name=name,
        family=family,
        code=code,
        what_to_do=what_to_do,
    )


def _header(name: str, example: str) -> Header:
    written, description, schema = _SENT[name]
    return Header(written, description, example, schema)


def _refusal(error: Exception, name: str, when: str, what_to_do: str) -> Answer:
    return refusal(
        answer_error(error, REQUEST_ID),
        when=when,
        what_to_do=what_to_do,
        family=FAMILY,
        name=name,
        headers=CORS,
    )


INVALID_REQUEST = _refusal(
    InvalidDocument(
        [Problem("cart.lines[0].quantity", "expected a whole number from 1 to 1000000, found 0.")]
    ),
    "InvalidRequest",
    "The body is not a JSON object, breaks the schema, or is over 1,048,576 bytes; or the session "
    "id is malformed.",
    "Correct the fields in `details`. Sending the same again will fail again.",
)
UNAUTHORIZED = _refusal(
    Unauthorized("Send your API key in the X-Authorization header."),
    "Unauthorized",
    "No key, or one that is unknown, revoked, expired, without the scope, or not for this origin.",
    "Send a live key with the right scope. It is never a 403.",
)
SESSION_NOT_FOUND = _refusal(
    SessionNotFound(),
    "SessionNotFound",
    "The session is unknown, evicted, or another merchant's; which of these is not told.",
    "Drop the stored session id and analyse the cart without it.",
)
NOT_FOUND = _refusal(
    falcon.HTTPRouteNotFound(),
    "NotFound",
    "There is nothing at this path.",
    "Compare the path with this page.",
)
METHOD_NOT_ALLOWED = _refusal(
    falcon.HTTPMethodNotAllowed(["POST", "OPTIONS"]),
    "MethodNotAllowed",
    "The path exists, but not with this method.",
    "Use a method that the `Allow` header names.",
)
RATE_LIMITED = _refusal(
    RateLimited(limit=600, retry_after_seconds=12),
    "RateLimited",
    "The key has spent its requests of this minute.",
    "Hide the offer. Wait for `Retry-After` seconds.",
)
CRASHED = _refusal(
    Exception(),
    "InternalError",
    "Something failed on the server.",
    "Hide the offer, do not block checkout. Report the `requestId`.",
)
SERVICE_UNAVAILABLE = _refusal(
    StorageUnavailable(),
    "ServiceUnavailable",
    "The database cannot be reached. No session is made up.",
    "Hide the offer, do not block checkout. Ask again after `Retry-After` seconds.",
)


def _of_connection(
    answered: tuple[int, dict[str, str], bytes], name: str, *, when: str, what_to_do: str
) -> Answer:
    return refusal(answered, name=name, family="Connections", when=when, what_to_do=what_to_do)


def _invalid(message: str) -> bytes:
    return error_body("invalid_request", message, REQUEST_ID)


REQUEST_TIMEOUT = _of_connection(
    (408, {}, _invalid("The body of the request did not arrive within 30 seconds.")),
    "RequestTimeout",
    when="The head or the body of the request arrived too slowly. The connection is closed.",
    what_to_do="Send the request again, whole. An order may be pushed twice.",
)
UNSUPPORTED_ENCODING = _of_connection(
    answer_error(
        UnsupportedEncoding("Send the body as it is: compressed bodies are not read."), REQUEST_ID
    ),
    "UnsupportedEncoding",
    when="The body is compressed.",
    what_to_do="Send it without `Content-Encoding`. Any `Content-Type` is fine.",
)
HEAD_TOO_LARGE = _of_connection(
    (431, {}, _invalid("The head of the request is too large: 100 headers are the limit.")),
    "HeadTooLarge",
    when="The headers of the request are too many or too long. The connection is closed.",
    what_to_do="Leave out headers that are not needed, such as the cookies of the shop.",
)

ON_CONNECTIONS = (REQUEST_TIMEOUT, UNSUPPORTED_ENCODING, HEAD_TOO_LARGE)
"""Refusals of every route, before anything in the request is read."""

ELSEWHERE = (NOT_FOUND, METHOD_NOT_ALLOWED)
"""Answers that belong to no described route."""

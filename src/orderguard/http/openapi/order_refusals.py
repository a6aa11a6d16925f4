"""How the order and coverage routes refuse (contract §7)."""

from __future__ import annotations

from typing import Any

from orderguard.http.openapi.refusals import RATE_LIMIT, REQUEST_ID, RETRY_AFTER
from orderguard.http.openapi.vocabulary import Answer, Example, Header
from orderguard.http.order_errors import REMEDY
from orderguard.http.wire.refusal import (
    ErrorResponse,
    MissingResponse,
    OrderUnauthorizedResponse,
    UnprocessableResponse,
)

FAMILY = "Orders"


def _refusal(
    status: int, name: str, when: str, what_to_do: str, body: Any, value: Any, *headers: Header
) -> Answer:
    error = value.get("error") or value["errors"]
    return Answer(
        status,
        when,
        body,
        {name: Example(when, value)},
        headers,
        name=name,
        family=FAMILY,
        code=error.get("code", str(status)),
        what_to_do=what_to_do,
    )


def _shared(
    status: int, name: str, code: str, when: str, what_to_do: str, message: str, *headers: Header
) -> Answer:
    """In the shape of the offer routes."""
    value = {"error": {"code": code, "message": message}, "requestId": REQUEST_ID}
    return _refusal(status, name, when, what_to_do, ErrorResponse, value, *headers)


NOT_JSON = _shared(
    400,
    "OrderNotJson",
    "invalid_request",
    "The body is not a JSON object, or is over 1,048,576 bytes.",
    "Correct it. Sending the same again will fail again.",
    "Request body must be a JSON object, found a list.",
)
ORDERS_UNAUTHORIZED = _refusal(
    401,
    "OrdersUnauthorized",
    "No key, or one that is unknown, revoked, expired or without the scope `orders`.",
    "Send a live key with the scope `orders`. It is never a 403.",
    OrderUnauthorizedResponse,
    {"error": {"code": "401", "http_code": "GEN-UNAUTHORIZED", "message": "Unauthorized."}},
)
ORDER_NOT_FOUND = _refusal(
    404,
    "OrderNotFound",
    "This merchant has no such order, or it was deleted.",
    "Push the order, or look for it under its `external_id`.",
    MissingResponse,
    {
        "errors": {
            "code": "ORDER_NOT_FOUND",
            "message": "No order with this id exists for this merchant.",
        }
    },
)
COVERAGE_NOT_FOUND = _refusal(
    404,
    "CoverageNotFound",
    "This merchant has no such coverage.",
    "Take the id from the `coverages` of an order.",
    MissingResponse,
    {
        "errors": {
            "code": "COVERAGE_NOT_FOUND",
            "message": "No coverage with this id exists for this merchant.",
        }
    },
)
UNPROCESSABLE = _refusal(
    422,
    "Unprocessable",
    "The order, or a parameter, is not as described here.",
    "Correct the fields in `errors`. Nothing was stored.",
    UnprocessableResponse,
    {
        "message": "line_items.0.quantity expected a whole number from 0 to 1000000, found -1.",
        "errors": {
            "line_items.0.quantity": ["expected a whole number from 0 to 1000000, found -1."]
        },
    },
)
ORDERS_RATE_LIMITED = _shared(
    429,
    "OrdersRateLimited",
    "rate_limited",
    "The key has spent its requests of this minute.",
    "Push again after `Retry-After` seconds.",
    "This key may send 600 requests per minute. Try again in 12 seconds.",
    *RATE_LIMIT,
)
ORDERS_CRASHED = _shared(
    500,
    "OrdersCrashed",
    "internal_error",
    "Something failed on the server.",
    "Push again later; a repeated push changes nothing. Report the `requestId`.",
    f"Something failed on our side; quote the request id. {REMEDY}",
)
ORDERS_UNAVAILABLE = _shared(
    503,
    "OrdersUnavailable",
    "service_unavailable",
    "The database cannot be reached. Nothing was stored.",
    "Push again after `Retry-After` seconds.",
    f"The database cannot be reached just now. {REMEDY}",
    RETRY_AFTER,
)

EVERYWHERE = (ORDERS_UNAUTHORIZED, ORDERS_RATE_LIMITED, ORDERS_CRASHED, ORDERS_UNAVAILABLE)
"""What every order route may answer."""

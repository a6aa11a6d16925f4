"""Error responses of the order and coverage routes, for OpenAPI (contract §7)."""

from __future__ import annotations

from typing import Any

from orderguard.actions.authenticate import MissingScope
from orderguard.actions.push_order import OrderNotFound
from orderguard.actions.show_coverage import CoverageNotFound
from orderguard.domain.errors import InvalidDocument, Problem, StorageUnavailable
from orderguard.http.errors import RateLimited
from orderguard.http.json_body import NotJson
from orderguard.http.openapi.refusals import ON_CONNECTIONS, REQUEST_ID, refusal
from orderguard.http.openapi.vocabulary import Answer
from orderguard.http.order_errors import answer_order_error
from orderguard.http.wire.refusal import (
    ErrorResponse,
    MissingResponse,
    OrderUnauthorizedResponse,
    UnprocessableResponse,
)

FAMILY = "Orders"


def _refusal(
    error: Exception, name: str, when: str, what_to_do: str, body: Any = ErrorResponse
) -> Answer:
    return refusal(
        answer_order_error(error, REQUEST_ID),
        when=when,
        what_to_do=what_to_do,
        family=FAMILY,
        name=name,
        body=body,
    )


NOT_JSON = _refusal(
    NotJson([Problem("", "Request body must be a JSON object, found a list.")]),
    "OrderNotJson",
    "The body is not a JSON object, or is over 1,048,576 bytes.",
    "Correct it. Sending the same again will fail again.",
)
ORDERS_UNAUTHORIZED = _refusal(
    MissingScope(
        "This API key does not carry the orders scope; it has cart. Issue one that does: "
        "orderguard keys issue MERCHANT --scope orders"
    ),
    "OrdersUnauthorized",
    "No key, or one that is unknown, revoked, expired or without the scope `orders`.",
    "Send a live key with the scope `orders`. It is never a 403.",
    OrderUnauthorizedResponse,
)
ORDER_NOT_FOUND = _refusal(
    OrderNotFound(),
    "OrderNotFound",
    "This merchant has no such order, or it was deleted.",
    "Push the order, or look for it under its `external_id`.",
    MissingResponse,
)
COVERAGE_NOT_FOUND = _refusal(
    CoverageNotFound("No coverage with this id exists for this merchant."),
    "CoverageNotFound",
    "This merchant has no such coverage.",
    "Take the id from the `coverages` of an order.",
    MissingResponse,
)
UNPROCESSABLE = _refusal(
    InvalidDocument(
        [Problem("line_items[0].quantity", "expected a number from 0 to 1000000, found -1.")]
    ),
    "Unprocessable",
    "The order, or a parameter, is not as described here.",
    "Correct the fields in `errors`. Nothing was stored.",
    UnprocessableResponse,
)
ORDERS_RATE_LIMITED = _refusal(
    RateLimited(limit=600, retry_after_seconds=12),
    "OrdersRateLimited",
    "The key has spent its requests of this minute.",
    "Push again after `Retry-After` seconds.",
)
ORDERS_CRASHED = _refusal(
    Exception(),
    "OrdersCrashed",
    "Something failed on the server.",
    "Push again later; a repeated push changes nothing. Report the `requestId`.",
)
ORDERS_UNAVAILABLE = _refusal(
    StorageUnavailable(),
    "OrdersUnavailable",
    "The database cannot be reached. Nothing was stored.",
    "Push again after `Retry-After` seconds.",
)

EVERYWHERE = (
    ORDERS_UNAUTHORIZED,
    *ON_CONNECTIONS,
    ORDERS_RATE_LIMITED,
    ORDERS_CRASHED,
    ORDERS_UNAVAILABLE,
)
"""Error responses that every order route may send."""

"""Error answers of the admin API, with examples for OpenAPI."""

from __future__ import annotations

from orderguard.actions.authenticate import MissingScope, Unauthorized
from orderguard.admin.api.errors import answer_admin_error
from orderguard.domain.errors import (
    AlreadyExists,
    InvalidDocument,
    NotFound,
    Problem,
    StorageUnavailable,
)
from orderguard.http.errors import RateLimited
from orderguard.http.openapi.refusals import ON_CONNECTIONS, REQUEST_ID, refusal
from orderguard.http.openapi.vocabulary import Answer

FAMILY = "Admin"


def _refusal(error: Exception, name: str, when: str, what_to_do: str) -> Answer:
    return refusal(
        answer_admin_error(error, REQUEST_ID),
        when=when,
        what_to_do=what_to_do,
        family=FAMILY,
        name=f"Admin{name}",
    )


INVALID = _refusal(
    InvalidDocument([Problem("limit", "expected a number from 1 to 250.")]),
    "InvalidRequest",
    "The body or a parameter is not as described here.",
    "Correct the fields in `details`. Nothing was changed.",
)
UNAUTHORIZED = _refusal(
    Unauthorized("Send your API key in the X-Authorization header."),
    "Unauthorized",
    "No key, or one that is unknown, revoked, expired or not for this origin.",
    "Send a live key.",
)
FORBIDDEN = _refusal(
    MissingScope(
        "This API key does not carry the admin scope; it has cart. Issue one that does: "
        "orderguard keys issue MERCHANT --scope admin"
    ),
    "Forbidden",
    "The key is live, but does not carry the scope `admin`.",
    "Issue a key with the scope `admin`.",
)
NOT_FOUND = _refusal(
    NotFound('No key with id "key_a1b2c3d4e5f6". List them with: orderguard keys list MERCHANT'),
    "NotFound",
    "This merchant has nothing of this id.",
    "Take ids from the lists.",
)
CONFLICT = _refusal(
    AlreadyExists("This exists already."),
    "Conflict",
    "It exists already, or changed meanwhile.",
    "Look at how it is now, and decide again.",
)
RATE_LIMITED = _refusal(
    RateLimited(limit=600, retry_after_seconds=12),
    "RateLimited",
    "The key has spent its requests of this minute.",
    "Ask again after `Retry-After` seconds.",
)
CRASHED = _refusal(
    Exception(),
    "InternalError",
    "Something failed on the server.",
    "Look whether it was changed, then try again. Report the `requestId`.",
)
UNAVAILABLE = _refusal(
    StorageUnavailable(),
    "ServiceUnavailable",
    "The database cannot be reached. Nothing was changed.",
    "Ask again after `Retry-After` seconds.",
)

EVERYWHERE = (UNAUTHORIZED, FORBIDDEN, *ON_CONNECTIONS, RATE_LIMITED, CRASHED, UNAVAILABLE)
"""The refusals of every operation."""

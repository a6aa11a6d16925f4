"""Errors of the admin API, in the shape of the Checkout+ routes, and its own errors."""

from __future__ import annotations

from orderguard.actions.authenticate import MissingScope
from orderguard.domain.errors import AlreadyExists, NotFound, SessionNotFound
from orderguard.http.errors import answer_error, error_body

REMEDY = "Nothing was changed; try again later."


def answer_admin_error(error: Exception, request_id: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body for any error that a request raises."""
    match error:
        case MissingScope():
            return 403, {}, error_body("forbidden", str(error), request_id)
        case SessionNotFound():
            return answer_error(error, request_id)
        case NotFound():
            return 404, {}, error_body("not_found", str(error), request_id)
        case AlreadyExists():
            return 409, {}, error_body("conflict", str(error), request_id)
    return answer_error(error, request_id, remedy=REMEDY)

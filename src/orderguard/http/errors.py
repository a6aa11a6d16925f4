"""The table of errors: the status, code and message of each exception (contract §7)."""

from __future__ import annotations

from collections.abc import Sequence

import falcon
import msgspec
import structlog
from msgspec import UNSET, UnsetType

from orderguard.actions.authenticate import Unauthorized
from orderguard.domain.errors import (
    InvalidDocument,
    LockedTooLong,
    Malformed,
    OrderguardError,
    Problem,
    SessionNotFound,
    StorageUnavailable,
)
from orderguard.http.request_head import OtherSpelling, UnsupportedEncoding
from orderguard.http.wire.refusal import (
    Code,
    ErrorDetail,
    ErrorResponse,
    HttpCode,
    Refusal,
    doc_url,
)
from orderguard.observability import without_keys

log = structlog.get_logger()

RETRY_AFTER_SECONDS = 1

REMEDY = "Continue without the offer."
"""The advice of a 5xx response to a checkout."""


class TooBusy(OrderguardError):
    """The caller's own earlier requests are still in progress; other callers are not affected."""


class RateLimited(OrderguardError):
    """A key or an address has used up its requests per minute."""

    def __init__(
        self, *, limit: int, retry_after_seconds: int, subject: str = "This key may send"
    ) -> None:
        super().__init__(
            f"{subject} {limit} requests per minute. Try again in {retry_after_seconds} seconds."
        )
        self.limit = limit
        self.retry_after_seconds = retry_after_seconds


def error_body(
    code: Code,
    message: str,
    request_id: str,
    *,
    details: Sequence[Problem] = (),
    http_code: HttpCode | UnsetType = UNSET,
) -> bytes:
    """The JSON body of an error response of the Checkout+ routes."""
    fields = [ErrorDetail(each.path, each.message) for each in details]
    error = Refusal(code=code, message=message, http_code=http_code, details=fields or UNSET)
    # Messages quote the input, which may contain an API key in the wrong field.
    body = msgspec.json.encode(ErrorResponse(error, request_id, doc_url(code)))
    return without_keys(body.decode()).encode()


def log_failure(error: Exception, status: int, request_id: str) -> None:
    """Log a 5xx error; 4xx are the caller's mistakes and are not logged.

    Requests refused because of a limit are counted and logged by the tally.
    """
    if isinstance(error, OrderguardError) and error.limit_name:
        return
    if isinstance(error, StorageUnavailable):
        log.error("storage.unavailable", why=str(error), request_id=request_id)
    elif status >= 500 and not isinstance(error, TooBusy):  # the tally counts and logs it
        log.error("request.crashed", request_id=request_id, exc_info=error)


def answer_error(
    error: Exception, request_id: str, *, remedy: str = REMEDY
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body for anything that can be raised while answering.

    `remedy` is what the caller should do when the failure is ours.
    """
    match error:
        case Unauthorized():
            body = error_body("unauthorized", str(error), request_id, http_code="GEN-UNAUTHORIZED")
            return 401, {}, body
        case InvalidDocument():
            message, details = _summary(error.problems)
            return 400, {}, error_body("invalid_request", message, request_id, details=details)
        case OtherSpelling():
            return 404, {}, error_body("not_found", str(error), request_id)
        case UnsupportedEncoding():
            return 415, {}, error_body("invalid_request", str(error), request_id)
        case Malformed():
            return 400, {}, error_body("invalid_request", str(error), request_id)
        case SessionNotFound():
            return 404, {}, error_body("session_not_found", str(error), request_id)
        case RateLimited():
            return _rate_limited(error, request_id)
        case TooBusy():
            message = f"{error} {remedy}"
            headers = {"retry-after": str(RETRY_AFTER_SECONDS)}
            return 503, headers, error_body("service_unavailable", message, request_id)
        case LockedTooLong():
            message = f"Another change of the same data takes long just now. {remedy}"
            headers = {"retry-after": str(RETRY_AFTER_SECONDS)}
            return 503, headers, error_body("service_unavailable", message, request_id)
        case StorageUnavailable():
            message = f"The database cannot be reached just now. {remedy}"
            headers = {"retry-after": str(RETRY_AFTER_SECONDS)}
            return 503, headers, error_body("service_unavailable", message, request_id)
        case falcon.HTTPError():
            return _of_framework(error, request_id)
    message = f"Something failed on our side; quote the request id. {remedy}"
    return 500, {}, error_body("internal_error", message, request_id)


def _summary(problems: list[Problem]) -> tuple[str, list[Problem]]:
    """One sentence for the whole; the list only when there are fields to point at."""
    details = [problem for problem in problems if problem.path]
    if not details:
        return problems[0].message, []
    first = f"{details[0].path} {details[0].message}"
    more = f" And {len(details) - 1} more." if len(details) > 1 else ""
    return first + more, details


def _rate_limited(error: RateLimited, request_id: str) -> tuple[int, dict[str, str], bytes]:
    headers = {
        "retry-after": str(error.retry_after_seconds),
        "x-ratelimit-limit": str(error.limit),
        "x-ratelimit-remaining": "0",
    }
    return 429, headers, error_body("rate_limited", str(error), request_id)


def _of_framework(error: falcon.HTTPError, request_id: str) -> tuple[int, dict[str, str], bytes]:
    if isinstance(error, falcon.HTTPMethodNotAllowed):
        allowed = dict(error.headers or {}).get("Allow", "")
        message = f"This path answers {allowed} only."
        return 405, {"allow": allowed}, error_body("method_not_allowed", message, request_id)
    if error.status_code == 404:
        message = "There is nothing at this path. The API is described at /docs."
        return 404, {}, error_body("not_found", message, request_id)
    message = error.description or error.title or "The request cannot be read."
    return 400, {}, error_body("invalid_request", message, request_id)

"""Errors of the order routes, in the shapes that their clients expect (contract §7)."""

from __future__ import annotations

import msgspec

from orderguard.actions.authenticate import Unauthorized
from orderguard.actions.push_order import OrderNotFound
from orderguard.actions.show_coverage import CoverageNotFound
from orderguard.domain.errors import InvalidDocument, Problem
from orderguard.http.errors import answer_error
from orderguard.http.json_body import NotJson
from orderguard.http.wire.refusal import (
    Missing,
    MissingResponse,
    OrderRefusal,
    OrderUnauthorizedResponse,
    UnprocessableResponse,
    doc_url,
)
from orderguard.observability import without_keys

_encode = msgspec.json.encode

REMEDY = "Send the order again later; pushing it twice changes nothing."
"""Advice to retry: an order with protection must not be lost, unlike an offer."""


BY_EXTERNAL_ID = "An order is found by the platform's id at /api/v1/orders/external/{external_id}."


class ExternalOrderNotFound(OrderNotFound):
    """No order with this platform's id exists for this merchant."""

    def __str__(self) -> str:
        return (
            "No order with this external_id exists for this merchant. "
            "PUT /api/v1/orders pushes it; orders of a sandbox and of a live merchant are apart."
        )


def answer_order_error(error: Exception, request_id: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an order route's error.

    Errors without a shape of their own on these routes have that of the other routes.
    """
    match error:
        case Unauthorized():
            refusal = OrderRefusal(hint=str(error))
            body = OrderUnauthorizedResponse(refusal, request_id, doc_url(refusal.code))
            return 401, {}, _encode(body)
        case NotJson():
            return answer_error(error, request_id)
        case InvalidDocument():
            return 422, {}, _unprocessable(error.problems, request_id)
        case ExternalOrderNotFound():
            return 404, {}, _missing(Missing("ORDER_NOT_FOUND", str(error)), request_id)
        case OrderNotFound():
            message = f"{error} {BY_EXTERNAL_ID}"
            return 404, {}, _missing(Missing("ORDER_NOT_FOUND", message), request_id)
        case CoverageNotFound():
            return 404, {}, _missing(Missing("COVERAGE_NOT_FOUND", str(error)), request_id)
    return answer_error(error, request_id, remedy=REMEDY)


def _missing(what: Missing, request_id: str) -> bytes:
    return _encode(MissingResponse(what, request_id, doc_url(what.code)))


def _unprocessable(problems: list[Problem], request_id: str) -> bytes:
    errors: dict[str, list[str]] = {}
    for problem in problems:
        errors.setdefault(_dotted(problem.path), []).append(problem.message)
    first = next(iter(errors))
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    message = f"{first} {errors[first][0]}{more}"
    body = _encode(UnprocessableResponse(message, errors, request_id, doc_url("422")))
    # Messages quote the input, which may contain an API key in the wrong field.
    return without_keys(body.decode()).encode()


def _dotted(path: str) -> str:
    """`fees.0.amount` for `fees[0].amount`."""
    return path.replace("[", ".").replace("]", "") or "order"

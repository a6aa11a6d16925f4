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
)
from orderguard.observability import without_keys

_encode = msgspec.json.encode

REMEDY = "Send the order again later; pushing it twice changes nothing."
"""Advice to retry: an order with protection must not be lost, unlike an offer."""


def answer_order_error(error: Exception, request_id: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an order route's error.

    Errors without a shape of their own on these routes have that of the other routes.
    """
    match error:
        case Unauthorized():
            return 401, {}, _encode(OrderUnauthorizedResponse(OrderRefusal()))
        case NotJson():
            return answer_error(error, request_id)
        case InvalidDocument():
            return 422, {}, _unprocessable(error.problems)
        case OrderNotFound():
            return 404, {}, _encode(MissingResponse(Missing("ORDER_NOT_FOUND", str(error))))
        case CoverageNotFound():
            return 404, {}, _encode(MissingResponse(Missing("COVERAGE_NOT_FOUND", str(error))))
    return answer_error(error, request_id, remedy=REMEDY)


def _unprocessable(problems: list[Problem]) -> bytes:
    errors: dict[str, list[str]] = {}
    for problem in problems:
        errors.setdefault(_dotted(problem.path), []).append(problem.message)
    first = next(iter(errors))
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    body = _encode(UnprocessableResponse(f"{first} {errors[first][0]}{more}", errors))
    # Messages quote the input, which may contain an API key in the wrong field.
    return without_keys(body.decode()).encode()


def _dotted(path: str) -> str:
    """`fees.0.amount` for `fees[0].amount`."""
    return path.replace("[", ".").replace("]", "") or "order"

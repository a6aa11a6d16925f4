"""Looking into sessions, described."""

from __future__ import annotations

from orderguard.domain.api_key import Scope
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.http.openapi.admin_refusals import (
    ADMIN_INVALID,
    ADMIN_NOT_FOUND,
    BASES,
    EVERYWHERE,
    TAG,
)
from orderguard.http.openapi.orders import LIMIT, NO_STORE
from orderguard.http.openapi.vocabulary import Answer, Example, Parameter, Route
from orderguard.http.wire.admin_sessions import ExplanationResponse, SessionsResponse

_ID = "lop_a1b2c3d4e5f6g7h8i9j0"
_SESSION = {
    "id": _ID,
    "createdAt": "2026-04-23T13:25:00+00:00",
    "updatedAt": "2026-04-23T13:27:10.250000+00:00",
    "analysisCount": 2,
    "eligible": False,
    "reason": "cart_total_too_low",
    "amount": None,
    "currencyCode": None,
}
_PAGE = {"page": Example("A cart below the minimum", {"sessions": [_SESSION], "nextCursor": None})}
_TOLD = {
    "hidden": Example(
        "Why it was hidden",
        {
            "session": _SESSION,
            "outcome": "not_shown",
            "orderId": None,
            "timeline": [
                {
                    "analysis": 1,
                    "at": "2026-04-23T13:25:00+00:00",
                    "requestId": "req_0a1b2c3d4e5f6g7h8i9j",
                    "configurationVersion": 7,
                    "reason": "cart_total_too_low",
                    "amount": None,
                    "currencyCode": None,
                }
            ],
            "analysis": 1,
            "configurationVersion": 7,
            "request": {"platform": "woocommerce", "region": "US"},
            "answer": {
                "sessionId": _ID,
                "eligible": False,
                "reason": "cart_total_too_low",
                "chargeInstructions": None,
                "metadata": {
                    "priceBreakdown": [],
                    "analysisCount": 1,
                    "experimentCohort": None,
                    "sessionCreated": True,
                },
                "debug": {},
            },
            "nearestChanges": ["with goods for 7.20 USD more"],
            "comparedWith": None,
            "differences": [],
            "moreDifferences": 0,
        },
    )
}


def _number(name: str, description: str) -> Parameter:
    return Parameter(name, "query", description, {"type": "integer", "minimum": 1}, 1)


ROUTES = (
    Route(
        method="GET",
        path="/sessions",
        bases=BASES,
        operation_id="listSessions",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="List or find sessions",
        description="Sessions by their last analysis, newest first. With `query`, the one that a "
        "session id, cart id, order id or request id leads to; request ids are looked for among "
        "the latest 8,000 sessions.",
        parameters=(
            Parameter("query", "query", "An id.", {"type": "string"}, _ID),
            Parameter(
                "reason",
                "query",
                "Only sessions whose latest answer has this reason.",
                {"type": "string", "enum": [str(each) for each in EligibilityReason]},
                "cart_total_too_low",
            ),
            Parameter(
                "eligible",
                "query",
                "Only those shown, or only those hidden.",
                {"type": "boolean"},
                False,  # an example
            ),
            Parameter(
                "day",
                "query",
                "Only sessions last analysed on this day, in UTC.",
                {"type": "string", "format": "date"},
                "2026-04-23",
            ),
            LIMIT,
            Parameter(
                "cursor",
                "query",
                "Where the page begins: the `nextCursor` of the page before.",
                {"type": "string"},
                f"20260423T132710.250000Z~{_ID}",
            ),
        ),
        answers=(
            Answer(200, "A page of sessions.", SessionsResponse, _PAGE, NO_STORE),
            ADMIN_INVALID,
            *EVERYWHERE,
        ),
    ),
    Route(
        method="GET",
        path="/sessions/{session_id}",
        bases=BASES,
        operation_id="explainSession",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Explain a session",
        description="Every analysis over time, and one of them with its cart, every check, the "
        "steps of the price, the changes that would flip the answer, and what is different from "
        "another analysis.",
        parameters=(
            Parameter("session_id", "path", "The session.", {"type": "string"}, _ID),
            _number("analysis", "Which analysis; the last one without it."),
            _number("against", "Which one to compare it with; the one before without it."),
        ),
        answers=(
            Answer(200, "The explanation.", ExplanationResponse, _TOLD, NO_STORE),
            ADMIN_INVALID,
            ADMIN_NOT_FOUND,
            *EVERYWHERE,
        ),
    ),
)

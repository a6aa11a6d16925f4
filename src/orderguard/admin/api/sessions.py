"""`/admin/v1/sessions`: find sessions, and explain one."""

from __future__ import annotations

from typing import Any

from orderguard.actions.explain_session import explain_session as explain
from orderguard.actions.find_session import find_session
from orderguard.admin.api.operation import Call, Operation
from orderguard.admin.api.parameters import path_text, query_text
from orderguard.admin.api.refusals import INVALID, NOT_FOUND
from orderguard.admin.api.wire.sessions import (
    ExplanationResponse,
    SessionsResponse,
    explanation_to_wire,
    session_to_wire,
)
from orderguard.admin.session_query import session_filter, session_place, session_place_text
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.errors import InvalidDocument, Malformed, Problem, SessionNotFound
from orderguard.domain.ids import SessionId
from orderguard.http.openapi.orders import LIMIT
from orderguard.http.openapi.vocabulary import Example, Parameter

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
_HIDDEN: dict[str, Any] = {
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
}


def list_sessions(call: Call) -> SessionsResponse:
    """The latest sessions; with `?query=`, the session that an id belongs to."""
    text = call.query.get_param("query")
    if text is not None:
        return _found(call, text)
    limit = call.limit
    wanted = session_filter(lambda name: call.query.get_param(name) or "")
    after = session_place(call.query.get_param("cursor") or "")
    with call.reading() as work:
        page = work.session_search.page(call.merchant, wanted, after=after, limit=limit)
    sessions = [session_to_wire(each) for each in page.sessions]
    return SessionsResponse(sessions, session_place_text(page.next))


def _found(call: Call, text: str) -> SessionsResponse:
    with call.reading() as work:
        found = find_session(work, call.merchant, text)
        session = work.session_search.find(call.merchant, found.session) if found else None
    if found is None or session is None:
        return SessionsResponse([], None)
    return SessionsResponse([session_to_wire(session)], None, found.by)


def explain_session(call: Call) -> ExplanationResponse:
    """One analysis of a session (`?analysis=`), compared with another (`?against=`)."""
    ordinal, against = _ordinal(call, "analysis"), _ordinal(call, "against")
    session = _session_id(call.path["session_id"])
    with call.reading() as work:
        explained = explain(
            work,
            call.services.find_configuration,
            call.merchant,
            session,
            ordinal=ordinal,
            against=against,
            clock=call.services.clock,
        )
    return explanation_to_wire(explained)


def _session_id(text: str) -> SessionId:
    try:
        return SessionId.parse(text)
    except Malformed:
        raise SessionNotFound from None


def _ordinal(call: Call, name: str) -> int | None:
    text = call.query.get_param(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text)):
        raise InvalidDocument([Problem(name, "expected the number of an analysis, from 1.")])
    return int(text)


def _number(name: str, description: str) -> Parameter:
    return Parameter(name, "query", description, {"type": "integer", "minimum": 1}, 1)


_FILTERS = (
    query_text("query", "An id.", _ID),
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
)

OPERATIONS = (
    Operation(
        "GET",
        "/sessions",
        list_sessions,
        "listSessions",
        "List or find sessions",
        "Sessions by their last analysis, newest first. With `query`, the one that a "
        "session id, cart id, order id or request id leads to; request ids are looked for among "
        "the latest 8,000 sessions.",
        "A page of sessions.",
        parameters=(
            *_FILTERS,
            LIMIT,
            query_text(
                "cursor",
                "Where the page begins: the `nextCursor` of the page before.",
                f"20260423T132710.250000Z~{_ID}",
            ),
        ),
        examples={
            "page": Example(
                "A cart below the minimum", {"sessions": [_SESSION], "nextCursor": None}
            )
        },
        refusals=(INVALID,),
    ),
    Operation(
        "GET",
        "/sessions/{session_id}",
        explain_session,
        "explainSession",
        "Explain a session",
        "Every analysis over time, and one of them with its cart, every check, the "
        "steps of the price, the changes that would flip the answer, and what is different from "
        "another analysis.",
        "The explanation.",
        parameters=(
            path_text("session_id", "The session.", _ID),
            _number("analysis", "Which analysis; the last one without it."),
            _number("against", "Which one to compare it with; the one before without it."),
        ),
        examples={"hidden": Example("Why it was hidden", _HIDDEN)},
        refusals=(INVALID, NOT_FOUND),
    ),
)

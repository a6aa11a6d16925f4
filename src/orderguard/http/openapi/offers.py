"""The OpenAPI description of analyze, session and their preflights (contract §1 to §7)."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from msgspec import Meta

from orderguard.domain.people.api_key import Scope
from orderguard.http.offer_sessions import MAX_AGE_SECONDS
from orderguard.http.openapi.examples import (
    ANALYZE_REQUESTS,
    ANALYZED,
    SESSION_ID,
    SHOWN,
)
from orderguard.http.openapi.refusals import (
    CORS,
    CRASHED,
    INVALID_REQUEST,
    ON_CONNECTIONS,
    RATE_LIMITED,
    SERVICE_UNAVAILABLE,
    SESSION_NOT_FOUND,
    UNAUTHORIZED,
)
from orderguard.http.openapi.vocabulary import Answer, Header, Parameter, Route, Schema
from orderguard.http.wire.analyze_request import AnalyzeRequest
from orderguard.http.wire.offer import OfferResponse

BASES = ("/v1", "/storefront/v1")

_NEVER: Schema = {"not": {}}
_SHOW = {
    "title": "Show the offer",
    "properties": {
        "eligible": {"const": True},
        "reason": {"const": "eligible"},
        "mode": {"minItems": 1},
        "chargeInstructions": {"type": "object"},
        "metadata": {"properties": {"priceBreakdown": {"minItems": 1}}},
    },
    "required": ["mode"],
}
_HIDE = {
    "title": "Hide the offer",
    "properties": {
        "eligible": {"const": False},
        "reason": {"not": {"const": "eligible"}},
        "mode": _NEVER,
        "chargeInstructions": {"type": "null"},
        "metadata": {"properties": {"priceBreakdown": {"maxItems": 0}}},
    },
}
_OF_POST = {
    "properties": {
        "metadata": {"required": ["sessionCreated"]},
        "createdAt": _NEVER,
        "updatedAt": _NEVER,
    }
}
_OF_GET = {
    "properties": {"metadata": {"properties": {"sessionCreated": _NEVER}}, "debug": _NEVER},
    "required": ["createdAt", "updatedAt"],
}

_A_REGION: Schema = {
    "properties": {"region": {"type": ["string", "object"]}},
    "required": ["region"],
}
# As conditions, which validators read and generators of clients pass over: alternatives would
# make of each a type with a few members.
_REGION_SOMEWHERE = {
    "if": {"not": {"properties": {"cart": _A_REGION}, "required": ["cart"]}},
    "then": _A_REGION,
}


def _shown_or_hidden(of_method: Schema) -> Schema:
    """What is so of an eligible answer and of an ineligible one, besides what the method adds."""
    return {
        "if": {"properties": {"eligible": {"const": True}}},
        "then": {"allOf": [_SHOW, of_method]},
        "else": {"allOf": [_HIDE, of_method]},
    }


AnalyzeBody = Annotated[AnalyzeRequest, Meta(extra_json_schema=_REGION_SOMEWHERE)]
Analyzed = Annotated[OfferResponse, Meta(extra_json_schema=_shown_or_hidden(_OF_POST))]
Shown = Annotated[OfferResponse, Meta(extra_json_schema=_shown_or_hidden(_OF_GET))]

_SERVER_TIMING = Header(
    "Server-Timing", "How long the server took, in milliseconds.", "app;dur=1.42"
)
_REFUSALS = (
    INVALID_REQUEST,
    UNAUTHORIZED,
    SESSION_NOT_FOUND,
    *ON_CONNECTIONS,
    RATE_LIMITED,
    CRASHED,
)

_ANALYZE = Route(
    method="POST",
    path="/analyze",
    bases=BASES,
    operation_id="analyzeCart",
    tag="Offers",
    scope=Scope.CART,
    summary="Analyse a cart",
    description="Decides whether the cart may be offered protection, in which modes and at what "
    "price, and records that in a session. Call it whenever the cart changes, with the same "
    "`cartId` or the `sessionId` of the first answer.\n\n"
    "A JSON body is read under any content type. Members that are not listed are ignored, and an "
    "optional member may be null. When the call fails or takes too long, hide the offer and go on "
    "with the checkout.",
    body=AnalyzeBody,
    body_examples=ANALYZE_REQUESTS,
    answers=(
        Answer(
            200,
            "The analysis, eligible or not.",
            Analyzed,
            ANALYZED,
            (*CORS, Header("Cache-Control", "Never cached.", "no-store"), _SERVER_TIMING),
        ),
        *_REFUSALS,
        SERVICE_UNAVAILABLE,
    ),
)

_SESSION = Route(
    method="GET",
    path="/session/{sessionId}",
    bases=BASES,
    operation_id="showOfferSession",
    tag="Offers",
    scope=Scope.CART,
    summary="Show a session",
    description="The last analysis of a session, without analysing anything. For debugging, "
    "admin tools and audits; a checkout calls analyze.",
    parameters=(
        Parameter(
            "sessionId",
            "path",
            "The session, from an answer of analyze.",
            {"type": "string", "pattern": "^lop_[A-Za-z0-9]{20}$"},
            SESSION_ID,
        ),
    ),
    answers=(
        Answer(
            200,
            "The session's last analysis.",
            Shown,
            SHOWN,
            (
                *CORS,
                Header(
                    "Cache-Control",
                    "May be kept by the caller for a moment.",
                    f"private, max-age={MAX_AGE_SECONDS}",
                ),
            ),
        ),
        *_REFUSALS,
        SERVICE_UNAVAILABLE,
    ),
)


def _preflight(route: Route, operation_id: str) -> Route:
    return replace(
        route,
        method="OPTIONS",
        operation_id=operation_id,
        summary="Preflight",
        description="What a browser asks before it calls. Every path under the prefix answers so.",
        scope=None,
        body=None,
        body_examples={},
        answers=(Answer(204, "Go ahead.", headers=CORS),),
    )


ROUTES = (
    _ANALYZE,
    _preflight(_ANALYZE, "preflightAnalyze"),
    _SESSION,
    _preflight(_SESSION, "preflightSession"),
)

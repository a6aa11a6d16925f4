"""Drafts tried out, described."""

from __future__ import annotations

from typing import Any

from orderguard.domain.api_key import Scope
from orderguard.http.openapi.admin_refusals import (
    ADMIN_INVALID,
    ADMIN_NOT_FOUND,
    BASES,
    EVERYWHERE,
    TAG,
)
from orderguard.http.openapi.examples import ANALYZE_REQUESTS
from orderguard.http.openapi.offers import AnalyzeBody
from orderguard.http.openapi.orders import NO_STORE
from orderguard.http.openapi.vocabulary import Answer, Example, Parameter, Route
from orderguard.http.wire.admin_draft_trials import PricePreviewResponse, TriedCartResponse

_ID = Parameter("draft_id", "path", "The draft.", {"type": "string"}, "drf_a1b2c3d4e5f6g7h8")
_ARM = Parameter(
    "arm",
    "query",
    "The shopper's arm of a running experiment; without it, the shopper takes part in none.",
    {"type": "string"},
    "control",
)


def _shown(amount: int) -> dict[str, Any]:
    mode = {"mode": "returnCoverage", "amount": amount, "plan": 1, "when": None}
    return {
        "eligible": True,
        "reason": "eligible",
        "because": None,
        "amount": amount,
        "modes": [mode],
    }


_PREVIEW = {
    "dearer": Example(
        "Fifty cents more",
        {
            "currencies": [
                {
                    "currencyCode": "USD",
                    "carts": [
                        {
                            "goods": 2000,
                            "draft": _shown(348),
                            "published": _shown(298),
                            "change": 50,
                        }
                    ],
                }
            ]
        },
    )
}
_ANSWER: dict[str, Any] = {
    "eligible": True,
    "reason": "eligible",
    "mode": ["returnCoverage"],
    "chargeInstructions": {"amount": 298, "currencyCode": "USD", "method": "fee"},
    "priceBreakdown": [
        {
            "mode": "returnCoverage",
            "amount": 298,
            "currencyCode": "USD",
            "components": [{"type": "base", "amount": 298}],
        }
    ],
    "debug": {},
}
_HIDDEN: dict[str, Any] = {
    "eligible": False,
    "reason": "cart_total_too_low",
    "chargeInstructions": None,
    "priceBreakdown": [],
    "debug": {},
}
_TRIED = {"hidden": Example("The draft would hide it", {"draft": _HIDDEN, "published": _ANSWER})}

ROUTES = (
    Route(
        method="GET",
        path="/configuration/drafts/{draft_id}/price-preview",
        bases=BASES,
        operation_id="previewPrices",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Preview the prices of a draft",
        description="What carts of one piece, of a few sizes, would pay by the draft and by what "
        "is published, in every currency of either. Each answer is made as at the till. A draft "
        "with problems is a 400 that lists them.",
        parameters=(
            _ID,
            Parameter("region", "query", "Where the shopper is.", {"type": "string"}, "US-OH"),
            Parameter(
                "group",
                "query",
                "Groups of the customer, with commas between them.",
                {"type": "array", "items": {"type": "string"}},
                ["vip"],
            ),
            Parameter("locale", "query", "The shopper's language.", {"type": "string"}, "en-US"),
            _ARM,
        ),
        answers=(
            Answer(200, "The prices.", PricePreviewResponse, _PREVIEW, NO_STORE),
            ADMIN_INVALID,
            ADMIN_NOT_FOUND,
            *EVERYWHERE,
        ),
    ),
    Route(
        method="POST",
        path="/configuration/drafts/{draft_id}/try-cart",
        bases=BASES,
        operation_id="tryCart",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Try a cart on a draft",
        description="Takes a body of `POST analyze`, and answers it by the draft and by what is "
        "published, with every check, every rule and every step of the price. Nothing is recorded. "
        "A draft with problems is a 400 that lists them.",
        body=AnalyzeBody,
        body_examples=ANALYZE_REQUESTS,
        parameters=(_ID, _ARM),
        answers=(
            Answer(200, "Both answers.", TriedCartResponse, _TRIED, NO_STORE),
            ADMIN_INVALID,
            ADMIN_NOT_FOUND,
            *EVERYWHERE,
        ),
    ),
)

"""Try out a draft: `…/price-preview` and `…/try-cart` below a draft of `/admin/v1`."""

from __future__ import annotations

from typing import Annotated, Any

from orderguard.actions.manage_drafts import get_draft
from orderguard.actions.preview_prices import preview_prices as preview_of
from orderguard.actions.try_cart import try_cart as try_on
from orderguard.admin.api.operation import Call, DescribedAs, Operation
from orderguard.admin.api.parameters import path_text, query_text
from orderguard.admin.api.refusals import INVALID, NOT_FOUND
from orderguard.admin.api.wire.draft_trials import (
    PricePreviewResponse,
    TriedCartResponse,
    price_preview_to_wire,
    tried_cart_to_wire,
)
from orderguard.admin.shopper_query import shopper_from_query
from orderguard.domain.configuration.draft import DraftId
from orderguard.domain.errors import InvalidDocument
from orderguard.http.openapi.examples import ANALYZE_REQUESTS
from orderguard.http.openapi.offers import AnalyzeBody
from orderguard.http.openapi.vocabulary import Example, Parameter
from orderguard.http.wire.cart import analysis_request_from_wire

AnalyzeDocument = Annotated[dict[str, Any], DescribedAs(AnalyzeBody)]
"""A body of `POST analyze`, decoded as there; an error lists all of its problems."""

_ID = path_text("draft_id", "The draft.", "drf_a1b2c3d4e5f6g7h8")
_ARM = query_text(
    "arm",
    "The shopper's arm of a running experiment; without it, the shopper takes part in none.",
    "control",
)
_ONE = "/configuration/drafts/{draft_id}"


def _shown(amount: int) -> dict[str, Any]:
    mode = {"mode": "returnCoverage", "amount": amount, "plan": 1, "when": None}
    return {
        "eligible": True,
        "reason": "eligible",
        "because": None,
        "amount": amount,
        "modes": [mode],
    }


_DEARER = {"goods": 2000, "draft": _shown(348), "published": _shown(298), "change": 50}
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


def preview_prices(call: Call) -> PricePreviewResponse:
    """Prices of sample carts under the draft and under the published configuration."""
    shopper = shopper_from_query(
        call.query.get_param("region") or "",
        call.query.get_params("group"),
        call.query.get_param("locale") or "",
        call.query.get_param("arm") or "",
    )
    with call.reading() as work:
        preview = preview_of(
            work,
            call.services.compiler,
            call.services.find_configuration,
            call.merchant,
            get_draft(work, call.merchant, DraftId(call.path["draft_id"])).source,
            shopper,
            clock=call.services.clock,
        )
    return price_preview_to_wire(preview)


def try_cart(call: Call, document: AnalyzeDocument) -> TriedCartResponse:
    """The answers of the draft and of the published configuration to one analyze request."""
    wanted, notes = analysis_request_from_wire(document, request_id="")
    with call.reading() as work:
        tried = try_on(
            work,
            call.services.compiler,
            call.services.find_configuration,
            call.merchant,
            get_draft(work, call.merchant, DraftId(call.path["draft_id"])).source,
            wanted.cart,
            arm=call.query.get_param("arm"),
        )
    answer = tried_cart_to_wire(tried, notes)
    if answer is None:
        raise InvalidDocument(list(tried.problems))
    return answer


OPERATIONS = (
    Operation(
        "GET",
        f"{_ONE}/price-preview",
        preview_prices,
        "previewPrices",
        "Preview the prices of a draft",
        "What carts of one piece, of a few sizes, would pay by the draft and by what "
        "is published, in every currency of either. Each answer is made as at the till. A draft "
        "with problems is a 400 that lists them.",
        "The prices.",
        parameters=(
            _ID,
            query_text("region", "Where the shopper is.", "US-OH"),
            Parameter(
                "group",
                "query",
                "Groups of the customer, with commas between them.",
                {"type": "array", "items": {"type": "string"}},
                ["vip"],
            ),
            query_text("locale", "The shopper's language.", "en-US"),
            _ARM,
        ),
        examples={
            "dearer": Example(
                "Fifty cents more", {"currencies": [{"currencyCode": "USD", "carts": [_DEARER]}]}
            )
        },
        refusals=(INVALID, NOT_FOUND),
    ),
    Operation(
        "POST",
        f"{_ONE}/try-cart",
        try_cart,
        "tryCart",
        "Try a cart on a draft",
        "Takes a body of `POST analyze`, and answers it by the draft and by what is "
        "published, with every check, every rule and every step of the price. Nothing is recorded. "
        "A draft with problems is a 400 that lists them.",
        "Both answers.",
        body_examples=ANALYZE_REQUESTS,
        parameters=(_ID, _ARM),
        examples={
            "hidden": Example("The draft would hide it", {"draft": _HIDDEN, "published": _ANSWER})
        },
        refusals=(INVALID, NOT_FOUND),
    ),
)

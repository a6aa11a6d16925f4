"""Price previews and tried carts in the JSON of the admin API."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from orderguard.actions.analyze_cart import AnalysisResult
from orderguard.actions.try_cart import TriedAnswer, TriedCart
from orderguard.domain.cart import Cart
from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.ids import SessionId
from orderguard.domain.offers.analysis import RecordedAnalysis
from orderguard.domain.what_if.price_preview import CurrencyPreview, PreviewedOffer, PreviewRow
from orderguard.http.wire.doc import doc
from orderguard.http.wire.notes import Notes
from orderguard.http.wire.offer import WireChargeInstructions, WireModePrice, analysis_to_wire


class WirePreviewedMode(msgspec.Struct):
    """The price of one coverage mode, and its price plan."""

    mode: CoverageMode
    amount: Annotated[int, doc("Minor units.")]
    plan: Annotated[int, Meta(ge=1, description="The price plan's place in its list, from 1.")]
    when: Annotated[str | None, doc("The plan's condition; null for all carts.")]


class WirePreviewedOffer(msgspec.Struct):
    """The offer for one sample cart under one configuration."""

    eligible: Annotated[bool, doc("Whether the offer would be shown.")]
    reason: EligibilityReason
    because: Annotated[str | None, doc("The rule that hides the offer, where a rule does.")]
    amount: Annotated[int | None, doc("The charge in minor units; null when the offer is hidden.")]
    modes: Annotated[list[WirePreviewedMode], doc("Empty when hidden.")]


class WirePreviewedCart(msgspec.Struct):
    """A sample cart of one piece, with its offers by the draft and by the published version."""

    goods: Annotated[int, doc("The value of the cart in minor units.")]
    draft: WirePreviewedOffer
    published: WirePreviewedOffer
    change: Annotated[
        int | None, doc("The draft's price less the published one; null unless both have one.")
    ]


class WireCurrencyPreview(msgspec.Struct):
    """The sample carts in one currency, smallest first."""

    currencyCode: Annotated[str, doc("ISO 4217.")]
    carts: Annotated[
        list[WirePreviewedCart],
        doc("Smallest first; empty when time ran out before this currency."),
    ]


class PricePreviewResponse(msgspec.Struct):
    """Prices of carts of a few sizes, by a draft and by the published configuration."""

    currencies: Annotated[
        list[WireCurrencyPreview],
        doc("One entry per currency of either configuration, in alphabetical order."),
    ]


class WireTriedAnswer(msgspec.Struct, omit_defaults=True, kw_only=True):
    """The answer of a configuration to a cart, with its reasons."""

    eligible: Annotated[bool, doc("Whether the offer would be shown.")]
    reason: EligibilityReason
    mode: Annotated[
        list[CoverageMode] | UnsetType, doc("The coverage modes offered; absent unless eligible.")
    ] = UNSET
    chargeInstructions: Annotated[
        WireChargeInstructions | None, doc("Null when the offer would be hidden.")
    ]
    priceBreakdown: Annotated[list[WireModePrice], doc("One entry per mode, with every step.")]
    debug: Annotated[
        dict[str, Any], doc("Every check and rule with its verdict, as in `POST analyze`.")
    ]


class TriedCartResponse(msgspec.Struct):
    """The answers to one cart. The cart is not recorded."""

    draft: WireTriedAnswer
    published: WireTriedAnswer


def price_preview_to_wire(preview: tuple[CurrencyPreview, ...]) -> PricePreviewResponse:
    """Convert the price preview of all currencies."""
    return PricePreviewResponse(
        [WireCurrencyPreview(each.currency, [_cart(row) for row in each.rows]) for each in preview]
    )


def _cart(row: PreviewRow) -> WirePreviewedCart:
    return WirePreviewedCart(
        row.goods.amount,
        _offer(row.draft),
        _offer(row.published),
        row.change.amount if row.change else None,
    )


def _offer(offer: PreviewedOffer) -> WirePreviewedOffer:
    return WirePreviewedOffer(
        offer.charge is not None,
        offer.reason,
        offer.because or None,
        offer.charge.amount if offer.charge else None,
        [
            WirePreviewedMode(each.mode, each.price.price.amount, each.plan, each.when)
            for each in offer.modes
        ],
    )


def tried_cart_to_wire(tried: TriedCart, notes: Notes) -> TriedCartResponse | None:
    """Convert both answers to a cart; None when the draft has problems and so no answer."""
    if tried.draft is None:
        return None
    return TriedCartResponse(
        _answer(tried.draft, tried.cart, notes), _answer(tried.published, tried.cart, notes)
    )


_NO_SESSION = RecordedAnalysis(SessionId(""), 1)


def _answer(answer: TriedAnswer, cart: Cart, notes: Notes) -> WireTriedAnswer:
    result = AnalysisResult(
        offer=answer.offer, recorded=_NO_SESSION, explanation=answer.explanation
    )
    told = analysis_to_wire(result, cart, notes=notes, debug=True)
    return WireTriedAnswer(
        eligible=told.eligible,
        reason=told.reason,
        mode=told.mode,
        chargeInstructions=told.chargeInstructions,
        priceBreakdown=told.metadata.priceBreakdown,
        debug=told.debug or {},
    )

"""Offers and sessions as JSON (contract §3): which members can be absent, and which null."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from orderguard.actions.analyze_cart import AnalysisResult
from orderguard.domain.cart import Cart
from orderguard.domain.configuration.configuration import ChargeMethod
from orderguard.domain.configuration.pricing import ComponentKind, ModePrice, PriceComponent
from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.offers.hints import Hint, HintCode
from orderguard.domain.offers.offer import Offer
from orderguard.domain.offers.offer_session import OfferSession
from orderguard.domain.what_if.explanation import Explanation
from orderguard.http.wire.doc import doc
from orderguard.http.wire.notes import Notes


class WirePriceComponent(msgspec.Struct, omit_defaults=True):
    """One step of a price, in minor units; the steps add up."""

    type: ComponentKind
    amount: Annotated[int, doc("What this step adds; it may be negative.")]
    rateBps: Annotated[int | UnsetType, doc("The rate in basis points: 250 is 2.5 %.")] = UNSET
    basis: Annotated[
        int | UnsetType, doc("The value in minor units that the rate or the tier applies to.")
    ] = UNSET
    itemCount: Annotated[
        int | UnsetType, doc("The number of pieces that the price per piece was multiplied by.")
    ] = UNSET
    amountPerItem: Annotated[int | UnsetType, doc("The price per piece.")] = UNSET


class WireModePrice(msgspec.Struct):
    """What one coverage mode contributes to the charge."""

    mode: CoverageMode
    amount: Annotated[int, doc("Minor currency units.", examples=[250])]
    currencyCode: Annotated[str, doc("ISO 4217.", examples=["USD"])]
    components: Annotated[list[WirePriceComponent], doc("The steps of the calculation, in order.")]


class WireChargeProduct(msgspec.Struct):
    """The platform's product that stands for the charge."""

    id: Annotated[str, doc("The product's id on the platform.")]
    handle: Annotated[str, doc("The product's handle on the platform.")]


class WireChargeInstructions(msgspec.Struct, omit_defaults=True):
    """What the integration must charge and how."""

    amount: Annotated[
        int, Meta(gt=0, description="The fee. Minor currency units, never 0.", examples=[450])
    ]
    currencyCode: Annotated[str, doc("ISO 4217; the cart's.", examples=["USD"])]
    method: ChargeMethod
    product: Annotated[WireChargeProduct | UnsetType, doc("With `product_line_item` only.")] = UNSET


class WireHint(msgspec.Struct):
    """One hint: a mistake that is legal but costs money, with its remedy."""

    code: HintCode
    message: Annotated[str, doc("For people. Its wording may change.")]


class WireMetadata(msgspec.Struct, omit_defaults=True):
    """Data about the analysis, such as its price breakdown. `sessionCreated` is on POST only."""

    priceBreakdown: Annotated[
        list[WireModePrice], doc("One entry per mode; they add up exactly to the charge.")
    ]
    analysisCount: Annotated[
        int, Meta(ge=1, description="Analyses of this session, this one included.", examples=[1])
    ]
    experimentCohort: Annotated[
        str | None, doc("The experiment arm; null without consent or experiment.")
    ]
    sessionCreated: Annotated[
        bool | UnsetType, doc("Whether this call made the session. POST only.")
    ] = UNSET
    hints: Annotated[
        list[WireHint] | UnsetType,
        doc(
            "Mistakes that are legal but cost money. For sandbox merchants, and with "
            "`debug: true`; absent when there is none."
        ),
    ] = UNSET


_TIMESTAMP = {"pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\+00:00$"}


class OfferResponse(msgspec.Struct, omit_defaults=True, kw_only=True):
    """The answer to an analysis. Of a hidden offer `mode` is absent, `chargeInstructions` null."""

    sessionId: Annotated[
        str,
        Meta(
            pattern="^lop_[A-Za-z0-9]{20}$",
            description="The session. Keep it with the cart, send it again when the cart changes, "
            "and put it on the order.",
            examples=["lop_a1b2c3d4e5f6g7h8i9j0"],
        ),
    ]
    eligible: Annotated[bool, doc("Whether to show the offer.")]
    reason: EligibilityReason
    mode: Annotated[
        list[CoverageMode] | UnsetType,
        doc("What is covered, return before shipping. Only when eligible."),
    ] = UNSET
    chargeInstructions: Annotated[
        WireChargeInstructions | None,
        doc("What to charge and how; null when the offer must be hidden."),
    ]
    metadata: WireMetadata
    createdAt: Annotated[
        str | UnsetType,
        doc(
            "When the session began. GET only.",
            examples=["2026-04-23T13:25:00+00:00"],
            extra_json_schema=_TIMESTAMP,
        ),
    ] = UNSET
    updatedAt: Annotated[
        str | UnsetType,
        doc(
            "When the cart was last analysed. GET only.",
            examples=["2026-04-23T13:25:00+00:00"],
            extra_json_schema=_TIMESTAMP,
        ),
    ] = UNSET
    debug: Annotated[
        dict[str, Any] | UnsetType,
        doc(
            "Diagnostics, with `debug: true` only: eligibility, pricing, configuration and request."
        ),
    ] = UNSET


def analysis_to_wire(
    result: AnalysisResult, cart: Cart, *, notes: Notes, debug: bool, hints: Sequence[Hint] = ()
) -> OfferResponse:
    """The answer to `POST analyze`."""
    response = _offer_to_wire(result.offer, result.recorded.session, result.recorded.ordinal)
    response.metadata.sessionCreated = result.recorded.session_created
    if hints:
        response.metadata.hints = [WireHint(each.code, each.message) for each in hints]
    if debug:
        response.debug = _debug(result.explanation, cart, notes)
    return response


def offer_session_to_wire(session: OfferSession) -> OfferResponse:
    """The answer to `GET session`."""
    response = _offer_to_wire(session.offer, session.id, session.analysis_count)
    response.createdAt = atom_timestamp(session.created_at)
    response.updatedAt = atom_timestamp(session.updated_at)
    return response


def atom_timestamp(instant: datetime) -> str:
    """Write an instant as `2026-04-23T13:25:00+00:00`: no `Z`, no fraction (contract §3)."""
    return instant.replace(microsecond=0).isoformat()


def _offer_to_wire(offer: Offer, session: str, analysis_count: int) -> OfferResponse:
    response = OfferResponse(
        sessionId=str(session),
        eligible=offer.eligible,
        reason=offer.reason,
        chargeInstructions=_charge(offer),
        metadata=WireMetadata(
            priceBreakdown=[_mode_price(price) for price in offer.prices],
            analysisCount=analysis_count,
            experimentCohort=offer.cohort,
        ),
    )
    if offer.eligible:
        response.mode = list(offer.modes)
    return response


def _charge(offer: Offer) -> WireChargeInstructions | None:
    charge = offer.charge
    if charge is None:
        return None
    wire = WireChargeInstructions(charge.amount.amount, charge.amount.currency, charge.method)
    if charge.product:
        wire.product = WireChargeProduct(charge.product.id, charge.product.handle)
    return wire


def _mode_price(price: ModePrice) -> WireModePrice:
    return WireModePrice(
        price.mode,
        price.price.amount,
        price.price.currency,
        [_component(component) for component in price.components],
    )


def _component(component: PriceComponent) -> WirePriceComponent:
    kind, amount, rate_bps, basis, item_count, amount_per_item = component
    return WirePriceComponent(
        kind,
        amount,
        UNSET if rate_bps is None else rate_bps,
        UNSET if basis is None else basis,
        UNSET if item_count is None else item_count,
        UNSET if amount_per_item is None else amount_per_item,
    )


def _debug(explanation: Explanation | None, cart: Cart, notes: Notes) -> dict[str, Any]:
    if explanation is None:  # explaining failed; the log tells why
        return {"eligibility": None, "pricing": None, "configuration": None, "request": None}
    return {
        "eligibility": _debug_eligibility(explanation),
        "pricing": _debug_pricing(explanation),
        "configuration": _debug_configuration(explanation, cart),
        "request": {
            "cartId": cart.id,
            "region": {"country": cart.region.country, "subdivision": cart.region.subdivision},
            "currencyCode": cart.currency,
            "locale": cart.locale,
            "deliveryMethods": list(cart.delivery_methods),
            "moneyNotes": sorted(notes.money),
            "notes": notes.other,
        },
    }


def _debug_eligibility(explanation: Explanation) -> dict[str, Any]:
    return {
        "checks": [
            {
                "reason": check.reason,
                "passed": check.passed,
                "compared": _camel_case(check.compared),
            }
            for check in explanation.checks
        ],
        "excludedLines": [
            {"id": line.line_id, "because": line.because} for line in explanation.excluded_lines
        ],
        "coverageLines": [
            {"id": line.line_id, "because": line.because} for line in explanation.coverage_lines
        ],
    }


def _debug_pricing(explanation: Explanation) -> dict[str, Any]:
    return {
        "basis": explanation.basis,
        "itemCount": explanation.item_count,
        "cohort": explanation.cohort,
        "modes": [_mode_price(price) for price in explanation.prices],
        "unpriced": list(explanation.unpriced),
        "failed": explanation.failure.why if explanation.failure else None,
    }


def _debug_configuration(explanation: Explanation, cart: Cart) -> dict[str, Any] | None:
    configuration = explanation.configuration
    if configuration is None:
        return None
    limits = configuration.limits_in(cart.currency)
    return {
        "version": configuration.version,
        "enabled": configuration.enabled,
        "modes": list(configuration.modes),
        "currencies": sorted(configuration.currencies),
        "locales": list(configuration.locales),
        "limits": {
            "currencyCode": cart.currency,
            "basis": configuration.limits_basis,
            "subtotalMinimum": limits.subtotal_minimum,
            "subtotalMaximum": limits.subtotal_maximum,
        },
    }


def _camel_case(values: Mapping[str, object]) -> dict[str, object]:
    return {_camel(name): value for name, value in values.items()}


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(word.upper() if word == "b2b" else word.title() for word in tail)

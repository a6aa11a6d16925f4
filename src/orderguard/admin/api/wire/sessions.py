"""Sessions in the JSON of the admin API."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from orderguard.actions.analyze_cart import AnalysisResult
from orderguard.actions.explain_session import ExplainedSession
from orderguard.domain.offers.analysis import RecordedAnalysis
from orderguard.domain.offers.session_summary import SessionSummary, TimelineEntry
from orderguard.domain.what_if.explanation_words import value_in_words
from orderguard.http.wire.cart_request import request_from_cart
from orderguard.http.wire.doc import doc
from orderguard.http.wire.notes import Notes
from orderguard.http.wire.offer import OfferResponse, analysis_to_wire


class WireSession(msgspec.Struct):
    """A session with its latest answer."""

    id: Annotated[str, doc("The id of the session.")]
    createdAt: Annotated[str, doc("The time of the first analysis.")]
    updatedAt: Annotated[str, doc("The time of the last analysis.")]
    analysisCount: Annotated[int, doc("The number of analyses.")]
    eligible: Annotated[bool, doc("Whether the latest answer showed the offer.")]
    reason: Annotated[str, doc("The reason of the latest answer.")]
    amount: Annotated[
        int | None, doc("The charge offered, in minor units; null for a hidden offer.")
    ]
    currencyCode: Annotated[str | None, doc("The ISO 4217 code of the amount.")]


class SessionsResponse(msgspec.Struct):
    """A page of sessions."""

    sessions: Annotated[list[WireSession], doc("The sessions, last analysed first.")]
    nextCursor: Annotated[
        str | None,
        doc(
            "The cursor of the next page. A page with one may be short or empty: rare "
            "answers are searched among 5,000 sessions at a time."
        ),
    ]
    foundBy: Annotated[
        str | None, doc("The kind of id that `query` was; null without `query`.")
    ] = None


class WireTimelineEntry(msgspec.Struct):
    """One analysis in the timeline of a session, without its cart."""

    analysis: Annotated[int, doc("The number of the analysis, from 1.")]
    at: Annotated[str, doc("The time of the analysis.")]
    requestId: Annotated[str, doc("The id of the request.")]
    configurationVersion: Annotated[
        int | None, doc("The configuration version that decided; null when none was published.")
    ]
    reason: Annotated[str, doc("The reason of the answer.")]
    amount: Annotated[
        int | None, doc("The charge offered, in minor units; null for a hidden offer.")
    ]
    currencyCode: Annotated[str | None, doc("The ISO 4217 code of the amount.")]


class WireDifference(msgspec.Struct):
    """One change between two analyses, in words."""

    subject: Annotated[str, doc("The value that changed, in words.")]
    before: Annotated[str, doc("The value before, in words.")]
    after: Annotated[str, doc("The value after, in words.")]


class ExplanationResponse(msgspec.Struct):
    """A session over time, and one of its analyses in full."""

    session: Annotated[WireSession, doc("The session as of its latest analysis.")]
    outcome: Annotated[
        str, doc("Its outcome: `accepted`, `declined`, `not_shown`, `abandoned` or `open`.")
    ]
    orderId: Annotated[int | None, doc("The order that is linked to it.")]
    timeline: Annotated[list[WireTimelineEntry], doc("The latest 500 analyses, oldest first.")]
    analysis: Annotated[int, doc("The number of the explained analysis.")]
    configurationVersion: Annotated[
        int | None, doc("The configuration version that decided; null when none was published.")
    ]
    request: Annotated[dict[str, Any], doc("A body of `POST analyze` with the cart as it was.")]
    answer: Annotated[OfferResponse, doc("The answer, with every check and price step in `debug`.")]
    nearestChanges: Annotated[
        list[str],
        doc(
            "Changes to the cart that would reverse the answer; each was tried.",
            examples=[["with goods for 7.20 USD more"]],
        ),
    ]
    comparedWith: Annotated[
        int | None, doc("The number of the analysis that `differences` compare with.")
    ]
    differences: Annotated[
        list[WireDifference],
        doc("The differences from the analysis before, or from `against`; up to 500."),
    ]
    moreDifferences: Annotated[
        int, doc("The number of further differences, which are left out.", ge=0)
    ]


def session_to_wire(session: SessionSummary) -> WireSession:
    """Convert a session for a list."""
    charge = session.offer.charge
    return WireSession(
        str(session.id),
        session.created_at.isoformat(),
        session.updated_at.isoformat(),
        session.analysis_count,
        session.offer.eligible,
        session.offer.reason,
        charge.amount.amount if charge else None,
        charge.amount.currency if charge else None,
    )


def explanation_to_wire(told: ExplainedSession) -> ExplanationResponse:
    """Convert an explained session; the debug block is that of the checkout API."""
    analysis = told.analysis
    recorded = RecordedAnalysis(told.session.id, told.ordinal)
    result = AnalysisResult(offer=analysis.offer, recorded=recorded, explanation=told.explanation)
    return ExplanationResponse(
        session=session_to_wire(told.session),
        outcome=told.outcome,
        orderId=told.order,
        timeline=[_entry(each) for each in told.timeline],
        analysis=told.ordinal,
        configurationVersion=analysis.configuration_version,
        request=request_from_cart(analysis.cart),
        answer=analysis_to_wire(result, analysis.cart, notes=Notes(), debug=True),
        nearestChanges=[str(each) for each in told.nearest],
        comparedWith=told.against,
        differences=[
            WireDifference(each.subject, value_in_words(each.before), value_in_words(each.after))
            for each in told.differences
        ],
        moreDifferences=told.more_differences,
    )


def _entry(entry: TimelineEntry) -> WireTimelineEntry:
    charge = entry.offer.charge
    return WireTimelineEntry(
        entry.ordinal,
        entry.at.isoformat(),
        entry.request_id,
        entry.configuration_version,
        entry.offer.reason,
        charge.amount.amount if charge else None,
        charge.amount.currency if charge else None,
    )

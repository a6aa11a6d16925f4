"""Shadow runs in the JSON of the admin API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from orderguard.domain.what_if.shadow_report import CurrencyReport, Flip, PriceBand, ShadowReport
from orderguard.domain.what_if.shadow_run import LAST_DEFAULT, LAST_MAXIMUM, ShadowRun
from orderguard.http.wire.doc import doc


class ShadowRunRequest(msgspec.Struct):
    """A run to start: of a text, a document or a draft."""

    source: Annotated[str | None, doc("The configuration to try, as TOML or JSON.")] = None
    document: Annotated[
        dict[str, Any] | None, doc("The configuration as JSON, instead of `source`.")
    ] = None
    draftId: Annotated[
        str | None, doc("The id of a draft whose saved text to try, instead of both.")
    ] = None
    last: Annotated[
        int,
        Meta(
            ge=1,
            le=LAST_MAXIMUM,
            description="The number of sessions to replay, counted from the latest.",
        ),
    ] = LAST_DEFAULT


class WireFlip(msgspec.Struct):
    """Sessions whose answer would change."""

    before: Annotated[str, doc("The eligibility reason under the published configuration.")]
    after: Annotated[str, doc("The eligibility reason under the draft.")]
    sessions: Annotated[int, doc("The number of sessions.")]
    examples: Annotated[list[str], doc("The ids of up to ten of these sessions.")]


class WireBand(msgspec.Struct):
    """Sessions whose price would change by an amount in this range."""

    upToBps: Annotated[
        int | None, doc("The upper end in basis points of the price before; null: none.")
    ]
    words: Annotated[str, doc("The band in words.")]
    sessions: Annotated[int, doc("The number of sessions.")]
    examples: Annotated[list[str], doc("The ids of up to ten of these sessions.")]


class WireCurrencyReport(msgspec.Struct):
    """Prices and revenue in one currency, minor units."""

    currencyCode: Annotated[str, doc("ISO 4217.")]
    shownBefore: Annotated[int, doc("Sessions shown the offer.")]
    shownAfter: Annotated[int, doc("Sessions that would be shown it.")]
    attachRateBps: Annotated[
        int | None, doc("The share of shown offers that was accepted, in basis points.")
    ]
    revenueBefore: Annotated[
        int | None, doc("The sum of offered prices times the attach rate; null without a rate.")
    ]
    revenueAfter: Annotated[
        int | None, doc("The sum of the draft's prices times the same attach rate.")
    ]
    priceMovements: Annotated[
        list[WireBand],
        doc("Sessions shown the offer before and after, by the change of the price."),
    ]


class WireShadowReport(msgspec.Struct):
    """The changes that publishing would have made."""

    sessions: Annotated[int, doc("The number of replayed sessions.")]
    unchanged: Annotated[int, doc("The number of sessions whose answer would not change.")]
    unreadable: Annotated[
        int, doc("The sessions that could not be replayed; no other number has them.")
    ]
    flips: Annotated[
        list[WireFlip],
        doc("Sessions with another answer, by both reasons, the most frequent first."),
    ]
    currencies: Annotated[
        list[WireCurrencyReport], doc("Prices and revenue, currency by currency.")
    ]


class WireShadowRun(msgspec.Struct):
    """A run, in progress or ended. `report` is set once it is done."""

    id: Annotated[str, doc("The id of the run.")]
    status: Annotated[str, doc("`running`, `done`, `cancelled` or `failed`.")]
    last: Annotated[int, doc("The number of sessions to replay.")]
    replayed: Annotated[int, doc("The number of sessions replayed so far.")]
    startedAt: Annotated[str, doc("The time at which the run started.")]
    progressedAt: Annotated[str, doc("The time of the last progress.")]
    startedBy: Annotated[str, doc("The person who started the run, as in the audit trail.")]
    draftId: Annotated[str | None, doc("The id of the replayed draft; null for a text.")]
    failure: Annotated[str | None, doc("Why the run failed; null otherwise.")]
    report: Annotated[WireShadowReport | None, doc("The result; null until the run is done.")]


class ShadowRunsResponse(msgspec.Struct):
    """The last runs, newest first."""

    shadowRuns: Annotated[list[WireShadowRun], doc("The runs, newest first.")]


def shadow_run_to_wire(run: ShadowRun, *, at: datetime) -> WireShadowRun:
    """A run in JSON, with its progress."""
    return WireShadowRun(
        run.id,
        run.status_at(at),
        run.last,
        run.replayed,
        run.started_at.isoformat(),
        run.progressed_at.isoformat(),
        run.started_by,
        run.draft,
        run.failure,
        _report(run.report) if run.report else None,
    )


def _report(report: ShadowReport) -> WireShadowReport:
    return WireShadowReport(
        report.sessions,
        report.unchanged,
        report.unreadable,
        [_flip(each) for each in report.flips],
        [_currency(each) for each in report.currencies],
    )


def _flip(flip: Flip) -> WireFlip:
    return WireFlip(flip.before, flip.after, flip.sessions, [str(each) for each in flip.examples])


def _currency(report: CurrencyReport) -> WireCurrencyReport:
    return WireCurrencyReport(
        report.currency,
        report.shown_before,
        report.shown_after,
        report.attach_rate_bps,
        report.revenue_before,
        report.revenue_after,
        [_band(each) for each in report.bands],
    )


def _band(band: PriceBand) -> WireBand:
    return WireBand(
        band.up_to_bps, band.words, band.sessions, [str(each) for each in band.examples]
    )

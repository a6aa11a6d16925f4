"""Shadow runs in the JSON of the admin API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from orderguard.domain.what_if.shadow_report import CurrencyReport, Flip, PriceBand, ShadowReport
from orderguard.domain.what_if.shadow_run import LAST_DEFAULT, LAST_MAXIMUM, ShadowRun


class ShadowRunRequest(msgspec.Struct):
    """A run to start: of a text, a document or a draft."""

    source: Annotated[
        str | None, Meta(description="The configuration to try, as TOML or JSON.")
    ] = None
    document: Annotated[
        dict[str, Any] | None, Meta(description="The same as JSON, in the place of `source`.")
    ] = None
    draftId: Annotated[
        str | None, Meta(description="A draft to try, as it is saved, in the place of both.")
    ] = None
    last: Annotated[
        int, Meta(ge=1, le=LAST_MAXIMUM, description="How many sessions, the latest ones.")
    ] = LAST_DEFAULT


class WireFlip(msgspec.Struct):
    """Sessions whose answer would change."""

    before: Annotated[str, Meta(description="The reason of the answer under what is published.")]
    after: Annotated[str, Meta(description="The reason of the answer under the draft.")]
    sessions: Annotated[int, Meta(description="How many.")]
    examples: Annotated[list[str], Meta(description="Up to ten of them.")]


class WireBand(msgspec.Struct):
    """Sessions whose price would change by an amount in this range."""

    upToBps: Annotated[int | None, Meta(description="Basis points of the price before.")]
    words: Annotated[str, Meta(description="The band in words.")]
    sessions: Annotated[int, Meta(description="How many.")]
    examples: Annotated[list[str], Meta(description="Up to ten of them.")]


class WireCurrencyReport(msgspec.Struct):
    """Prices and revenue in one currency, minor units."""

    currencyCode: Annotated[str, Meta(description="ISO 4217.")]
    shownBefore: Annotated[int, Meta(description="Sessions shown the offer.")]
    shownAfter: Annotated[int, Meta(description="Sessions that would be shown it.")]
    attachRateBps: Annotated[
        int | None, Meta(description="The share of shown offers that was accepted.")
    ]
    revenueBefore: Annotated[
        int | None, Meta(description="Prices offered, times the attach rate; null without one.")
    ]
    revenueAfter: Annotated[
        int | None, Meta(description="Prices that would be offered, times the same attach rate.")
    ]
    priceMovements: Annotated[
        list[WireBand], Meta(description="Sessions shown before and after, by how the price moves.")
    ]


class WireShadowReport(msgspec.Struct):
    """The changes that publishing would have made."""

    sessions: Annotated[int, Meta(description="How many were replayed.")]
    unchanged: Annotated[int, Meta(description="Of how many nothing would change.")]
    unreadable: Annotated[
        int, Meta(description="How many could not be replayed; they are in no other number.")
    ]
    flips: Annotated[
        list[WireFlip], Meta(description="Answers that would be others, the most frequent first.")
    ]
    currencies: Annotated[
        list[WireCurrencyReport], Meta(description="Prices and revenue, currency by currency.")
    ]


class WireShadowRun(msgspec.Struct):
    """A run, in progress or ended. `report` is set once it is done."""

    id: Annotated[str, Meta(description="The run.")]
    status: Annotated[str, Meta(description="`running`, `done`, `cancelled` or `failed`.")]
    last: Annotated[int, Meta(description="How many sessions were asked for.")]
    replayed: Annotated[int, Meta(description="How many are done.")]
    startedAt: Annotated[str, Meta(description="When it began.")]
    progressedAt: Annotated[str, Meta(description="When it was last heard of.")]
    startedBy: Annotated[str, Meta(description="Who asked for it.")]
    draftId: Annotated[str | None, Meta(description="The draft that it is about, if it is one.")]
    failure: Annotated[str | None, Meta(description="Why it failed.")]
    report: Annotated[WireShadowReport | None, Meta(description="What it found, once it is done.")]


class ShadowRunsResponse(msgspec.Struct):
    """The last runs, newest first."""

    shadowRuns: Annotated[list[WireShadowRun], Meta(description="Newest first.")]


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

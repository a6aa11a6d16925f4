"""`/admin/v1/analytics`: funnel, rates, revenue, reasons and latency."""

from __future__ import annotations

from typing import Any

import msgspec

from orderguard.actions.analytics_file import analytics_document
from orderguard.actions.show_analytics import AnalyticsQuery, show_latency
from orderguard.actions.show_analytics import show_analytics as numbers_of
from orderguard.admin.api.operation import Call, Operation
from orderguard.admin.api.parameters import query_text
from orderguard.admin.api.refusals import INVALID
from orderguard.admin.api.wire.analytics import AnalyticsResponse
from orderguard.domain.analytics.analytics import Dimension
from orderguard.http.openapi.vocabulary import Example, Parameter
from orderguard.http.wire.learning import learn

_MONEY = {
    "revenue": 498,
    "fees": 498,
    "reversals": 0,
    "providerShare": 75,
    "revenuePerSessionTenThousandths": 1_245_000,
    "revenuePerOrderTenThousandths": 2_490_000,
}

learn(AnalyticsResponse)


def _numbers(analysed: int, **changes: Any) -> dict[str, Any]:
    return {
        "analysed": analysed,
        "eligible": 3 if analysed else 0,
        "shown": 3 if analysed else 0,
        "accepted": 1 if analysed else 0,
        "declined": 1 if analysed else 0,
        "abandoned": 0,
        "open": 1 if analysed else 0,
        "orders": 2 if analysed else 0,
        "acceptedUnlinked": 0,
        "removed": 0,
        "attachRateBps": 3333 if analysed else None,
        "orderAttachRateBps": 5000 if analysed else None,
        "money": {"USD": _MONEY} if analysed else {},
    } | changes


_REPORT = {
    "from": "2026-11-24",
    "to": "2026-11-24",
    "only": None,
    "by": "country",
    "total": _numbers(4),
    "before": _numbers(0),
    "days": [_numbers(4, day="2026-11-24")],
    "values": [_numbers(4, value="US")],
    "hidden": [{"reason": "cart_total_too_low", "sessions": 1}],
    "latency": [{"permille": 990, "withinMicroseconds": 5000}],
}


def show_analytics(call: Call) -> AnalyticsResponse:
    """The analytics report of the days and the breakdown that the query names."""
    query = AnalyticsQuery.parse(
        first=call.query.get_param("from") or "",
        last=call.query.get_param("to") or "",
        only=call.query.get_param("only") or "",
        by=call.query.get_param("by") or "",
        at=call.at,
    )
    with call.reading() as work:
        report = numbers_of(work, call.merchant, query)
        latency = show_latency(work, query.period)
    return msgspec.convert(analytics_document(report, latency), AnalyticsResponse)


def _day(name: str, description: str) -> Parameter:
    schema = {"type": "string", "format": "date"}
    return Parameter(name, "query", description, schema, "2026-11-24")


OPERATIONS = (
    Operation(
        "GET",
        "/analytics",
        show_analytics,
        "showAnalytics",
        "Show analytics",
        "Funnel, attach rate, revenue, reasons hidden and latency. Numbers are a few "
        "seconds behind; money agrees with statements to the minor unit.",
        "The numbers.",
        examples={"report": Example("One day with four sessions", _REPORT)},
        parameters=(
            _day("from", "The first day, in UTC; without it, 30 days."),
            _day("to", "The last day; without it, today."),
            query_text(
                "only", "Narrow the totals and days down to one value of a dimension.", "country:US"
            ),
            Parameter(
                "by",
                "query",
                "The dimension of `values`.",
                {"type": "string", "enum": [str(dimension) for dimension in Dimension]},
                "country",
            ),
        ),
        refusals=(INVALID,),
    ),
)

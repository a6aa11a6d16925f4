"""Analytics, described."""

from __future__ import annotations

from typing import Any

from orderguard.domain.analytics import Dimension
from orderguard.domain.api_key import Scope
from orderguard.http.openapi.admin_refusals import ADMIN_INVALID, BASES, EVERYWHERE, TAG
from orderguard.http.openapi.orders import NO_STORE
from orderguard.http.openapi.vocabulary import Answer, Example, Parameter, Route
from orderguard.http.wire.admin_analytics import AnalyticsResponse

_MONEY = {
    "revenue": 498,
    "fees": 498,
    "reversals": 0,
    "providerShare": 75,
    "revenuePerSessionTenThousandths": 1_245_000,
    "revenuePerOrderTenThousandths": 2_490_000,
}


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


def _day(name: str, description: str) -> Parameter:
    schema = {"type": "string", "format": "date"}
    return Parameter(name, "query", description, schema, "2026-11-24")


ROUTES = (
    Route(
        method="GET",
        path="/analytics",
        bases=BASES,
        operation_id="showAnalytics",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Show analytics",
        description="Funnel, attach rate, revenue, reasons hidden and latency. Numbers are a few "
        "seconds behind; money agrees with statements to the minor unit.",
        parameters=(
            _day("from", "The first day, in UTC; without it, 30 days."),
            _day("to", "The last day; without it, today."),
            Parameter(
                "only",
                "query",
                "Narrow the totals and days down to one value of a dimension.",
                {"type": "string"},
                "country:US",
            ),
            Parameter(
                "by",
                "query",
                "The dimension of `values`.",
                {"type": "string", "enum": [str(dimension) for dimension in Dimension]},
                "country",
            ),
        ),
        answers=(
            Answer(
                200,
                "The numbers.",
                AnalyticsResponse,
                {"report": Example("One day with four sessions", _REPORT)},
                NO_STORE,
            ),
            ADMIN_INVALID,
            *EVERYWHERE,
        ),
    ),
)

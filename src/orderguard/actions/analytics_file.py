"""A merchant's analytics as files: JSON for programs, CSV for spreadsheets. In minor units."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

from orderguard.domain.analytics.analytics import Measure
from orderguard.domain.analytics.report import AnalyticsReport, Numbers

COUNTS = (
    Measure.ANALYSED,
    Measure.ELIGIBLE,
    Measure.SHOWN,
    Measure.ACCEPTED,
    Measure.DECLINED,
    Measure.ABANDONED,
    Measure.OPEN,
    Measure.ORDERS,
    Measure.ACCEPTED_UNLINKED,
    Measure.REMOVED,
)
MONEY = (Measure.REVENUE, Measure.FEES, Measure.REVERSALS, Measure.PROVIDER_SHARE)

_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")


def analytics_csv(report: AnalyticsReport) -> str:
    """The report as CSV: a row per day, then a row per value of the dimension it is broken down by.

    Money has a column per currency.
    """
    currencies = sorted(
        {
            currency
            for numbers in (report.total, *(numbers for _, numbers in report.by_value))
            for currency in numbers.currencies
        }
    )
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    money = [f"{measure}_{currency}" for currency in currencies for measure in MONEY]
    writer.writerow(["by", "value", *COUNTS, "attach_rate_bps", *money])
    rows = [("day", day.isoformat(), numbers) for day, numbers in report.by_day]
    rows += [(report.broken_down_by, value, numbers) for value, numbers in report.by_value]
    for by, value, numbers in rows:
        amounts = [numbers.amount(measure, c) for c in currencies for measure in MONEY]
        counts = [numbers.count(measure) for measure in COUNTS]
        writer.writerow([by, harmless(value), *counts, numbers.attach_rate_bps, *amounts])
    return text.getvalue()


def harmless(text: str) -> str:
    """The text, escaped if a spreadsheet would run it as a formula: shops send arbitrary values."""
    return f"'{text}" if text.startswith(_FORMULAS) else text


def numbers_document(numbers: Numbers) -> dict[str, Any]:
    """Counts, rates and money as JSON; averages are ten-thousandths of a minor unit."""
    return {
        **{_camel(measure): numbers.count(measure) for measure in COUNTS},
        "attachRateBps": numbers.attach_rate_bps,
        "orderAttachRateBps": numbers.order_attach_rate_bps,
        "money": {
            currency: {_camel(measure): numbers.amount(measure, currency) for measure in MONEY}
            | {
                "revenuePerSessionTenThousandths": numbers.revenue_per_session(currency),
                "revenuePerOrderTenThousandths": numbers.revenue_per_order(currency),
            }
            for currency in numbers.currencies
        },
    }


def analytics_document(
    report: AnalyticsReport, latency: list[tuple[int, int | None]]
) -> dict[str, Any]:
    """The whole report as JSON. `latency` is pairs of permille (950 is p95) and microseconds."""
    return {
        "from": report.period.first.isoformat(),
        "to": report.period.last.isoformat(),
        "only": f"{report.dimension}:{report.value}" if report.value else None,
        "by": report.broken_down_by,
        "total": numbers_document(report.total),
        "before": numbers_document(report.before),
        "days": [
            {"day": day.isoformat(), **numbers_document(numbers)} for day, numbers in report.by_day
        ],
        "values": [
            {"value": value, **numbers_document(numbers)} for value, numbers in report.by_value
        ],
        "hidden": [
            {"reason": reason, "sessions": number}
            for reason, number in report.total.hidden_by_reason()
        ],
        "latency": [
            {"permille": permille, "withinMicroseconds": bound} for permille, bound in latency
        ],
    }


def _camel(measure: str) -> str:
    first, *others = measure.split("_")
    return first + "".join(word.title() for word in others)

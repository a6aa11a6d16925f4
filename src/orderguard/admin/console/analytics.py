"""Analytics: revenue and rates of offers by day, broken down by a dimension."""

from __future__ import annotations

from urllib.parse import urlencode

from orderguard.actions.analytics_file import analytics_csv
from orderguard.actions.show_analytics import AnalyticsQuery, show_analytics, show_latency
from orderguard.admin.console.page_request import Download, PageRequest, Rendered, Reply
from orderguard.admin.console.parts import ConsoleParts, PageRow
from orderguard.domain.analytics.analytics import Dimension, Measure
from orderguard.domain.analytics.report import AnalyticsReport, Numbers
from orderguard.domain.errors import Malformed
from orderguard.domain.money import Currency, exponent
from orderguard.domain.people.account import Role

NAMES = {
    Dimension.PLATFORM: "Platform",
    Dimension.COUNTRY: "Country",
    Dimension.CURRENCY: "Currency",
    Dimension.OFFER_ORIGIN: "Offer origin",
    Dimension.MOUNT_TARGET: "Mount target",
    Dimension.CART_EXPERIENCE: "Cart experience",
    Dimension.CART_VALUE: "Cart value",
    Dimension.EXPERIMENT: "Experiment arm",
}
FUNNEL = (
    (Measure.ANALYSED, "Analysed", "sessions whose cart was looked at"),
    (Measure.ELIGIBLE, "Eligible", "qualified for the offer"),
    (Measure.SHOWN, "Shown", "could see the offer"),
    (Measure.ACCEPTED, "Accepted", "ordered with protection"),
    (Measure.DECLINED, "Declined", "ordered without it"),
    (Measure.ABANDONED, "Abandoned", "did not order within seven days"),
    (Measure.OPEN, "Open", "may still order"),
)
VALUES_AT_MOST = 50
CHARTS_AT_MOST = 3
"""Charts of revenue, one per currency; the table has all currencies."""
SHOWN_DAILY = frozenset((Measure.ANALYSED, Measure.SHOWN, Measure.ACCEPTED, Measure.REVENUE))


class AnalyticsPages:
    """The analytics page, and its CSV file."""

    def __init__(self, parts: ConsoleParts) -> None:
        self._database = parts.database
        self.rows = (
            PageRow("GET", "/analytics", Role.VIEWER, self.show),
            PageRow("GET", "/analytics/csv", Role.VIEWER, self.download),
        )

    def show(self, request: PageRequest) -> Reply:
        problem = ""
        try:
            query = _query(request)
        except Malformed as error:
            query, problem = AnalyticsQuery.parse(first="", last="", at=request.at), str(error)
        with self._database.read() as work:
            report = show_analytics(work, request.merchant.id, query, daily=SHOWN_DAILY)
            latency = show_latency(work, query.period)
        currencies = _currencies(report)
        context = {
            "report": report,
            "latency": latency,
            "funnel": FUNNEL,
            "names": NAMES,
            "measures": Measure,
            "values": report.by_value[:VALUES_AT_MOST],
            "left_out": len(report.by_value[VALUES_AT_MOST:]),
            "currencies": currencies,
            "charted": _most_ordered_in(report, currencies)[:CHARTS_AT_MOST],
            "revenue_heads": [f"Revenue {currency}#" for currency in currencies],
            "csv": _link(request, query, "/analytics/csv"),
            "narrow": lambda value: _narrowed(request, query, value),
            "widen": _link(request, query, "/analytics", only=""),
            "percent": percent,
            "change": change,
            "average": average,
            "major": major,
            "problem": problem,
        }
        return Rendered("analytics.html.j2", context, status=422 if problem else 200)

    def download(self, request: PageRequest) -> Reply:
        query = _query(request)
        with self._database.read() as work:
            text = analytics_csv(show_analytics(work, request.merchant.id, query))
        name = f"analytics-{query.period.first}-{query.period.last}.csv"
        return Download(text.encode(), "text/csv; charset=utf-8", name)


def _query(request: PageRequest) -> AnalyticsQuery:
    asked = request.query
    return AnalyticsQuery.parse(
        first=asked.text("from"),
        last=asked.text("to"),
        only=asked.text("only"),
        by=asked.text("by"),
        at=request.at,
    )


def _link(
    request: PageRequest, query: AnalyticsQuery, path: str, *, only: str | None = None
) -> str:
    narrowed = f"{query.dimension}:{query.value}" if query.value else ""
    asked = {
        "from": query.period.first.isoformat(),
        "to": query.period.last.isoformat(),
        "by": query.broken_down_by,
        "only": narrowed if only is None else only,
    }
    return f"{request.to(path)}?{urlencode({k: v for k, v in asked.items() if v})}"


def _narrowed(request: PageRequest, query: AnalyticsQuery, value: str) -> str:
    return _link(request, query, "/analytics", only=f"{query.broken_down_by}:{value}")


def _currencies(report: AnalyticsReport) -> tuple[str, ...]:
    return tuple(sorted({*report.total.currencies, *report.before.currencies}))


def _most_ordered_in(report: AnalyticsReport, currencies: tuple[str, ...]) -> list[str]:
    orders = report.total.orders_by_currency
    return sorted(currencies, key=lambda currency: -orders.get(currency, 0))


def percent(bps: int | None) -> str:
    """Basis points for people: `12.3 %`, a dash for None."""
    if bps is None:
        return "\N{EM DASH}"
    tenths = (bps + 5) // 10
    return f"{tenths // 10}.{tenths % 10}\N{NO-BREAK SPACE}%"


def change(now: int | None, before: int | None) -> str:
    """The change against the period before as a text: `+12.3 % on the period before`."""
    if now is None or before is None or before <= 0:
        return "nothing to compare with"
    tenths = (now - before) * 1_000 // before
    sign = "+" if tenths >= 0 else "\N{MINUS SIGN}"
    return f"{sign}{abs(tenths) // 10}.{abs(tenths) % 10}\N{NO-BREAK SPACE}% on the period before"


def average(ten_thousandths: int | None, currency: str) -> str:
    """An average in ten-thousandths of a minor unit as text in major units: `0.3125 USD`.

    It has two decimals more than the currency; None is a dash.
    """
    if ten_thousandths is None:
        return "\N{EM DASH}"
    digits = exponent(Currency(currency)) + 2
    whole, fraction = divmod(abs(ten_thousandths) // 100, 10**digits)
    sign = "\N{MINUS SIGN}" if ten_thousandths < 0 else ""
    return f"{sign}{whole:,}.{fraction:0{digits}d}\N{NO-BREAK SPACE}{currency}"


def major(numbers: Numbers, currency: str) -> str:
    """The revenue in major units as a plain decimal text, for charts."""
    digits = exponent(Currency(currency))
    amount = numbers.amount(Measure.REVENUE, currency)
    whole, fraction = divmod(abs(amount), 10**digits)
    return f"{'-' if amount < 0 else ''}{whole}.{fraction:0{digits}d}" if digits else str(amount)

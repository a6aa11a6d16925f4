"""Show a merchant's analytics report, computed from the rollups alone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from orderguard.actions.analytics_file import COUNTS, MONEY
from orderguard.actions.ports.unit_of_work import UnitOfWork
from orderguard.domain.analytics.analytics import NO_VALUE, Dimension, Measure
from orderguard.domain.analytics.report import (
    AnalyticsReport,
    Period,
    by_day,
    by_value,
    latency_percentiles,
    numbers_of,
)
from orderguard.domain.errors import Malformed
from orderguard.domain.ids import MerchantId

PERCENTILES = (500, 950, 990)
"""In thousandths: half, 95 % and 99 % of the answers."""

DEFAULT_DAYS = 30

DAILY = frozenset((*COUNTS, *MONEY))
"""The daily measures: all but the reasons why offers were hidden."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyticsQuery:
    """The days of a report, an optional filter by one value of a dimension, and the breakdown."""

    period: Period
    dimension: Dimension = Dimension.ALL
    value: str = NO_VALUE
    broken_down_by: Dimension = Dimension.PLATFORM

    @classmethod
    def parse(
        cls, *, first: str, last: str, only: str = "", by: str = "", at: datetime
    ) -> AnalyticsQuery:
        """Read days as `2026-11-24`, `only` as `country:US`, `by` as a dimension's name.

        By default the thirty days through today, without a filter, by platform. Raises `Malformed`.
        """
        end = last or at.date().isoformat()
        begin = first or Period.through(at.date(), days=DEFAULT_DAYS).first.isoformat()
        if last and not first:
            end_day = Period.parse(end, end).last
            begin = Period.through(end_day, days=DEFAULT_DAYS).first.isoformat()
        name, _, value = only.partition(":")
        if only and (not value or name == Dimension.ALL):
            raise Malformed("only expected a dimension and a value, such as country:US.")
        return cls(
            period=Period.parse(begin, end),
            dimension=_dimension(name, "only") if only else Dimension.ALL,
            value=value,
            broken_down_by=_dimension(by, "by") if by else Dimension.PLATFORM,
        )


def _dimension(name: str, field: str) -> Dimension:
    if name not in list(Dimension):
        raise Malformed(f"{field} expected one of {', '.join(Dimension)}; found {name[:40]!r}.")
    return Dimension(name)


def show_analytics(
    work: UnitOfWork,
    merchant: MerchantId,
    query: AnalyticsQuery,
    *,
    daily: Collection[Measure] = DAILY,
) -> AnalyticsReport:
    """The report, with the totals of the same number of days before.

    `daily` are the measures that are given for each day.
    """
    total, before = (
        work.analytics.sums(
            merchant,
            first=period.first,
            last=period.last,
            dimension=query.dimension,
            value=query.value,
        )
        for period in (query.period, query.period.before)
    )
    days = work.analytics.sums(
        merchant,
        first=query.period.first,
        last=query.period.last,
        dimension=query.dimension,
        value=query.value,
        by_day=True,
        measures=daily,
    )
    values = work.analytics.sums(
        merchant,
        first=query.period.first,
        last=query.period.last,
        dimension=query.broken_down_by,
    )
    return AnalyticsReport(
        period=query.period,
        dimension=query.dimension,
        value=query.value,
        broken_down_by=query.broken_down_by,
        total=numbers_of(total.items()),
        before=numbers_of(before.items()),
        by_day=by_day(query.period, days),
        by_value=by_value(query.broken_down_by, values),
    )


def show_latency(work: UnitOfWork, period: Period) -> list[tuple[int, int | None]]:
    """Latency percentiles of `analyze`, as pairs of permille (950 is p95) and microseconds."""
    since = datetime.combine(period.first, time(), UTC)
    until = datetime.combine(period.last + timedelta(days=1), time(), UTC)
    return latency_percentiles(work.analytics.latency(since=since, until=until), PERCENTILES)

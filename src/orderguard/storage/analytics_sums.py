"""The sums of all facts per day, and also per month, so that a year takes few rows to read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Select,
    Subquery,
    cast,
    func,
    select,
    union_all,
)
from sqlalchemy.dialects import postgresql, sqlite

from orderguard.domain.analytics.analytics import Cell, Measure
from orderguard.domain.analytics.progress import Drift
from orderguard.domain.analytics.values import CHOSEN_FREELY
from orderguard.domain.ids import MerchantId
from orderguard.storage.tables import analytics_months, analytics_rollups


class AnalyticsSums:
    """The sums by day and the sums by month: two tables that are always changed together."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._insert: Any = (
            postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        )

    def add(self, merchant: MerchantId, changes: Mapping[Cell, int]) -> None:
        """Add these numbers to the stored sums."""
        self._add(analytics_rollups, merchant, changes)
        self._add(analytics_months, merchant, _by_month(changes))

    def _add(self, table: Any, merchant: MerchantId, changes: Mapping[Cell, int]) -> None:
        rows = [
            {"merchant_id": merchant, "total": number, **cell._asdict()}
            for cell, number in sorted(changes.items())
            if number
        ]
        if not rows:
            return
        statement = self._insert(table)
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=list(table.primary_key.columns),
                set_={"total": table.c.total + statement.excluded.total},
            ),
            rows,
        )

    def drift_from(self, merchant: MerchantId, expected: Counter[Cell]) -> Drift:
        """The corrections that make each table equal the expected sums."""
        return Drift(
            days=self._missing(analytics_rollups, merchant, expected),
            months=self._missing(analytics_months, merchant, _by_month(expected)),
        )

    def _missing(
        self, table: Any, merchant: MerchantId, expected: Counter[Cell]
    ) -> Mapping[Cell, int]:
        missing = Counter(expected)
        columns = [table.c[name] for name in Cell._fields]
        query = select(*columns, table.c.total).where(table.c.merchant_id == merchant)
        for *cell, total in self._connection.execute(query):
            missing[Cell(*cell)] -= total
        return {cell: number for cell, number in missing.items() if number}

    def correct(self, merchant: MerchantId, drift: Drift) -> None:
        """Add the corrections to both tables."""
        self._add(analytics_rollups, merchant, drift.days)
        self._add(analytics_months, merchant, drift.months)

    def values(
        self, merchant: MerchantId, months: Collection[date]
    ) -> Mapping[tuple[date, str], Mapping[str, int]]:
        """How many sessions have each value, per month (its first day) and dimension.

        Only for dimensions whose values callers choose freely, and only values that sessions of the
        month have: fees are posted in later months, too.
        """
        keys = (analytics_months.c.day, analytics_months.c.dimension, analytics_months.c.value)
        sessions = cast(func.sum(analytics_months.c.total), BigInteger)
        query = (
            select(*keys, sessions)
            .where(
                analytics_months.c.merchant_id == merchant,
                analytics_months.c.dimension.in_(CHOSEN_FREELY),
                analytics_months.c.day.in_(months),
                analytics_months.c.measure == Measure.ANALYSED,
            )
            .group_by(*keys)
            .having(sessions != 0)
        )
        found: dict[tuple[date, str], dict[str, int]] = {}
        for month, dimension, value, number in self._connection.execute(query):
            found.setdefault((month, dimension), {})[value] = number
        return found

    def of_span(
        self,
        merchant: MerchantId,
        *,
        first: date,
        last: date,
        dimension: str,
        value: str | None = None,
    ) -> Mapping[Cell, int]:
        """The sums over all days from `first` through `last`, in cells whose day is `first`."""
        parts = [
            _cells(table, merchant, since, until, dimension, value)
            for table, since, until in _pieces(first, _day_after(last))
        ]
        parted: Subquery = union_all(*parts).subquery()
        keys = (parted.c.value, parted.c.currency, parted.c.measure)
        total = cast(func.sum(parted.c.total), BigInteger)
        rows = self._connection.execute(select(*keys, total).group_by(*keys))
        return {
            Cell(first, dimension, value, currency, measure): total
            for value, currency, measure, total in rows
            if total
        }

    def of_days(
        self,
        merchant: MerchantId,
        *,
        first: date,
        last: date,
        dimension: str,
        value: str | None = None,
        measures: Collection[str] | None = None,
    ) -> Mapping[Cell, int]:
        """The sums of each day from `first` through `last`, limited to `measures` if given."""
        query = _cells(
            analytics_rollups, merchant, first, _day_after(last), dimension, value
        ).where(analytics_rollups.c.total != 0)
        if measures is not None:
            query = query.where(analytics_rollups.c.measure.in_(sorted(measures)))
        return {
            Cell(day, dimension, value, currency, measure): total
            for value, currency, measure, total, day in self._connection.execute(
                query.add_columns(analytics_rollups.c.day)
            )
        }


def _by_month(changes: Mapping[Cell, int]) -> Counter[Cell]:
    of_months: Counter[Cell] = Counter()
    for cell, number in changes.items():
        of_months[cell._replace(day=cell.day.replace(day=1))] += number
    return of_months


def _cells(
    table: Any, merchant: MerchantId, since: date, until: date, dimension: str, value: str | None
) -> Select[Any]:
    """The rows of half-open days."""
    return select(table.c.value, table.c.currency, table.c.measure, table.c.total).where(
        table.c.merchant_id == merchant,
        table.c.dimension == dimension,
        table.c.day >= since,
        table.c.day < until,
        *([table.c.value == value] if value is not None else []),
    )


def _pieces(since: date, until: date) -> list[tuple[Any, date, date]]:
    """Half-open spans that make up the whole one, and the table to read each of them from."""
    begin = since if since.day == 1 else _next_month(since)
    end = until.replace(day=1)
    if begin >= end:
        return [(analytics_rollups, since, until)]
    return [
        (analytics_rollups, since, begin),
        (analytics_months, begin, end),
        (analytics_rollups, end, until),
    ]


def _day_after(day: date) -> date:
    """The end of a half-open span; nothing happens on the last day that there is."""
    return day if day == date.max else day + timedelta(days=1)


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)

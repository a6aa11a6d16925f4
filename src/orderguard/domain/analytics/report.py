"""A merchant's numbers for some days: funnel, attach rate, revenue, reasons, latency.

Rates are basis points and averages ten-thousandths of a minor unit, rounded half to even: whole
numbers all the way, so that they are the same wherever they are shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from orderguard.domain.analytics.analytics import HIDDEN, Cell, Dimension, Measure, band_place
from orderguard.domain.errors import Malformed
from orderguard.domain.money import BASIS_POINTS, Rounding, divide
from orderguard.domain.money import shortened as shown

DAYS_AT_MOST = 400
"""A year, and a month to compare it with."""

_ORDER_OF_MONEY = (
    Measure.REVENUE,
    Measure.FEES,
    Measure.REVERSALS,
    Measure.PROVIDER_SHARE,
)
_IN_MONEY = frozenset((*_ORDER_OF_MONEY, Measure.SQUARES_HIGH, Measure.SQUARES_LOW))


@dataclass(frozen=True, slots=True)
class Period:
    """A range of days in UTC; the first and the last day are included."""

    first: date
    last: date

    @classmethod
    def parse(cls, first: str, last: str) -> Period:
        """Read the first and the last day, each written as `2026-11-01`. Raises `Malformed`."""
        period = cls(_day(first), _day(last))
        if period.last < period.first:
            raise Malformed(f"The last day, {last}, is before the first, {first}.")
        if period.days > DAYS_AT_MOST:
            raise Malformed(f"{period.days} days are too many; the limit is {DAYS_AT_MOST}.")
        return period

    @classmethod
    def through(cls, last: date, *, days: int) -> Period:
        """The `days` days that end with `last`."""
        return cls(last - timedelta(days=days - 1), last)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> Period:
        """The period of the same length that ends on the day before this one begins."""
        return Period.through(self.first - timedelta(days=1), days=self.days)

    def each_day(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range(self.days)]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Malformed(f"{shown(text)} is not a day; expected one such as 2026-11-24.") from error


@dataclass(frozen=True, slots=True)
class Numbers:
    """The counts of some cells: sessions and orders by measure, money by currency.

    `sessions_by_currency` is by the carts' currency; averages divide by it.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    money: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    sessions_by_currency: Mapping[str, int] = field(default_factory=dict)
    orders_by_currency: Mapping[str, int] = field(default_factory=dict)

    def count(self, measure: Measure) -> int:
        return self.counts.get(measure, 0)

    def amount(self, measure: Measure, currency: str) -> int:
        return self.money.get(currency, {}).get(measure, 0)

    @property
    def currencies(self) -> tuple[str, ...]:
        """The currencies with amounts, in the order of their codes."""
        return tuple(sorted(self.money))

    @property
    def attach_rate_bps(self) -> int | None:
        """The share of sessions shown the offer that accepted it, in basis points."""
        return share_bps(self.count(Measure.ACCEPTED), self.count(Measure.SHOWN))

    @property
    def order_attach_rate_bps(self) -> int | None:
        """The share of orders shown the offer that accepted it, in basis points.

        Retailers call this the attach rate: protections sold per order that could have had one.
        """
        accepted = self.count(Measure.ACCEPTED)
        return share_bps(accepted, accepted + self.count(Measure.DECLINED))

    def revenue_per_session(self, currency: str) -> int | None:
        """Revenue per session with a cart in this currency, in ten-thousandths of a minor unit."""
        return share_bps(
            self.amount(Measure.REVENUE, currency), self.sessions_by_currency.get(currency, 0)
        )

    def revenue_per_order(self, currency: str) -> int | None:
        """Revenue per order in this currency, protected or not; ten-thousandths of a minor unit."""
        return share_bps(
            self.amount(Measure.REVENUE, currency), self.orders_by_currency.get(currency, 0)
        )

    def hidden_by_reason(self) -> list[tuple[str, int]]:
        """Sessions that were never shown the offer, by their last reason, most first."""
        found = [
            (measure.removeprefix(HIDDEN), number)
            for measure, number in self.counts.items()
            if measure.startswith(HIDDEN)
        ]
        return sorted(found, key=lambda each: (-each[1], each[0]))


def share_bps(part: int, whole: int) -> int | None:
    """`part` divided by `whole` in basis points, rounded half to even; None when `whole` is 0."""
    if whole <= 0:
        return None
    share = divide(abs(part) * BASIS_POINTS, whole, Rounding.HALF_EVEN)
    return share if part >= 0 else -share


def numbers_of(cells: Iterable[tuple[Cell, int]]) -> Numbers:
    """Add up rollup cells, which all belong to one dimension, to the numbers of a report."""
    counts: Counter[str] = Counter()
    sessions: Counter[str] = Counter()
    orders: Counter[str] = Counter()
    money: dict[str, Counter[str]] = {}
    for cell, number in cells:
        if cell.measure in _IN_MONEY:
            money.setdefault(cell.currency, Counter())[cell.measure] += number
            continue
        counts[cell.measure] += number
        if cell.measure == Measure.ANALYSED:
            sessions[cell.currency] += number
        elif cell.measure == Measure.ORDERS:
            orders[cell.currency] += number
    return Numbers(counts, money, sessions, orders)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyticsReport:
    """A report for a page or a file. `before` are the totals of the period before.

    `value` is the value of `dimension` that the report is filtered by; without either it covers all
    sessions.
    """

    period: Period
    dimension: Dimension
    value: str
    broken_down_by: Dimension
    total: Numbers
    before: Numbers
    by_day: tuple[tuple[date, Numbers], ...]
    by_value: tuple[tuple[str, Numbers], ...]


def by_day(period: Period, cells: Mapping[Cell, int]) -> tuple[tuple[date, Numbers], ...]:
    """Every day of the period, also those on which nothing happened."""
    found: dict[date, list[tuple[Cell, int]]] = {}
    for cell, number in cells.items():
        found.setdefault(cell.day, []).append((cell, number))
    return tuple((day, numbers_of(found.get(day, ()))) for day in period.each_day())


def by_value(dimension: Dimension, cells: Mapping[Cell, int]) -> tuple[tuple[str, Numbers], ...]:
    """The numbers of each value of the dimension: bands in order, others by most sessions first."""
    found: dict[str, list[tuple[Cell, int]]] = {}
    for cell, number in cells.items():
        found.setdefault(cell.value, []).append((cell, number))
    rows = [(value, numbers_of(of_value)) for value, of_value in found.items()]
    if dimension is Dimension.CART_VALUE:
        return tuple(sorted(rows, key=lambda row: band_place(row[0])))
    return tuple(sorted(rows, key=lambda row: (-row[1].count(Measure.ANALYSED), row[0])))


def latency_percentiles(
    answers: Mapping[int, int], permille: Iterable[int]
) -> list[tuple[int, int | None]]:
    """Latency percentiles of a histogram, as pairs of permille (950 is p95) and microseconds.

    `answers` counts answers by the upper bound of their bucket. Each percentile is given as such a
    bound; None means above the last one. Empty without answers.
    """
    total = sum(answers.values())
    if not total:
        return []
    found: list[tuple[int, int | None]] = []
    for wanted in permille:
        seen = 0
        bound: int | None = None
        for up_to in sorted(bound for bound in answers if bound):
            seen += answers[up_to]
            if seen * 1_000 >= wanted * total:
                bound = up_to
                break
        found.append((wanted, bound))
    return found

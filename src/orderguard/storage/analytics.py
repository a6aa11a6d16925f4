"""Analytics rollups: stored sums, the facts they are sums of, and the queue of changes.

A subject is what is counted: one session, or one order without a session.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, insert, select, union_all, update
from sqlalchemy.dialects import postgresql, sqlite

from orderguard.domain.analytics.analytics import Cell, Facts
from orderguard.domain.analytics.progress import (
    CountedOnRecord,
    Drift,
    KeptFacts,
    Subject,
    SubjectOnRecord,
)
from orderguard.domain.ids import MerchantId, OrderId
from orderguard.storage.analytics_queue import AnalyticsQueue
from orderguard.storage.analytics_records import SUBJECT_OF_ORDER, AnalyticsRecords
from orderguard.storage.analytics_sums import AnalyticsSums
from orderguard.storage.tables import (
    EPOCH,
    analytics_facts,
    analytics_progress,
    latency_hours,
    orders,
)

_facts = msgspec.json.Decoder(Facts).decode
_encode = msgspec.json.Encoder().encode

FACTS_AT_ONCE = 1_000
"""Facts held in memory while all of a merchant's are added up."""


class SqlAnalytics:
    """The rollups of all merchants."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._insert: Any = (
            postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        )

    def round(self, merchant: MerchantId) -> int:
        query = select(analytics_progress.c.round).where(
            analytics_progress.c.merchant_id == merchant
        )
        return self._connection.execute(query).scalar() or 0

    def advance(self, merchant: MerchantId, seen: int) -> bool:
        table = analytics_progress
        if seen == 0:
            begin = self._insert(table).values(
                merchant_id=merchant, round=1, sessions_through=EPOCH, orders_through=EPOCH
            )
            # Not the count of rows: not every driver knows it of an insert that did nothing.
            begun = begin.on_conflict_do_nothing().returning(table.c.round)
            return self._connection.execute(begun).first() is not None
        following = (
            update(table)
            .where(table.c.merchant_id == merchant, table.c.round == seen)
            .values(round=seen + 1)
        )
        return bool(self._connection.execute(following).rowcount)

    def uncounted_sessions(
        self, merchant: MerchantId, *, after: Subject, limit: int
    ) -> Sequence[Subject]:
        return AnalyticsQueue(self._connection).sessions(merchant, after=after, limit=limit)

    def uncounted_orders(
        self, merchant: MerchantId, *, after: OrderId, limit: int
    ) -> Sequence[OrderId]:
        return AnalyticsQueue(self._connection).orders(merchant, after=after, limit=limit)

    def orders_without_facts(
        self, merchant: MerchantId, *, after: OrderId, limit: int
    ) -> Sequence[OrderId]:
        queue = AnalyticsQueue(self._connection)
        return queue.orders_without_facts(merchant, after=after, limit=limit)

    def subjects_after(
        self, merchant: MerchantId, after: Subject, *, limit: int
    ) -> Sequence[Subject]:
        return AnalyticsQueue(self._connection).subjects_after(merchant, after, limit=limit)

    def mark_counted(
        self, merchant: MerchantId, counted: Mapping[Subject, KeptFacts | None]
    ) -> None:
        AnalyticsQueue(self._connection).mark_counted(merchant, counted)

    def counted_on_record(self, merchant: MerchantId) -> CountedOnRecord:
        return AnalyticsQueue(self._connection).on_record(merchant)

    def due(self, merchant: MerchantId, *, at: datetime, limit: int) -> Sequence[Subject]:
        """Subjects whose facts change by time alone by `at`: open sessions to be abandoned."""
        query = (
            select(analytics_facts.c.subject)
            .where(analytics_facts.c.merchant_id == merchant, analytics_facts.c.due_at <= at)
            .order_by(analytics_facts.c.due_at)
            .limit(limit)
        )
        return [Subject(subject) for subject in self._connection.execute(query).scalars()]

    def subjects_of_orders(
        self, merchant: MerchantId, changed: Collection[OrderId]
    ) -> Sequence[Subject]:
        now = select(SUBJECT_OF_ORDER.label("subject")).where(
            orders.c.merchant_id == merchant, orders.c.id.in_(changed)
        )
        then = select(analytics_facts.c.subject).where(
            analytics_facts.c.merchant_id == merchant, analytics_facts.c.order_id.in_(changed)
        )
        found = self._connection.execute(union_all(now, then)).scalars()
        return [Subject(subject) for subject in dict.fromkeys(found)]

    def known(
        self, merchant: MerchantId, subjects: Collection[Subject]
    ) -> Mapping[Subject, KeptFacts]:
        """The facts that the rollups contain about these subjects."""
        query = select(analytics_facts).where(
            analytics_facts.c.merchant_id == merchant, analytics_facts.c.subject.in_(subjects)
        )
        return {
            Subject(row.subject): KeptFacts(
                _facts(row.facts), row.analysis_count, row.order_id, row.order_revision
            )
            for row in self._connection.execute(query)
        }

    def on_record(
        self, merchant: MerchantId, subjects: Collection[Subject]
    ) -> Mapping[Subject, SubjectOnRecord]:
        """The stored sessions and orders of these subjects; deleted subjects are missing."""
        return AnalyticsRecords(self._connection).of(merchant, subjects)

    def values(
        self, merchant: MerchantId, months: Collection[date]
    ) -> Mapping[tuple[date, str], Mapping[str, int]]:
        return AnalyticsSums(self._connection).values(merchant, months)

    def replace(
        self,
        merchant: MerchantId,
        current: Mapping[Subject, KeptFacts | None],
        changes: Counter[Cell],
    ) -> None:
        self._connection.execute(
            delete(analytics_facts).where(
                analytics_facts.c.merchant_id == merchant, analytics_facts.c.subject.in_(current)
            )
        )
        rows = [
            {
                "merchant_id": merchant,
                "subject": subject,
                "analysis_count": kept.analysis_count,
                "order_id": kept.order,
                "order_revision": kept.order_revision,
                "due_at": kept.facts.unsettled_until,
                "facts": _encode(kept.facts),
            }
            for subject, kept in current.items()
            if kept
        ]
        if rows:
            self._connection.execute(insert(analytics_facts), rows)
        AnalyticsSums(self._connection).add(merchant, changes)

    def drift(self, merchant: MerchantId) -> Drift:
        """By how much the stored sums differ from the sums of the facts.

        A roll-up round changes both by the same amount, so a round in between keeps the drift.
        """
        contributions: Counter[Cell] = Counter()
        query = select(analytics_facts.c.facts).where(analytics_facts.c.merchant_id == merchant)
        for facts in self._connection.execute(query).yield_per(FACTS_AT_ONCE).scalars():
            contributions.update(_facts(facts).contribution())
        return AnalyticsSums(self._connection).drift_from(merchant, contributions)

    def correct(self, merchant: MerchantId, drift: Drift) -> None:
        AnalyticsSums(self._connection).correct(merchant, drift)

    def sums(
        self,
        merchant: MerchantId,
        *,
        first: date,
        last: date,
        dimension: str,
        value: str | None = None,
        by_day: bool = False,
        measures: Collection[str] | None = None,
    ) -> Mapping[Cell, int]:
        sums = AnalyticsSums(self._connection)
        if not by_day:
            return sums.of_span(merchant, first=first, last=last, dimension=dimension, value=value)
        return sums.of_days(
            merchant, first=first, last=last, dimension=dimension, value=value, measures=measures
        )

    def add_latency(self, hour: datetime, answers: Mapping[int, int]) -> None:
        statement = self._insert(latency_hours)
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=[latency_hours.c.hour, latency_hours.c.up_to_us],
                set_={"answers": latency_hours.c.answers + statement.excluded.answers},
            ),
            [
                {"hour": hour, "up_to_us": up_to_us, "answers": number}
                for up_to_us, number in sorted(answers.items())
            ],
        )

    def latency(self, *, since: datetime, until: datetime) -> Mapping[int, int]:
        """The latency histogram from `since` to `until`, by bucket bound in microseconds.

        The span is half-open, in whole hours.
        """
        query = (
            select(latency_hours.c.up_to_us, func.sum(latency_hours.c.answers).label("answers"))
            .where(latency_hours.c.hour >= since, latency_hours.c.hour < until)
            .group_by(latency_hours.c.up_to_us)
        )
        return {row.up_to_us: int(row.answers) for row in self._connection.execute(query)}

    def forget_latency(self, *, before: datetime) -> None:
        self._connection.execute(delete(latency_hours).where(latency_hours.c.hour < before))

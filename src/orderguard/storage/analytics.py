"""Rollups and the facts behind them: what changed, what is on record, and the sums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import (
    Connection,
    and_,
    delete,
    func,
    insert,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from orderguard.actions.ports import AnalyticsProgress, KeptFacts, Subject, SubjectOnRecord
from orderguard.domain.analytics import Cell, Facts
from orderguard.domain.ids import MerchantId, OrderId
from orderguard.storage.analytics_records import SUBJECT_OF_ORDER, AnalyticsRecords
from orderguard.storage.analytics_sums import AnalyticsSums
from orderguard.storage.tables import (
    EPOCH,
    analytics_facts,
    analytics_progress,
    latency_hours,
    offer_sessions,
    orders,
)

_BEGINNING = AnalyticsProgress(round=0, sessions_through=EPOCH, orders_through=EPOCH)


_facts = msgspec.json.Decoder(Facts).decode
_encode = msgspec.json.Encoder().encode


class SqlAnalytics:
    """The rollups of all merchants."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._insert: Any = (
            postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        )

    def progress(self, merchant: MerchantId) -> AnalyticsProgress:
        row = self._connection.execute(
            select(analytics_progress).where(analytics_progress.c.merchant_id == merchant)
        ).first()
        if row is None:
            return _BEGINNING
        return AnalyticsProgress(row.round, row.sessions_through, row.orders_through)

    def advance(
        self, merchant: MerchantId, seen: AnalyticsProgress, through: AnalyticsProgress
    ) -> bool:
        """Go on to the next round, unless another process did: then False, and nothing changed."""
        values = {
            "round": seen.round + 1,
            "sessions_through": through.sessions_through,
            "orders_through": through.orders_through,
        }
        if seen.round == 0:
            begin = self._insert(analytics_progress).values(merchant_id=merchant, **values)
            # Not the count of rows: not every driver knows it of an insert that did nothing.
            begun = begin.on_conflict_do_nothing().returning(analytics_progress.c.round)
            return self._connection.execute(begun).first() is not None
        following = (
            update(analytics_progress)
            .where(
                analytics_progress.c.merchant_id == merchant,
                analytics_progress.c.round == seen.round,
            )
            .values(values)
        )
        return bool(self._connection.execute(following).rowcount)

    def changed_sessions(
        self, merchant: MerchantId, *, since: datetime, limit: int
    ) -> Sequence[tuple[Subject, datetime]]:
        """Sessions with analyses that are not in the facts, the longest unchanged first."""
        known = and_(
            analytics_facts.c.merchant_id == offer_sessions.c.merchant_id,
            analytics_facts.c.subject == offer_sessions.c.id,
        )
        query = (
            select(offer_sessions.c.id, offer_sessions.c.updated_at)
            .select_from(offer_sessions.outerjoin(analytics_facts, known))
            .where(
                offer_sessions.c.merchant_id == merchant,
                offer_sessions.c.updated_at >= since,
                func.coalesce(analytics_facts.c.analysis_count, 0)
                != offer_sessions.c.analysis_count,
            )
            .order_by(offer_sessions.c.updated_at)
            .limit(limit)
        )
        return [(Subject(row.id), row.updated_at) for row in self._connection.execute(query)]

    def changed_orders(
        self, merchant: MerchantId, *, since: datetime, limit: int
    ) -> Sequence[tuple[OrderId, datetime]]:
        """Orders with revisions that are not in the facts, the longest unchanged first."""
        known = and_(
            analytics_facts.c.merchant_id == orders.c.merchant_id,
            analytics_facts.c.order_id == orders.c.id,
        )
        query = (
            select(orders.c.id, orders.c.changed_at)
            .select_from(orders.outerjoin(analytics_facts, known))
            .where(
                orders.c.merchant_id == merchant,
                orders.c.changed_at >= since,
                func.coalesce(analytics_facts.c.order_revision, 0) != orders.c.revision,
            )
            .order_by(orders.c.changed_at)
            .limit(limit)
        )
        return [(OrderId(row.id), row.changed_at) for row in self._connection.execute(query)]

    def due(self, merchant: MerchantId, *, at: datetime, limit: int) -> Sequence[Subject]:
        """Subjects that time alone has changed."""
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
        """What these orders count with now, and what they were counted with."""
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
        """What the rollups contain of these subjects."""
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
        """What is on record about these subjects; those that are no more are missing."""
        return AnalyticsRecords(self._connection).of(merchant, subjects)

    def values(
        self, merchant: MerchantId, months: Collection[date]
    ) -> Mapping[tuple[date, str], Mapping[str, int]]:
        """Sessions by value, of dimensions that callers choose freely, by first day of a month."""
        return AnalyticsSums(self._connection).values(merchant, months)

    def replace(
        self,
        merchant: MerchantId,
        current: Mapping[Subject, KeptFacts | None],
        changes: Counter[Cell],
    ) -> None:
        """Keep these facts, None for none any more, and add the changes to the sums."""
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

    def subjects_after(
        self, merchant: MerchantId, after: Subject, *, limit: int
    ) -> Sequence[Subject]:
        """All subjects that there are facts about, in the order of their texts."""
        query = (
            select(analytics_facts.c.subject)
            .where(analytics_facts.c.merchant_id == merchant, analytics_facts.c.subject > after)
            .order_by(analytics_facts.c.subject)
            .limit(limit)
        )
        return [Subject(subject) for subject in self._connection.execute(query).scalars()]

    def forget_sums(self, merchant: MerchantId) -> None:
        """Begin all sums at zero."""
        AnalyticsSums(self._connection).forget(merchant)

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
        """The sums of a dimension from the first through the last day.

        Unless `by_day`, every cell's day is the first one. `measures` narrows days down.
        """
        sums = AnalyticsSums(self._connection)
        if not by_day:
            return sums.of_span(merchant, first=first, last=last, dimension=dimension, value=value)
        return sums.of_days(
            merchant, first=first, last=last, dimension=dimension, value=value, measures=measures
        )

    def add_latency(self, hour: datetime, answers: Mapping[int, int]) -> None:
        """Count answers of an hour by the upper bound of how long they took, microseconds."""
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
        """Answers by the upper bound of how long they took, in hours of a half-open span."""
        query = (
            select(latency_hours.c.up_to_us, func.sum(latency_hours.c.answers).label("answers"))
            .where(latency_hours.c.hour >= since, latency_hours.c.hour < until)
            .group_by(latency_hours.c.up_to_us)
        )
        return {row.up_to_us: int(row.answers) for row in self._connection.execute(query)}

    def forget_latency(self, *, before: datetime) -> None:
        self._connection.execute(delete(latency_hours).where(latency_hours.c.hour < before))

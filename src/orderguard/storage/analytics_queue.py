"""The queue of sessions and orders that the rollups do not contain yet.

Each row stores the number of the change up to which it was counted, so a change that commits late
is found whenever it commits. A moving watermark could miss it (docs/decisions/0055).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    Table,
    and_,
    bindparam,
    exists,
    func,
    select,
    text,
    union,
    update,
)

from orderguard.domain.analytics.progress import CountedOnRecord, KeptFacts, Subject
from orderguard.domain.ids import MerchantId, OrderId
from orderguard.storage.tables import analytics_facts, offer_sessions, orders

# As in the partial indexes: SQLite uses them for exactly these terms.
_SESSION_WAITS = text("offer_sessions.counted <> offer_sessions.analysis_count")
_ORDER_WAITS = text("orders.counted <> orders.revision")

_NOT_IN_FACTS = ~exists().where(
    analytics_facts.c.merchant_id == orders.c.merchant_id,
    analytics_facts.c.order_id == orders.c.id,
    analytics_facts.c.order_revision == orders.c.revision,
)


class AnalyticsQueue:
    """The uncounted sessions and orders of all merchants."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def sessions(self, merchant: MerchantId, *, after: Subject, limit: int) -> Sequence[Subject]:
        waiting = _page(offer_sessions, merchant, after, limit).where(_SESSION_WAITS)
        return [Subject(id_) for id_ in self._connection.execute(waiting).scalars()]

    def orders(self, merchant: MerchantId, *, after: OrderId, limit: int) -> Sequence[OrderId]:
        waiting = _page(orders, merchant, after, limit).where(_ORDER_WAITS)
        return [OrderId(id_) for id_ in self._connection.execute(waiting).scalars()]

    def orders_without_facts(
        self, merchant: MerchantId, *, after: OrderId, limit: int
    ) -> Sequence[OrderId]:
        """Orders without facts about their current revision, in the order of their ids."""
        missing = _page(orders, merchant, after, limit).where(_NOT_IN_FACTS)
        return [OrderId(id_) for id_ in self._connection.execute(missing).scalars()]

    def subjects_after(
        self, merchant: MerchantId, after: Subject, *, limit: int
    ) -> Sequence[Subject]:
        """Up to `limit` subjects by id as text: stored ones, and those with facts."""
        facts = analytics_facts.c
        known = (
            select(facts.subject.label("id"))
            .where(facts.merchant_id == merchant, facts.subject > after)
            .order_by(facts.subject)
            .limit(limit)
        )
        # Each part has an index for its order; the union of two short lists is sorted again.
        parts = (_page(offer_sessions, merchant, after, limit), known)
        both = union(*(select(part.subquery().c.id) for part in parts)).subquery()
        query = select(both.c.id).order_by(both.c.id).limit(limit)
        return [Subject(id_) for id_ in self._connection.execute(query).scalars()]

    def mark_counted(
        self, merchant: MerchantId, counted: Mapping[Subject, KeptFacts | None]
    ) -> None:
        """Remove subjects from the queue, unless they changed after they were counted."""
        found = [(subject, kept) for subject, kept in sorted(counted.items()) if kept]
        # Orders first, and each in the order of its ids, as pushes and the journal lock them.
        revisions = {kept.order: kept.order_revision for _, kept in found if kept.order is not None}
        self._mark(orders, orders.c.revision, merchant, sorted(revisions.items()))
        counts = [(subject, kept.analysis_count) for subject, kept in found if kept.analysis_count]
        self._mark(offer_sessions, offer_sessions.c.analysis_count, merchant, counts)

    def _mark(
        self, table: Table, count: Any, merchant: MerchantId, counts: Sequence[tuple[Any, int]]
    ) -> None:
        if not counts:
            return
        as_counted = (
            update(table)
            .where(
                table.c.merchant_id == merchant,
                table.c.id == bindparam("of"),
                count == bindparam("as_of"),
                table.c.counted != bindparam("as_of"),
            )
            .values(counted=bindparam("as_of"))
        )
        self._connection.execute(as_counted, [{"of": id_, "as_of": n} for id_, n in counts])

    def on_record(self, merchant: MerchantId) -> CountedOnRecord:
        """Count the stored sessions and orders, and how many of them lack current facts."""
        sessions = select(func.count()).where(offer_sessions.c.merchant_id == merchant)
        orders_ = select(func.count()).where(orders.c.merchant_id == merchant)
        known = and_(
            analytics_facts.c.merchant_id == offer_sessions.c.merchant_id,
            analytics_facts.c.subject == offer_sessions.c.id,
        )
        missing_sessions = (
            select(func.count())
            .select_from(offer_sessions.outerjoin(analytics_facts, known))
            .where(
                offer_sessions.c.merchant_id == merchant,
                offer_sessions.c.counted == offer_sessions.c.analysis_count,
                analytics_facts.c.analysis_count.is_distinct_from(offer_sessions.c.analysis_count),
            )
        )
        waiting = [
            self._connection.execute(query.where(condition).add_columns(func.min(changed))).one()
            for query, condition, changed in (
                (sessions, _SESSION_WAITS, offer_sessions.c.updated_at),
                (orders_, _ORDER_WAITS, orders.c.changed_at),
            )
        ]
        return CountedOnRecord(
            sessions=self._number(sessions),
            orders=self._number(orders_),
            waiting=sum(number for number, _ in waiting),
            waiting_since=min((since for _, since in waiting if since), default=None),
            missing=self._number(missing_sessions)
            + self._number(orders_.where(orders.c.counted == orders.c.revision, _NOT_IN_FACTS)),
        )

    def _number(self, query: Select[Any]) -> int:
        number: int = self._connection.execute(query).scalar_one()
        return number


def _page(table: Table, merchant: MerchantId, after: Any, limit: int) -> Select[Any]:
    return (
        select(table.c.id)
        .where(table.c.merchant_id == merchant, table.c.id > after)
        .order_by(table.c.id)
        .limit(limit)
    )

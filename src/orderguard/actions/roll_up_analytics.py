"""Keep a merchant's rollups up to date, outside of requests (docs/decisions/0028).

A round reads a batch of the sessions and orders that are marked as not counted yet, and computes
the changes to the sums; only then does it write, in one short transaction, and marks them as
counted. A round is discarded if another process wrote one since, so any number of processes may
try.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from orderguard.actions.ports.unit_of_work import Database, UnitOfWork
from orderguard.domain.analytics.analytics import NO_VALUE, Cell, arm_value
from orderguard.domain.analytics.facts import (
    SessionOnRecord,
    facts_of_order,
    facts_of_session,
)
from orderguard.domain.analytics.progress import KeptFacts, Subject, SubjectOnRecord
from orderguard.domain.analytics.values import SeparateValues, month_before
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.ids import ConfigurationVersion, MerchantId, OrderId

SUBJECTS_PER_ROUND = 100
"""Sessions and orders that one transaction replaces; checkouts wait for it on SQLite."""

FindConfiguration = Callable[
    [UnitOfWork, MerchantId, ConfigurationVersion], MerchantConfiguration | None
]


@dataclass(frozen=True, slots=True)
class _Place:
    """The position of the rounds in the order of ids: no cursor over time, and not stored."""

    subject: Subject
    order: OrderId

    def after(self, subjects: Sequence[Subject], orders: Sequence[OrderId]) -> _Place:
        return _Place(
            subjects[-1] if subjects else self.subject, orders[-1] if orders else self.order
        )


_BEGINNING = _Place(Subject(""), OrderId(0))

FindBatch = Callable[[UnitOfWork, _Place], tuple[list[Subject], _Place]]
"""The subjects of the next round, and the place after them."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """The result of a round: current facts, the new or changed ones, and changes to the sums.

    None instead of facts: the subject has no facts any more.
    """

    current: Mapping[Subject, KeptFacts | None]
    changed: Mapping[Subject, KeptFacts | None]
    changes: Counter[Cell]


@dataclass(frozen=True, slots=True)
class RollUpAnalytics:
    """Roll up analytics, for the background chore and `orderguard analytics rebuild`."""

    database: Database
    find_configuration: FindConfiguration

    def catch_up(self, merchant: MerchantId, *, at: datetime) -> Iterator[int]:
        """Count all queued subjects (sessions and orders); yields how many each round counted.

        The rounds go through the queue once, by ids: a session that is analysed again and again
        cannot hold up the others. A subject that changes after its turn is counted by the next
        call.
        """
        return self._rounds(merchant, _waiting(merchant, at), at=at)

    def rebuild(self, merchant: MerchantId, *, at: datetime) -> Iterator[int]:
        """Recompute all facts and sums from the stored records, in rounds with short locks.

        Sessions that were deleted meanwhile keep their last facts. Yields the subjects of each
        round.
        """
        yield from self._rounds(merchant, _everything(merchant), at=at)
        yield from self._rounds(merchant, _without_facts(merchant), at=at)
        yield from self.catch_up(merchant, at=at)
        with self.database.read() as work:
            drift = work.analytics.drift(merchant)
        if drift.days or drift.months:
            with self.database.begin() as work:
                work.analytics.correct(merchant, drift)

    def _rounds(self, merchant: MerchantId, find: FindBatch, *, at: datetime) -> Iterator[int]:
        """Write one batch after another; retry a batch when another process wrote a round first."""
        place = _BEGINNING
        while True:
            with self.database.read() as work:
                seen = work.analytics.round(merchant)
                subjects, following = find(work, place)
                if not subjects and following == place:
                    return
                batch = self._batch(work, merchant, subjects, at=at)
            if self._write(merchant, seen, batch):
                place = following
                yield len(subjects)

    def _write(self, merchant: MerchantId, seen: int, batch: _Batch) -> bool:
        """False, and nothing changed, when another process wrote a round meanwhile."""
        with self.database.begin() as work:
            if not work.analytics.advance(merchant, seen):
                return False
            if batch.changed:
                work.analytics.replace(merchant, batch.changed, batch.changes)
            # Last, because checkouts wait for the rows that this locks.
            work.analytics.mark_counted(merchant, batch.current)
            return True

    def _batch(
        self, work: UnitOfWork, merchant: MerchantId, subjects: Collection[Subject], *, at: datetime
    ) -> _Batch:
        """Compute the current facts, and the changes to the sums."""
        known = work.analytics.known(merchant, subjects)
        current = self._current(work, merchant, subjects, known, at=at)
        changed = {each: now for each, now in current.items() if now != known.get(each)}
        changes: Counter[Cell] = Counter()
        for subject, now in changed.items():
            if then := known.get(subject):
                changes.subtract(then.facts.contribution())
            if now:
                changes.update(now.facts.contribution())
        return _Batch(current, changed, changes)

    def _current(
        self,
        work: UnitOfWork,
        merchant: MerchantId,
        subjects: Collection[Subject],
        known: Mapping[Subject, KeptFacts],
        *,
        at: datetime,
    ) -> dict[Subject, KeptFacts | None]:
        """The current facts, with `OTHER` for values beyond the limit of a dimension."""
        on_record = work.analytics.on_record(merchant, subjects)
        current = {}
        for subject in subjects:
            then, record = known.get(subject), on_record.get(subject)
            now = self._kept(work, merchant, record, at=at) if record else _unrecorded(then, at)
            current[subject] = now, then
        months = {now.facts.day.replace(day=1) for now, _ in current.values() if now}
        values = SeparateValues(
            work.analytics.values(merchant, months | {month_before(each) for each in months})
        )
        return {
            subject: now
            and replace(now, facts=values.admit(now.facts, then.facts if then else None))
            for subject, (now, then) in current.items()
        }

    def _kept(
        self, work: UnitOfWork, merchant: MerchantId, record: SubjectOnRecord, *, at: datetime
    ) -> KeptFacts | None:
        session, order = record.session, record.order
        if session:
            arm = self._arm(work, merchant, session)
            facts = facts_of_session(session, order, arm=arm, at=at)
        elif order:
            facts = facts_of_order(order)
        return KeptFacts(
            facts,
            session.analysis_count if session else 0,
            order.id if order else None,
            order.revision if order else 0,
        )

    def _arm(self, work: UnitOfWork, merchant: MerchantId, session: SessionOnRecord) -> str:
        if session.cohort is None or session.cohort_version is None:
            return NO_VALUE
        configuration = self.find_configuration(work, merchant, session.cohort_version)
        experiment = configuration.running_experiment if configuration else None
        return arm_value(experiment.key, session.cohort) if experiment else NO_VALUE


def _unrecorded(known: KeptFacts | None, at: datetime) -> KeptFacts | None:
    """The facts that remain of a subject that is not stored any more.

    An evicted session keeps its facts; an order that counts with a session now does not count by
    itself.
    """
    if known is None or known.facts.outcome is None:
        return None
    return replace(known, facts=known.facts.as_of(at))


def _waiting(merchant: MerchantId, at: datetime) -> FindBatch:
    """Find the subjects that changed since they were counted, or whose facts changed with time."""

    def find(work: UnitOfWork, place: _Place) -> tuple[list[Subject], _Place]:
        analytics, limit = work.analytics, SUBJECTS_PER_ROUND
        sessions = analytics.uncounted_sessions(merchant, after=place.subject, limit=limit)
        orders = analytics.uncounted_orders(merchant, after=place.order, limit=limit)
        subjects = dict.fromkeys(sessions)
        if orders:
            subjects |= dict.fromkeys(analytics.subjects_of_orders(merchant, orders))
        subjects |= dict.fromkeys(analytics.due(merchant, at=at, limit=limit))
        return list(subjects), place.after(sessions, orders)

    return find


def _everything(merchant: MerchantId) -> FindBatch:
    def find(work: UnitOfWork, place: _Place) -> tuple[list[Subject], _Place]:
        subjects = work.analytics.subjects_after(merchant, place.subject, limit=SUBJECTS_PER_ROUND)
        return list(subjects), place.after(subjects, ())

    return find


def _without_facts(merchant: MerchantId) -> FindBatch:
    """Orders without a session that are not in the facts, or not as they are now."""

    def find(work: UnitOfWork, place: _Place) -> tuple[list[Subject], _Place]:
        orders = work.analytics.orders_without_facts(
            merchant, after=place.order, limit=SUBJECTS_PER_ROUND
        )
        subjects = work.analytics.subjects_of_orders(merchant, orders) if orders else ()
        return list(subjects), place.after((), orders)

    return find

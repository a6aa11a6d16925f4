"""Keep a merchant's rollups up to date, away from the hot path (docs/decisions/0028).

A round reads what changed since the last one and works out what that adds and takes away; only then
does it write, in one short transaction. Whoever else finished the same round first makes this one
void, so any number of processes may try.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from orderguard.actions.ports import (
    AnalyticsProgress,
    Database,
    KeptFacts,
    Subject,
    SubjectOnRecord,
    UnitOfWork,
)
from orderguard.domain.analytics import NO_VALUE, Cell, arm_value
from orderguard.domain.analytics_facts import (
    SessionOnRecord,
    facts_of_order,
    facts_of_session,
)
from orderguard.domain.analytics_values import ValuesToldApart, month_before
from orderguard.domain.configuration import MerchantConfiguration
from orderguard.domain.ids import ConfigurationVersion, MerchantId

SUBJECTS_PER_ROUND = 100
"""Sessions and orders that one transaction replaces; checkouts wait for it on SQLite."""

LATE_COMMITS = timedelta(seconds=60)
"""How long after its own instant a change may become visible; its commit may have had to wait."""

FindConfiguration = Callable[
    [UnitOfWork, MerchantId, ConfigurationVersion], MerchantConfiguration | None
]


@dataclass(frozen=True, slots=True)
class RollUpAnalytics:
    """The verbs behind the background chore and `orderguard analytics rebuild`."""

    database: Database
    find_configuration: FindConfiguration

    def catch_up(self, merchant: MerchantId, *, at: datetime) -> Iterator[int]:
        """Rounds until nothing is left; how many subjects each replaced.

        A round that another process was ahead of is void, and what is left is looked for anew. Only
        the first one looks for commits that came late; each other goes on from where the one before
        ended.
        """
        with self.database.read() as work:
            since = work.analytics.progress(merchant).before(LATE_COMMITS)
        while through := self._round(merchant, since, at=at):
            since, replaced = through
            if replaced:
                yield replaced

    def _round(
        self, merchant: MerchantId, since: AnalyticsProgress, *, at: datetime
    ) -> tuple[AnalyticsProgress, int] | None:
        """How far it looked and how many subjects it replaced; None when there is nothing to do.

        None of them when another process was ahead of it.
        """
        with self.database.read() as work:
            seen = work.analytics.progress(merchant)
            subjects, through = _changed(work, merchant, since, at=at)
            if not subjects:
                return None
            current, changes = self._replacement(work, merchant, subjects, at=at)
        with self.database.begin() as work:
            if not work.analytics.advance(merchant, seen, through.or_later(seen)):
                return since, 0
            work.analytics.replace(merchant, current, changes)
        return through, len(subjects)

    def rebuild(self, merchant: MerchantId, *, at: datetime) -> Iterator[int]:
        """Work everything out anew from what is on record, in one transaction.

        Sessions that were evicted meanwhile keep the facts that are known of them.
        """
        with self.database.begin() as work:
            seen = work.analytics.progress(merchant)
            work.analytics.advance(merchant, seen, seen)
            work.analytics.forget_sums(merchant)
            after = Subject("")
            while subjects := work.analytics.subjects_after(
                merchant, after, limit=SUBJECTS_PER_ROUND
            ):
                current, _ = self._replacement(work, merchant, subjects, at=at)
                anew: Counter[Cell] = Counter()
                for kept in current.values():
                    if kept:
                        anew.update(kept.facts.contribution())
                work.analytics.replace(merchant, current, anew)
                after = subjects[-1]
                yield len(subjects)
        yield from self.catch_up(merchant, at=at)

    def _replacement(
        self, work: UnitOfWork, merchant: MerchantId, subjects: Collection[Subject], *, at: datetime
    ) -> tuple[dict[Subject, KeptFacts | None], Counter[Cell]]:
        """The facts as they are now, and by how much the sums change."""
        known = work.analytics.known(merchant, subjects)
        current = self._current(work, merchant, subjects, known, at=at)
        changes: Counter[Cell] = Counter()
        for kept in known.values():
            changes.subtract(kept.facts.contribution())
        for now in current.values():
            if now:
                changes.update(now.facts.contribution())
        return current, changes

    def _current(
        self,
        work: UnitOfWork,
        merchant: MerchantId,
        subjects: Collection[Subject],
        known: Mapping[Subject, KeptFacts],
        *,
        at: datetime,
    ) -> dict[Subject, KeptFacts | None]:
        """The facts as they are now, with as many values as are told apart."""
        on_record = work.analytics.on_record(merchant, subjects)
        current = {}
        for subject in subjects:
            then, record = known.get(subject), on_record.get(subject)
            now = self._kept(work, merchant, record, at=at) if record else _unrecorded(then, at)
            current[subject] = now, then
        months = {now.facts.day.replace(day=1) for now, _ in current.values() if now}
        values = ValuesToldApart(
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
    """What stays of a subject that is on record no more.

    An evicted session happened all the same; an order that counts with a session now does not
    count by itself.
    """
    if known is None or known.facts.outcome is None:
        return None
    return replace(known, facts=known.facts.as_of(at))


def _changed(
    work: UnitOfWork, merchant: MerchantId, since: AnalyticsProgress, *, at: datetime
) -> tuple[list[Subject], AnalyticsProgress]:
    """What the round is about, and how far it looked."""
    limit = SUBJECTS_PER_ROUND
    sessions = work.analytics.changed_sessions(merchant, since=since.sessions_through, limit=limit)
    orders = work.analytics.changed_orders(merchant, since=since.orders_through, limit=limit)
    subjects: dict[Subject, None] = dict.fromkeys(subject for subject, _ in sessions)
    if orders:
        changed = [order for order, _ in orders]
        subjects |= dict.fromkeys(work.analytics.subjects_of_orders(merchant, changed))
    subjects |= dict.fromkeys(work.analytics.due(merchant, at=at, limit=limit))
    through = AnalyticsProgress(
        since.round,
        max([since.sessions_through, *(instant for _, instant in sessions)]),
        max([since.orders_through, *(instant for _, instant in orders)]),
    )
    return list(subjects), through

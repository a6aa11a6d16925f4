"""The interface to the rollups (see `domain.analytics.progress`); storage implements it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from orderguard.domain.analytics.analytics import Cell
from orderguard.domain.analytics.progress import (
    CountedOnRecord,
    Drift,
    KeptFacts,
    Subject,
    SubjectOnRecord,
)
from orderguard.domain.ids import (
    MerchantId,
    OrderId,
)


class Analytics(Protocol):
    """Rollups, the facts they are computed from, and the records that the facts come from.

    A subject is what is counted: one session, or one order without a session.
    """

    def round(self, merchant: MerchantId) -> int:
        """The number of the last roll-up round that was written; 0 before the first."""

    def advance(self, merchant: MerchantId, seen: int) -> bool:
        """Claim the round after `seen`; False when another process has claimed it."""

    def uncounted_sessions(
        self, merchant: MerchantId, *, after: Subject, limit: int
    ) -> Sequence[Subject]:
        """Sessions with analyses that are not in the rollups, in the order of their ids."""

    def uncounted_orders(
        self, merchant: MerchantId, *, after: OrderId, limit: int
    ) -> Sequence[OrderId]:
        """Orders with a revision that is not in the rollups, in the order of their ids."""

    def counted_on_record(self, merchant: MerchantId) -> CountedOnRecord:
        """Count the stored sessions and orders, and how many of them lack current facts."""

    def due(self, merchant: MerchantId, *, at: datetime, limit: int) -> Sequence[Subject]: ...

    def subjects_of_orders(
        self, merchant: MerchantId, changed: Collection[OrderId]
    ) -> Sequence[Subject]:
        """The subjects (sessions, or orders without one) that count these orders, now or before."""

    def known(
        self, merchant: MerchantId, subjects: Collection[Subject]
    ) -> Mapping[Subject, KeptFacts]: ...

    def on_record(
        self, merchant: MerchantId, subjects: Collection[Subject]
    ) -> Mapping[Subject, SubjectOnRecord]: ...

    def values(
        self, merchant: MerchantId, months: Collection[date]
    ) -> Mapping[tuple[date, str], Mapping[str, int]]:
        """How many sessions have each value, per month (its first day) and dimension.

        Only for dimensions whose values callers choose freely.
        """

    def replace(
        self,
        merchant: MerchantId,
        current: Mapping[Subject, KeptFacts | None],
        changes: Counter[Cell],
    ) -> None:
        """Replace the facts of these subjects (None: delete), and add `changes` to the rollups."""

    def mark_counted(
        self, merchant: MerchantId, counted: Mapping[Subject, KeptFacts | None]
    ) -> None:
        """Remove these subjects from the queue, unless they changed after they were counted."""

    def subjects_after(
        self, merchant: MerchantId, after: Subject, *, limit: int
    ) -> Sequence[Subject]:
        """Up to `limit` subjects by id, following `after`: stored ones, and those with facts."""

    def orders_without_facts(
        self, merchant: MerchantId, *, after: OrderId, limit: int
    ) -> Sequence[OrderId]:
        """Orders without facts about their current revision, in the order of their ids."""

    def drift(self, merchant: MerchantId) -> Drift:
        """By how much the stored sums differ from the sums of the facts."""

    def correct(self, merchant: MerchantId, drift: Drift) -> None: ...

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

        With `by_day` there are cells per day, else every cell's day is `first`. `value` limits them
        to one value of the dimension, `measures` to some measures.
        """

    def add_latency(self, hour: datetime, answers: Mapping[int, int]) -> None:
        """Add to the hour's histogram: numbers of answers by bucket bound in microseconds."""

    def latency(self, *, since: datetime, until: datetime) -> Mapping[int, int]: ...

    def forget_latency(self, *, before: datetime) -> None: ...

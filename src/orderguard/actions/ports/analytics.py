"""What the actions need of analytics; storage provides it."""

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
    """Rollups, the facts behind them, and the records from which facts are computed."""

    def round(self, merchant: MerchantId) -> int:
        """The number of the last round that was written; 0 before the first."""

    def advance(self, merchant: MerchantId, seen: int) -> bool:
        """Write the round after this one, unless another process did: then False."""

    def uncounted_sessions(
        self, merchant: MerchantId, *, after: Subject, limit: int
    ) -> Sequence[Subject]:
        """Sessions with analyses that are not in the rollups, in the order of their ids."""

    def uncounted_orders(
        self, merchant: MerchantId, *, after: OrderId, limit: int
    ) -> Sequence[OrderId]:
        """Orders with a revision that is not in the rollups, in the order of their ids."""

    def counted_on_record(self, merchant: MerchantId) -> CountedOnRecord:
        """Compare the stored records with the facts, row by row."""

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
        """Sessions of these months by value, by the month's first day and the dimension.

        Only of dimensions whose values callers choose freely.
        """

    def replace(
        self,
        merchant: MerchantId,
        current: Mapping[Subject, KeptFacts | None],
        changes: Counter[Cell],
    ) -> None:
        """Replace the subjects' facts, None for none any more, and add the changes to the sums."""

    def mark_counted(
        self, merchant: MerchantId, counted: Mapping[Subject, KeptFacts | None]
    ) -> None:
        """Remove these from the queue, unless they changed since they were counted."""

    def subjects_after(
        self, merchant: MerchantId, after: Subject, *, limit: int
    ) -> Sequence[Subject]:
        """All stored sessions, and all subjects with facts."""

    def orders_without_facts(
        self, merchant: MerchantId, *, after: OrderId, limit: int
    ) -> Sequence[OrderId]:
        """Orders without facts about their current revision, in the order of their ids."""

    def drift(self, merchant: MerchantId) -> Drift:
        """The difference between the sums and the sums of the facts."""

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
        """The sums through the last day; unless `by_day`, every cell's day is the first one.

        `measures` limits which measures are returned.
        """

    def add_latency(self, hour: datetime, answers: Mapping[int, int]) -> None:
        """Count answers of an hour by the upper bound of how long they took, microseconds."""

    def latency(self, *, since: datetime, until: datetime) -> Mapping[int, int]: ...

    def forget_latency(self, *, before: datetime) -> None: ...

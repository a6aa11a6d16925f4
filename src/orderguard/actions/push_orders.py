"""Push many orders at once, in few transactions (see `push_order`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from orderguard.actions.ports.order_intake import OnRecord, OrderWrites
from orderguard.actions.ports.unit_of_work import UnitOfWork
from orderguard.actions.push_order import PushOrder
from orderguard.actions.pushed_document import MergedDocument, PushedDocument, session_of
from orderguard.actions.settle_order import PushedOrder, Stored
from orderguard.domain.errors import InvalidDocument, StorageUnavailable
from orderguard.domain.ids import MerchantId
from orderguard.domain.orders.order_record import OrderRecord

log = structlog.get_logger()

TOGETHER = 40
"""Orders in one transaction. On SQLite checkouts wait for it, some 30 ms."""

Result = PushedOrder | Exception
"""What `PushOrder.upsert` returns or raises for one order."""

_Names = frozenset[tuple[str, object]]
"""The names of everything that settling an order may read or change."""


@dataclass(frozen=True, slots=True)
class PushOrders:
    """Push batches of orders, each as `PushOrder.upsert` does.

    An order that cannot be pushed does not stop the others: its result is the error.
    """

    push_order: PushOrder

    def __call__(
        self,
        merchant: MerchantId,
        documents: Sequence[Mapping[str, Any]],
        *,
        at: datetime,
        by: str,
    ) -> list[Result]:
        """Push the orders, best up to `TOGETHER` of them; one result per document, in their order.

        They commit together, unless one of them fails unexpectedly: then each is pushed by itself.
        Raises `StorageUnavailable`, and then nothing was recorded.
        """
        batch = _Batch(self.push_order, merchant, at, by)
        for number, document in enumerate(documents):
            batch.read(number, document)
        try:
            with self.push_order.database.begin() as work:
                waiting = list(batch.pushes)
                while waiting:
                    waiting = batch.settle(work, waiting)
        except StorageUnavailable:
            raise
        except Exception as error:
            # Which of them it is shows when each is taken in by itself.
            if not self.push_order.is_quiet:
                log.warning("orders.taken_one_by_one", merchant=merchant, why=str(error)[:200])
            batch.settle_one_by_one()
        else:
            for result in batch.results.values():
                if isinstance(result, PushedOrder):
                    self.push_order.note(result)
        return [batch.results[number] for number in range(len(documents))]


@dataclass(frozen=True, slots=True)
class _Batch:
    """Orders on their way in, by their place in the batch."""

    push_order: PushOrder
    merchant: MerchantId
    at: datetime
    by: str
    pushes: dict[int, PushedDocument] = field(default_factory=dict)
    results: dict[int, Result] = field(default_factory=dict)

    def read(self, number: int, document: Mapping[str, Any]) -> None:
        try:
            self.pushes[number] = self.push_order.read_upsert(document)
        except InvalidDocument as error:
            self.results[number] = error

    def settle(self, work: UnitOfWork, waiting: Sequence[int]) -> list[int]:
        """Settle and write the orders up to the first that depends on one before it.

        Returns the orders that are left, which have to be read again.
        """
        waiting, left = self._up_to_a_repetition(waiting)
        pushes = [self.pushes[number] for number in waiting]
        on_record = work.order_intake.begin(
            self.merchant,
            external_ids=list({push.external_id for push in pushes if push.external_id}),
            sessions=list({push.session for push in pushes if push.session}),
        )
        merged = self._merged(waiting, on_record)
        stored = self._stored(work, merged, on_record)
        settling = self.push_order.settling(work, self.merchant, on_record, at=self.at, by=self.by)
        writes, taken = OrderWrites(), set[tuple[str, object]]()
        for number, (record, document) in merged.items():
            names = _names(document, record, on_record, stored.get(number))
            if not taken.isdisjoint(names):
                left = [each for each in waiting if each >= number] + left
                break
            taken |= names
            try:
                self.results[number] = settling.settle(
                    self.pushes[number], document, stored.get(number), writes
                )
            except InvalidDocument as error:
                self.results[number] = error
        self.push_order.write(work, self.merchant, on_record, writes)
        return [number for number in left if number not in self.results]

    def _up_to_a_repetition(self, waiting: Sequence[int]) -> tuple[list[int], list[int]]:
        """The orders before the first whose external id came before, and those from it on.

        A part of an order says nothing before the order itself is stored.
        """
        seen: set[str | None] = set()
        for place, number in enumerate(waiting):
            external_id = self.pushes[number].external_id
            if external_id in seen:
                return list(waiting[:place]), list(waiting[place:])
            seen.add(external_id)
        return list(waiting), []

    def settle_one_by_one(self) -> None:
        unavailable: StorageUnavailable | None = None
        for number, push in self.pushes.items():
            if unavailable:
                self.results[number] = unavailable
                continue
            try:
                self.results[number] = self.push_order.upsert_read(
                    self.merchant, push, at=self.at, by=self.by
                )
            except StorageUnavailable as error:
                self.results[number] = unavailable = error
            except Exception as error:
                self.results[number] = error

    def _merged(
        self, waiting: Sequence[int], on_record: OnRecord
    ) -> dict[int, tuple[OrderRecord | None, MergedDocument]]:
        """Each push merged with its stored order; unreadable documents get their result."""
        merged: dict[int, tuple[OrderRecord | None, MergedDocument]] = {}
        for number in waiting:
            push = self.pushes[number]
            record = on_record.by_external_id.get(push.external_id or "")
            try:
                merged[number] = record, push.merged_into(record.document if record else None)
            except InvalidDocument as error:
                self.results[number] = error
        return merged

    def _stored(
        self,
        work: UnitOfWork,
        merged: Mapping[int, tuple[OrderRecord | None, MergedDocument]],
        on_record: OnRecord,
    ) -> dict[int, Stored]:
        """The books of the orders that are stored already, and the sessions only those name."""
        records = {number: record for number, (record, _) in merged.items() if record}
        if not records:
            return {}
        sessions = {session_of(merged[number][1].order) for number in records}
        further = work.order_intake.further(
            self.merchant,
            orders=[record.id for record in records.values()],
            sessions=[each for each in sessions if each and each not in on_record.sessions],
        )
        return {number: Stored(record, further) for number, record in records.items()}


def _names(
    document: MergedDocument,
    record: OrderRecord | None,
    on_record: OnRecord,
    stored: Stored | None,
) -> _Names:
    session = session_of(document.order)
    linked = None
    if session:
        linked = on_record.by_session.get(session)
        if linked is None and stored:
            linked = stored.further.by_session.get(session)
    names: list[tuple[str, object]] = [
        ("external id", document.order.external_id),
        ("session", session),
        ("session", record and record.acceptance.session),
        ("order", record and record.id),
        ("order", linked and linked.id),
    ]
    return frozenset(name for name in names if name[1] is not None)

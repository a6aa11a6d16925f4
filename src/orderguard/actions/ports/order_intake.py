"""Bulk reads and writes for pushed orders, in few round trips; storage implements them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from orderguard.domain.books.ledger import Posting
from orderguard.domain.books.month import Month
from orderguard.domain.ids import ConfigurationVersion, MerchantId, OrderId, SessionId
from orderguard.domain.orders.acceptance import SessionEvidence
from orderguard.domain.orders.coverage import Coverage
from orderguard.domain.orders.event import Event
from orderguard.domain.orders.order_record import OrderRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class OnRecord:
    """The stored orders and sessions that some pushes refer to, without deleted orders.

    `evidence` is the evidence that was found for `sessions`. `last_event` is the sequence number of
    the merchant's latest event, 0 without one.
    """

    configuration_version: ConfigurationVersion | None
    closed_through: Month | None
    last_event: int
    orders: Mapping[OrderId, OrderRecord]
    by_external_id: Mapping[str, OrderRecord]
    by_session: Mapping[SessionId, OrderRecord]
    sessions: frozenset[SessionId]
    evidence: Mapping[SessionId, SessionEvidence]


@dataclass(frozen=True, slots=True, kw_only=True)
class FurtherOnRecord:
    """The coverages and postings of orders that were pushed before, and their sessions."""

    coverages: Mapping[OrderId, Sequence[Coverage]]
    postings: Mapping[OrderId, Sequence[Posting]]
    by_session: Mapping[SessionId, OrderRecord]
    evidence: Mapping[SessionId, SessionEvidence]


@dataclass(frozen=True, slots=True)
class OrderWrites:
    """The changes of settled orders: rows to add, and rows to replace.

    `released` are orders that lose their session to another order. `has_order` tells for each
    session whether an order that is still in force is linked to it now.
    """

    released: list[OrderRecord] = field(default_factory=list)
    new: list[OrderRecord] = field(default_factory=list)
    changed: list[OrderRecord] = field(default_factory=list)
    has_order: dict[SessionId, bool] = field(default_factory=dict)
    coverages: list[Coverage] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


class OrderIntake(Protocol):
    """Bulk reads and writes of everything that pushed orders change."""

    def begin(
        self,
        merchant: MerchantId,
        *,
        external_ids: Collection[str] = (),
        orders: Collection[OrderId] = (),
        sessions: Collection[SessionId] = (),
    ) -> OnRecord:
        """Lock the merchant, and read the orders and sessions with these ids.

        The evidence of sessions is read before the lock is taken, and everything else after. Raises
        `LockedTooLong`.
        """

    def further(
        self,
        merchant: MerchantId,
        *,
        orders: Collection[OrderId],
        sessions: Collection[SessionId] = (),
    ) -> FurtherOnRecord:
        """Read the coverages and postings of stored orders, and further sessions."""

    def write(
        self,
        merchant: MerchantId,
        writes: OrderWrites,
        *,
        last_event: int,
        new_event_id: Callable[[], str],
    ) -> None:
        """Store an order, its coverages, postings and events; retention keeps its session.

        Events are numbered from `last_event` + 1.
        """

"""The progress of the rollups: the facts counted so far, and the records still to be counted.

A subject is the unit of counting: one session, or one order without a session.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from orderguard.domain.analytics.analytics import Cell, Facts
from orderguard.domain.analytics.facts import OrderOnRecord, SessionOnRecord
from orderguard.domain.ids import (
    OrderId,
)

Subject = NewType("Subject", str)
"""A subject of the rollups: the id of a session, or the number of an order without one."""


@dataclass(frozen=True, slots=True)
class KeptFacts:
    """The facts that the rollups contain of one session or order.

    `analysis_count` and `order_revision` tell which state of the records they were computed from.
    """

    facts: Facts
    analysis_count: int
    order: OrderId | None
    order_revision: int


@dataclass(frozen=True, slots=True)
class SubjectOnRecord:
    """The stored records to compute facts from: a session, an order, or both."""

    session: SessionOnRecord | None
    order: OrderOnRecord | None


@dataclass(frozen=True, slots=True)
class CountedOnRecord:
    """The number of stored sessions and orders, and how many of them the rollups lack.

    `waiting` counts sessions and orders that are queued, the oldest since `waiting_since`.
    `missing` counts those that are not queued although their facts are absent or outdated.
    """

    sessions: int
    orders: int
    waiting: int
    waiting_since: datetime | None
    missing: int


@dataclass(frozen=True, slots=True)
class Drift:
    """Corrections that make the daily and monthly rollups equal the sums of the facts."""

    days: Mapping[Cell, int]
    months: Mapping[Cell, int]

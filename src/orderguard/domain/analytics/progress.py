"""How far the analytics have counted, and the facts they keep."""

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
"""What is counted in the rollups: a session's id, or the number of an order without one."""


@dataclass(frozen=True, slots=True)
class KeptFacts:
    """The facts that the rollups contain of a subject, and as of when."""

    facts: Facts
    analysis_count: int
    order: OrderId | None
    order_revision: int


@dataclass(frozen=True, slots=True)
class SubjectOnRecord:
    """What is on record of a subject. At least one of the two is there."""

    session: SessionOnRecord | None
    order: OrderOnRecord | None


@dataclass(frozen=True, slots=True)
class CountedOnRecord:
    """What is on record, and how much of it the rollups have.

    `waiting` are in the queue, by their own account since `waiting_since`. `missing` are in the
    facts not at all or not as they are now, and in no queue either.
    """

    sessions: int
    orders: int
    waiting: int
    waiting_since: datetime | None
    missing: int


@dataclass(frozen=True, slots=True)
class Drift:
    """What has to be added to the sums, so that they are those of the facts again."""

    days: Mapping[Cell, int]
    months: Mapping[Cell, int]

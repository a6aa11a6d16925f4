"""Counts of sessions by day and outcome."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, and_, func, select, type_coerce

from orderguard.domain.analytics.funnel import (
    ABANDONED_AFTER,
    FunnelDay,
    SessionOutcome,
    funnel_of,
    outcome_of_session,
)
from orderguard.domain.ids import MerchantId, SessionId
from orderguard.domain.orders.acceptance import AcceptanceOutcome
from orderguard.storage.tables import (
    from_microseconds,
    offer_sessions,
    orders,
    to_microseconds,
)

_DAY = 86_400_000_000

_LINKED = and_(
    orders.c.merchant_id == offer_sessions.c.merchant_id,
    orders.c.session_id == offer_sessions.c.id,
)


class SqlFunnel:
    """The outcomes of sessions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def days(self, merchant: MerchantId, *, since: datetime, at: datetime) -> Sequence[FunnelDay]:
        """The days from `since` on, with the sessions that began on them."""
        abandoned_before = to_microseconds(at - ABANDONED_AFTER)
        day = (type_coerce(offer_sessions.c.created_at, BigInteger).op("/")(_DAY)).label("day")
        is_old = (type_coerce(offer_sessions.c.updated_at, BigInteger) <= abandoned_before).label(
            "old"
        )
        columns = (day, offer_sessions.c.ever_eligible, orders.c.outcome, is_old)
        query = (
            select(*columns, func.count().label("sessions"))
            .select_from(offer_sessions.outerjoin(orders, _LINKED))
            .where(offer_sessions.c.merchant_id == merchant, offer_sessions.c.created_at >= since)
            .group_by(*columns)
        )
        return funnel_of(
            (
                from_microseconds(row.day * _DAY).date(),
                _outcome(row, at=at),
                row.sessions,
            )
            for row in self._connection.execute(query)
        )

    def outcome_of(
        self, merchant: MerchantId, session: SessionId, *, at: datetime
    ) -> SessionOutcome:
        """The outcome of an existing session."""
        query = (
            select(offer_sessions.c.ever_eligible, offer_sessions.c.updated_at, orders.c.outcome)
            .select_from(offer_sessions.outerjoin(orders, _LINKED))
            .where(offer_sessions.c.merchant_id == merchant, offer_sessions.c.id == session)
        )
        row = self._connection.execute(query).one()
        return outcome_of_session(
            ever_eligible=row.ever_eligible,
            order_outcome=AcceptanceOutcome(row.outcome) if row.outcome else None,
            updated_at=row.updated_at,
            at=at,
        )


def _outcome(row: Any, *, at: datetime) -> SessionOutcome:
    return outcome_of_session(
        ever_eligible=bool(row.ever_eligible),
        order_outcome=AcceptanceOutcome(row.outcome) if row.outcome else None,
        updated_at=at - ABANDONED_AFTER if row.old else at,
        at=at,
    )

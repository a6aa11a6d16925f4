"""Offer sessions as the console reads them. Checkouts use the journal instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    and_,
    func,
    select,
    type_coerce,
)

from orderguard.domain.ids import ConfigurationVersion, MerchantId, SessionId
from orderguard.domain.offers.analysis import Analysis
from orderguard.domain.offers.offer_session import OfferSession
from orderguard.storage.rows import cart_from_row, offer_from_row
from orderguard.storage.stored_carts import CART, OF_ANALYSIS, has_lines
from orderguard.storage.tables import (
    analyses,
    from_microseconds,
    merchants,
    offer_sessions,
    session_carts,
    to_microseconds,
)

MAY_GO = and_(
    offer_sessions.c.is_kept.is_(False),
    offer_sessions.c.counted == offer_sessions.c.analysis_count,
)
"""Sessions that retention may delete: no order refers to them, and all of their analyses are in the
rollups. An analysis that is not counted yet is stored nowhere else."""

_updated_us = type_coerce(offer_sessions.c.updated_at, BigInteger)


def is_idle(idle_since: datetime) -> ColumnElement[bool]:
    """The SQL condition for sessions last analysed before `idle_since`, a real time.

    A sandbox has a clock of its own, so the query must join the merchants.
    """
    return _updated_us < to_microseconds(idle_since) + merchants.c.clock_ahead_us


LATEST = and_(
    analyses.c.merchant_id == offer_sessions.c.merchant_id,
    analyses.c.session_id == offer_sessions.c.id,
    analyses.c.ordinal == offer_sessions.c.analysis_count,
)
"""The last analysis of each session."""


class SqlOfferSessions:
    """Offer sessions of all merchants."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, session: SessionId) -> OfferSession | None:
        # By way of the merchants, because every key leads with one: a few look-ups, no scan.
        query = (
            select(offer_sessions, analyses.c.offer)
            .join(merchants, merchants.c.id == offer_sessions.c.merchant_id)
            .join(analyses, LATEST)
            .where(offer_sessions.c.id == session)
        )
        row = self._connection.execute(query).first()
        if row is None:
            return None
        return OfferSession(
            merchant=MerchantId(row.merchant_id),
            id=SessionId(row.id),
            created_at=row.created_at,
            updated_at=row.updated_at,
            analysis_count=row.analysis_count,
            offer=offer_from_row(row.offer),
        )

    def analyses(self, session: OfferSession) -> Sequence[Analysis]:
        query = (
            select(analyses, CART)
            .outerjoin(session_carts, OF_ANALYSIS)
            .where(analyses.c.merchant_id == session.merchant, analyses.c.session_id == session.id)
            .order_by(analyses.c.ordinal)
        )
        return [
            Analysis(
                merchant=session.merchant,
                session=session.id,
                cart_id=None,
                new_session=session.id,
                cart=cart_from_row(row.whole_cart),
                cart_has_lines=has_lines(row),
                offer=offer_from_row(row.offer),
                configuration_version=_version(row.configuration_version),
                request_id=row.request_id,
                at=row.analysed_at,
            )
            for row in self._connection.execute(query)
        ]

    def last_analyses(self) -> Mapping[MerchantId, datetime]:
        # By way of the merchants, as in `find`.
        last = (
            select(func.max(_updated_us))
            .where(offer_sessions.c.merchant_id == merchants.c.id)
            .correlate(merchants)
            .scalar_subquery()
        )
        rows = self._connection.execute(select(merchants.c.id, last))
        return {MerchantId(id_): from_microseconds(at) for id_, at in rows if at is not None}

    def oldest_idle(self, *, idle_since: datetime) -> datetime | None:
        """The last analysis of the oldest session that retention may delete; None without one."""
        # The first one of each merchant by the index, instead of all that are idle.
        first = (
            select(_updated_us)
            .where(offer_sessions.c.merchant_id == merchants.c.id, is_idle(idle_since), MAY_GO)
            .order_by(offer_sessions.c.updated_at)
            .limit(1)
            .correlate(merchants)
            .scalar_subquery()
        )
        oldest = self._connection.execute(
            select(func.min(first - merchants.c.clock_ahead_us)).select_from(merchants)
        ).scalar()
        return None if oldest is None else from_microseconds(oldest)


def _version(number: int | None) -> ConfigurationVersion | None:
    return None if number is None else ConfigurationVersion(number)

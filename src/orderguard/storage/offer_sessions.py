"""Offer sessions as the console and orders read them. Checkouts use the journal instead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    and_,
    func,
    select,
    type_coerce,
    update,
)

from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.ids import ConfigurationVersion, MerchantId, SessionId
from orderguard.domain.offers.analysis import Analysis
from orderguard.domain.offers.offer_session import OfferSession
from orderguard.domain.orders.acceptance import SessionEvidence
from orderguard.domain.orders.fee_verdict import Quote, quote_of
from orderguard.storage.kept_analyses import QUOTES_KEPT
from orderguard.storage.rows import cart_from_row, offer_from_row, quote_from_row
from orderguard.storage.stored_carts import CART, OF_ANALYSIS, has_lines
from orderguard.storage.tables import (
    analyses,
    from_microseconds,
    merchants,
    offer_sessions,
    session_carts,
    session_quotes,
    to_microseconds,
)

LATEST_FOR_QUOTES = 200
"""Analyses in which quotes are looked for when a session began before quotes were kept."""

MAY_GO = and_(
    offer_sessions.c.is_kept.is_(False),
    offer_sessions.c.counted == offer_sessions.c.analysis_count,
)
"""Sessions that retention may delete: no order refers to them, and all of their analyses are in the
rollups. An analysis that is not counted yet is stored nowhere else."""

_updated_us = type_coerce(offer_sessions.c.updated_at, BigInteger)


def is_idle(idle_since: datetime) -> ColumnElement[bool]:
    """Sessions that were analysed last before this real time; a sandbox has a clock of its own.

    The query joins the merchants.
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

    def evidence(self, merchant: MerchantId, session: SessionId) -> SessionEvidence | None:
        """What an order that names this session is compared with; None for a foreign one.

        The work does not grow with the number of analyses.
        """
        query = (
            select(
                offer_sessions.c.analysis_count,
                offer_sessions.c.has_quotes,
                analyses.c.reason,
            )
            .join(analyses, LATEST)
            .where(offer_sessions.c.merchant_id == merchant, offer_sessions.c.id == session)
        )
        row = self._connection.execute(query).first()
        if row is None:
            return None
        quotes = self._quotes(merchant, session)
        is_eligible = row.reason == EligibilityReason.ELIGIBLE
        # Another release of Orderguard may have begun the session, or gone on with it.
        if not row.has_quotes or (is_eligible and row.analysis_count not in quotes):
            quotes = self._quotes_of_latest(merchant, session, row.analysis_count) | quotes
        return SessionEvidence(
            id=session,
            analysis_count=row.analysis_count,
            quotes=[quotes[ordinal] for ordinal in sorted(quotes)],
        )

    def _quotes(self, merchant: MerchantId, session: SessionId) -> dict[int, Quote]:
        """The latest distinct quotes by their ordinals."""
        query = (
            select(session_quotes.c.ordinal, session_quotes.c.quote)
            .where(session_quotes.c.merchant_id == merchant, session_quotes.c.session_id == session)
            .order_by(session_quotes.c.ordinal.desc())
            .limit(QUOTES_KEPT)
        )
        rows = self._connection.execute(query)
        return {row.ordinal: quote_from_row(row.quote, row.ordinal) for row in rows}

    def _quotes_of_latest(
        self, merchant: MerchantId, session: SessionId, last: int
    ) -> dict[int, Quote]:
        """The quotes in the latest analyses, for sessions whose quotes were not kept (ADR 0051)."""
        query = select(analyses.c.ordinal, analyses.c.offer).where(
            analyses.c.merchant_id == merchant,
            analyses.c.session_id == session,
            analyses.c.ordinal > last - LATEST_FOR_QUOTES,
            analyses.c.reason == EligibilityReason.ELIGIBLE,
        )
        found = {
            row.ordinal: quote_of(offer_from_row(row.offer), row.ordinal)
            for row in self._connection.execute(query)
        }
        return {ordinal: quote for ordinal, quote in found.items() if quote}

    def mark_has_order(self, merchant: MerchantId, session: SessionId, *, has_order: bool) -> None:
        """Note whether an order that stands is linked; if so, its cart id starts a new session."""
        self._connection.execute(
            update(offer_sessions)
            .where(offer_sessions.c.merchant_id == merchant, offer_sessions.c.id == session)
            .values(has_order=has_order)
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

    def oldest_idle(self, *, idle_since: datetime) -> datetime | None:
        """The last analysis of the oldest session that retention may delete; None without one."""
        oldest = self._connection.execute(
            select(func.min(_updated_us - merchants.c.clock_ahead_us))
            .join(merchants, merchants.c.id == offer_sessions.c.merchant_id)
            .where(is_idle(idle_since), MAY_GO)
        ).scalar()
        return None if oldest is None else from_microseconds(oldest)


def _version(number: int | None) -> ConfigurationVersion | None:
    return None if number is None else ConfigurationVersion(number)

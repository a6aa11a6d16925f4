"""Offer sessions as people look at them. The hot path writes them through the journal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, delete, select, tuple_

from orderguard.domain.acceptance import SessionEvidence
from orderguard.domain.analysis import Analysis
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.fee_verdict import quote_of
from orderguard.domain.ids import ConfigurationVersion, MerchantId, SessionId
from orderguard.domain.offer_session import OfferSession
from orderguard.storage.rows import cart_from_row, offer_from_row
from orderguard.storage.tables import analyses, cart_bindings, merchants, offer_sessions

SWEEP_BATCH = 500
"""Sessions evicted in one transaction: small, so that checkouts hardly wait for it."""

_MAY_GO = and_(
    offer_sessions.c.is_kept.is_(False),
    offer_sessions.c.counted == offer_sessions.c.analysis_count,
)


class SqlOfferSessions:
    """Offer sessions of all merchants."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, session: SessionId) -> OfferSession | None:
        # By way of the merchants, because every key leads with one: a few look-ups, no scan.
        query = (
            select(offer_sessions, analyses.c.offer)
            .join(merchants, merchants.c.id == offer_sessions.c.merchant_id)
            .join(
                analyses,
                and_(
                    analyses.c.merchant_id == offer_sessions.c.merchant_id,
                    analyses.c.session_id == offer_sessions.c.id,
                    analyses.c.ordinal == offer_sessions.c.analysis_count,
                ),
            )
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
        """What an order that names this session is compared with; None for a foreign one."""
        count = self._connection.execute(
            select(offer_sessions.c.analysis_count).where(
                offer_sessions.c.merchant_id == merchant, offer_sessions.c.id == session
            )
        ).scalar()
        if count is None:
            return None
        rows = self._connection.execute(
            select(analyses.c.ordinal, analyses.c.offer)
            .where(
                analyses.c.merchant_id == merchant,
                analyses.c.session_id == session,
                analyses.c.reason == EligibilityReason.ELIGIBLE,
            )
            .order_by(analyses.c.ordinal)
        )
        quotes = [quote_of(offer_from_row(row.offer), row.ordinal) for row in rows]
        return SessionEvidence(
            id=session, analysis_count=count, quotes=[quote for quote in quotes if quote]
        )

    def analyses(self, session: OfferSession) -> Sequence[Analysis]:
        query = (
            select(analyses)
            .where(analyses.c.merchant_id == session.merchant, analyses.c.session_id == session.id)
            .order_by(analyses.c.ordinal)
        )
        return [
            Analysis(
                merchant=session.merchant,
                session=session.id,
                cart_id=None,
                new_session=session.id,
                cart=cart_from_row(row.cart),
                offer=offer_from_row(row.offer),
                configuration_version=_version(row.configuration_version),
                request_id=row.request_id,
                at=row.analysed_at,
            )
            for row in self._connection.execute(query)
        ]

    def evict_idle(self, *, idle_since: datetime) -> int:
        """Delete a batch of sessions last analysed before the instant; how many there were.

        Only what the rollups contain: what is not counted yet is the only evidence that it was.
        """
        idle = (
            select(offer_sessions.c.merchant_id, offer_sessions.c.id)
            # By way of the merchants, because the index leads with one.
            .join(merchants, merchants.c.id == offer_sessions.c.merchant_id)
            .where(offer_sessions.c.updated_at < idle_since, _MAY_GO)
            .limit(SWEEP_BATCH)
            # One that is analysed at this moment is not idle any more.
            .with_for_update(of=offer_sessions, skip_locked=True)
        )
        evicted = [tuple(row) for row in self._connection.execute(idle)]
        for table, column in (
            (analyses, analyses.c.session_id),
            (cart_bindings, cart_bindings.c.session_id),
            (offer_sessions, offer_sessions.c.id),
        ):
            key = tuple_(table.c.merchant_id, column)
            self._connection.execute(delete(table).where(key.in_(evicted)))
        return len(evicted)


def _version(number: int | None) -> ConfigurationVersion | None:
    return None if number is None else ConfigurationVersion(number)

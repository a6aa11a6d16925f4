"""Find sessions and read their analyses, one merchant at a time. Read-only.

Lists are sorted by the last analysis, along an index that leads with the merchant. There is none on
reasons or request ids, because every checkout would pay for it: those are searched among the latest
sessions, a bounded number at a time (ADR 0026).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, select, tuple_

from orderguard.domain.cart import Cart
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.ids import ConfigurationVersion, MerchantId, SessionId
from orderguard.domain.offers.analysis import Analysis
from orderguard.domain.offers.session_summary import (
    SessionFilter,
    SessionPage,
    SessionPlace,
    SessionSummary,
    TimelineEntry,
)
from orderguard.domain.orders.acceptance import AcceptanceOutcome
from orderguard.domain.what_if.shadow_run import StoredAnswer
from orderguard.storage.offer_sessions import LATEST
from orderguard.storage.rows import cart_from_row, offer_from_row
from orderguard.storage.stored_carts import CART, OF_ANALYSIS, has_lines
from orderguard.storage.tables import (
    analyses,
    cart_bindings,
    offer_sessions,
    orders,
    session_carts,
)

LOOKED_THROUGH_AT_ONCE = 5_000
"""Sessions whose latest analysis is examined for one page."""

LATEST_FOR_REQUESTS = 8_000
"""The number of latest sessions among which a request id is searched."""

TIMELINE_AT_MOST = 500
"""Analyses of one session that are shown, the latest ones."""


class SqlSessionSearch:
    """Searches the sessions of one merchant at a time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(
        self,
        merchant: MerchantId,
        wanted: SessionFilter,
        *,
        after: SessionPlace | None = None,
        limit: int,
    ) -> SessionPage:
        answered = _answered(wanted)
        # Without a filter on answers, every examined session is on the page.
        at_once = LOOKED_THROUGH_AT_ONCE if answered else limit
        window = _newest(merchant, after).limit(at_once).where(*_within(wanted)).subquery()
        of_window = and_(
            analyses.c.merchant_id == merchant,
            analyses.c.session_id == window.c.id,
            analyses.c.ordinal == window.c.analysis_count,
        )
        query = (
            select(window, analyses.c.offer)
            .join(analyses, of_window)
            .where(*answered)
            .order_by(window.c.updated_at.desc(), window.c.id.desc())
            .limit(limit)
        )
        found = [_summary(row) for row in self._connection.execute(query)]
        if len(found) == limit:
            return SessionPage(found, found[-1].place)
        end = self._connection.execute(
            select(window.c.updated_at, window.c.id)
            .order_by(window.c.updated_at.desc(), window.c.id.desc())
            .offset(at_once - 1)
        ).first()
        return SessionPage(found, (end.updated_at, SessionId(end.id)) if end else None)

    def find(self, merchant: MerchantId, session: SessionId) -> SessionSummary | None:
        query = (
            select(offer_sessions, analyses.c.offer)
            .join(analyses, LATEST)
            .where(offer_sessions.c.merchant_id == merchant, offer_sessions.c.id == session)
        )
        row = self._connection.execute(query).first()
        return _summary(row) if row else None

    def find_by_cart_id(self, merchant: MerchantId, cart_id: str) -> SessionId | None:
        if "\0" in cart_id:  # PostgreSQL refuses a NUL in a parameter
            return None
        query = select(cart_bindings.c.session_id).where(
            cart_bindings.c.merchant_id == merchant, cart_bindings.c.cart_id == cart_id
        )
        found = self._connection.execute(query).scalar()
        return SessionId(found) if found else None

    def find_by_request_id(self, merchant: MerchantId, request_id: str) -> SessionId | None:
        if "\0" in request_id:
            return None
        window = _newest(merchant, None).limit(LATEST_FOR_REQUESTS).subquery()
        query = (
            select(window.c.id)
            .join(
                analyses,
                and_(analyses.c.merchant_id == merchant, analyses.c.session_id == window.c.id),
            )
            .where(analyses.c.request_id == request_id)
            .limit(1)
        )
        found = self._connection.execute(query).scalar()
        return SessionId(found) if found else None

    def timeline(self, merchant: MerchantId, session: SessionId) -> Sequence[TimelineEntry]:
        columns = (
            analyses.c.ordinal,
            analyses.c.analysed_at,
            analyses.c.request_id,
            analyses.c.configuration_version,
            analyses.c.offer,
        )
        query = (
            select(*columns)
            .where(analyses.c.merchant_id == merchant, analyses.c.session_id == session)
            .order_by(analyses.c.ordinal.desc())
            .limit(TIMELINE_AT_MOST)
        )
        newest_first = [
            TimelineEntry(
                row.ordinal,
                row.analysed_at,
                row.request_id,
                _version(row.configuration_version),
                offer_from_row(row.offer),
            )
            for row in self._connection.execute(query)
        ]
        return newest_first[::-1]

    def analysis(self, merchant: MerchantId, session: SessionId, ordinal: int) -> Analysis | None:
        query = (
            select(analyses, CART)
            .outerjoin(session_carts, OF_ANALYSIS)
            .where(
                analyses.c.merchant_id == merchant,
                analyses.c.session_id == session,
                analyses.c.ordinal == ordinal,
            )
        )
        row = self._connection.execute(query).first()
        if row is None:
            return None
        return Analysis(
            merchant=merchant,
            session=session,
            cart_id=None,
            new_session=session,
            cart=cart_from_row(row.whole_cart),
            cart_has_lines=has_lines(row),
            offer=offer_from_row(row.offer),
            configuration_version=_version(row.configuration_version),
            request_id=row.request_id,
            at=row.analysed_at,
        )

    def latest_answers(
        self, merchant: MerchantId, *, after: SessionPlace | None, limit: int
    ) -> Sequence[StoredAnswer]:
        window = _newest(merchant, after).limit(limit).subquery()
        query = (
            select(
                window.c.id,
                window.c.updated_at,
                CART,
                analyses.c.cart_digest,
                analyses.c.offer,
                analyses.c.configuration_version,
                orders.c.outcome,
            )
            .join(
                analyses,
                and_(
                    analyses.c.merchant_id == merchant,
                    analyses.c.session_id == window.c.id,
                    analyses.c.ordinal == window.c.analysis_count,
                ),
            )
            .outerjoin(session_carts, OF_ANALYSIS)
            .outerjoin(
                orders,
                and_(orders.c.merchant_id == merchant, orders.c.session_id == window.c.id),
            )
            .order_by(window.c.updated_at.desc(), window.c.id.desc())
        )
        return [_answer(row) for row in self._connection.execute(query)]


def _newest(merchant: MerchantId, after: SessionPlace | None) -> Select[Any]:
    query = select(offer_sessions).where(offer_sessions.c.merchant_id == merchant)
    if after is not None:
        # The values must be bound with the columns' own types.
        types = [offer_sessions.c.updated_at.type, offer_sessions.c.id.type]
        place: ColumnElement[Any] = tuple_(offer_sessions.c.updated_at, offer_sessions.c.id)
        query = query.where(place < tuple_(*after, types=types))
    return query.order_by(offer_sessions.c.updated_at.desc(), offer_sessions.c.id.desc())


def _within(wanted: SessionFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.since is not None:
        conditions.append(offer_sessions.c.updated_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(offer_sessions.c.updated_at < wanted.until)
    return conditions


def _answered(wanted: SessionFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.reason is not None:
        conditions.append(analyses.c.reason == wanted.reason)
    if wanted.eligible is not None:
        is_eligible = analyses.c.reason == EligibilityReason.ELIGIBLE
        conditions.append(is_eligible if wanted.eligible else ~is_eligible)
    return conditions


def _summary(row: Row[Any]) -> SessionSummary:
    return SessionSummary(
        SessionId(row.id),
        row.created_at,
        row.updated_at,
        row.analysis_count,
        offer_from_row(row.offer),
    )


def _answer(row: Any) -> StoredAnswer:
    return StoredAnswer(
        SessionId(row.id),
        row.updated_at,
        _readable_cart(row.whole_cart) if has_lines(row) else None,
        offer_from_row(row.offer),
        _version(row.configuration_version),
        row.outcome == AcceptanceOutcome.ACCEPTED,
    )


def _readable_cart(row: bytes) -> Cart | None:
    try:
        return cart_from_row(row)
    except msgspec.MsgspecError:
        return None


def _version(number: int | None) -> ConfigurationVersion | None:
    return None if number is None else ConfigurationVersion(number)

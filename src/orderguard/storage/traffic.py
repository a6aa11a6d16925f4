"""The newest traffic of a merchant, for the integration check. Read-only.

Everything is read along an index, newest first, up to a number and a volume, so that a merchant
with a million sessions gets an answer as quickly as one with a thousand (ADR 0081).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, exists, func, select, tuple_

from orderguard.domain.ids import MerchantId, SessionId
from orderguard.domain.integration.logged_request import RequestOutcome, failure_in_words
from orderguard.domain.integration.traffic import FailedAnswer, SeenSession
from orderguard.domain.orders.order import OrderStatus
from orderguard.domain.orders.order_record import OrderRecord
from orderguard.storage.orders import order_from_row
from orderguard.storage.rows import cart_from_row, offer_from_row
from orderguard.storage.stored_carts import CART, OF_ANALYSIS
from orderguard.storage.tables import (
    analyses,
    cart_bindings,
    offer_sessions,
    orders,
    request_log,
    session_carts,
)

AT_ONCE = 100
"""Rows of one query; carts and orders may be large, and are in memory together."""

BYTES_AT_MOST = 16 * 1024 * 1024
"""Carts, or orders, that are decoded for one check: well below a second of one core."""

ANALYSES_COMPARED = 10
"""The latest analyses of a session whose carts are compared."""

RARE_AT_MOST = 20
"""Orders of a rare kind that are read although they are older than the newest ones."""

_ANALYSES = tuple(f"{base}/analyze{end}" for base in ("/v1", "/storefront/v1") for end in ("", "/"))

_RARE = (OrderStatus.CANCELLED, OrderStatus.REFUNDED, OrderStatus.PENDING)


class SqlTraffic:
    """Reads what the integration check judges: a merchant's latest sessions, orders and keys."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def sessions(
        self, merchant: MerchantId, *, since: datetime | None, limit: int
    ) -> Sequence[SeenSession]:
        """The sessions analysed last, newest first; sessions with unreadable carts are skipped."""
        place = (offer_sessions.c.updated_at, offer_sessions.c.id)
        rows = self._newest(_SESSIONS, offer_sessions.c.merchant_id == merchant, place, since)
        within = _within(rows, limit, lambda row: len(row.whole_cart))
        return [seen for row in within if (seen := _seen_session(row))]

    def orders(
        self, merchant: MerchantId, *, since: datetime | None, limit: int
    ) -> Sequence[OrderRecord]:
        place = (orders.c.received_at, orders.c.id)
        own = and_(orders.c.merchant_id == merchant, orders.c.deleted_at.is_(None))
        wanted: list[tuple[ColumnElement[bool], int]] = [
            (own, limit),
            (and_(own, orders.c.needs_review), RARE_AT_MOST),
            *((and_(own, orders.c.status == status), RARE_AT_MOST) for status in _RARE),
        ]
        found: dict[int, OrderRecord] = {}
        for condition, at_most in wanted:
            rows = self._newest(select(orders), condition, place, since)
            for row in _within(rows, at_most, lambda row: len(row.document)):
                found.setdefault(row.id, order_from_row(row))
        return sorted(found.values(), key=lambda each: (each.received_at, each.id), reverse=True)

    def first_session_at(self, merchant: MerchantId) -> datetime | None:
        """When the oldest session began, from the time in its id; None without any session."""
        query = (
            select(offer_sessions.c.created_at)
            .where(offer_sessions.c.merchant_id == merchant)
            .order_by(offer_sessions.c.id)
            .limit(1)
        )
        found: datetime | None = self._connection.execute(query).scalar()
        return found

    def failures(
        self, merchant: MerchantId, *, since: datetime | None, limit: int
    ) -> Sequence[FailedAnswer]:
        """Analyses that failed or were given up, of those in the request log; newest first."""
        query = (
            select(
                request_log.c.request_id,
                request_log.c.at,
                request_log.c.status,
                request_log.c.outcome,
                request_log.c.duration_us,
            )
            .where(
                request_log.c.merchant_id == merchant,
                request_log.c.path.in_(_ANALYSES),
                request_log.c.outcome.in_((RequestOutcome.FAILED, RequestOutcome.GAVE_UP)),
            )
            .order_by(request_log.c.place.desc())
            .limit(limit)
        )
        if since is not None:
            query = query.where(request_log.c.at >= since)
        return [
            FailedAnswer(
                row.request_id,
                row.at,
                failure_in_words(row.status, RequestOutcome(row.outcome), row.duration_us),
            )
            for row in self._connection.execute(query)
        ]

    def _newest(
        self,
        query: Any,
        condition: ColumnElement[bool],
        place: tuple[Any, Any],
        since: datetime | None,
    ) -> Iterator[Any]:
        """The rows of a query, newest first, so many at a time."""
        query = query.where(condition).order_by(place[0].desc(), place[1].desc()).limit(AT_ONCE)
        if since is not None:
            query = query.where(place[0] >= since)
        page = self._connection.execute(query).all()
        while page:
            yield from page
            if len(page) < AT_ONCE:
                return
            last = [getattr(page[-1], column.name) for column in place]
            # The values must be bound with the columns' own types.
            bound = tuple_(*last, types=[column.type for column in place])
            page = self._connection.execute(query.where(tuple_(*place) < bound)).all()


_analysis = analyses.alias()
_CARTS = (
    select(func.count(func.distinct(_analysis.c.cart_digest)))
    .where(
        _analysis.c.merchant_id == offer_sessions.c.merchant_id,
        _analysis.c.session_id == offer_sessions.c.id,
        _analysis.c.ordinal > offer_sessions.c.analysis_count - ANALYSES_COMPARED,
    )
    .scalar_subquery()
    .label("carts")
)
_HAS_CART_ID = (
    exists()
    .where(
        cart_bindings.c.session_id == offer_sessions.c.id,
        cart_bindings.c.merchant_id == offer_sessions.c.merchant_id,
    )
    .label("has_cart_id")
)
_SESSIONS = (
    select(
        offer_sessions.c.id,
        offer_sessions.c.updated_at,
        offer_sessions.c.analysis_count,
        offer_sessions.c.is_kept,
        _CARTS,
        _HAS_CART_ID,
        analyses.c.request_id,
        analyses.c.offer,
        CART,
    )
    .join(
        analyses,
        and_(
            analyses.c.merchant_id == offer_sessions.c.merchant_id,
            analyses.c.session_id == offer_sessions.c.id,
            analyses.c.ordinal == offer_sessions.c.analysis_count,
        ),
    )
    .outerjoin(session_carts, OF_ANALYSIS)
)


def _within(rows: Iterator[Any], limit: int, size_of: Any) -> Iterator[Any]:
    """Rows up to a number and a volume; the first one in any case."""
    read = 0
    for _, row in zip(range(limit), rows, strict=False):
        yield row
        read += size_of(row)
        if read > BYTES_AT_MOST:
            return


def _seen_session(row: Any) -> SeenSession | None:
    try:
        cart, offer = cart_from_row(row.whole_cart), offer_from_row(row.offer)
    except msgspec.MsgspecError:
        return None
    return SeenSession(
        id=SessionId(row.id),
        updated_at=row.updated_at,
        analysis_count=row.analysis_count,
        carts=row.carts,
        has_cart_id=bool(row.has_cart_id),
        has_order=bool(row.is_kept),
        request_id=row.request_id,
        offer=offer,
        cart=cart,
    )

"""Find a session by its id, or by another reference that a support agent has."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from orderguard.actions.ports.unit_of_work import UnitOfWork
from orderguard.domain.errors import Malformed
from orderguard.domain.ids import MerchantId, OrderId, SessionId, number_of

TEXT_LIMIT = 255
"""Characters; longer than any id of a session."""


class FoundBy(StrEnum):
    """The kind of id by which a session was found."""

    SESSION_ID = "session id"
    CART_ID = "cart id"
    ORDER_ID = "order id"
    EXTERNAL_ID = "external order id"
    REQUEST_ID = "request id"


@dataclass(frozen=True, slots=True)
class FoundSession:
    """A session of this merchant, and how it was found."""

    session: SessionId
    by: FoundBy


def find_session(work: UnitOfWork, merchant: MerchantId, text: str) -> FoundSession | None:
    """Find the session by an exact id of any kind, the cheapest look-up first.

    A request id is searched among the latest sessions only (ADR 0026).
    """
    text = text.strip()
    if not text or len(text) > TEXT_LIMIT:
        return None
    search = work.session_search
    if (session := _session_id(text)) and search.find(merchant, session):
        return FoundSession(session, FoundBy.SESSION_ID)
    if bound := search.find_by_cart_id(merchant, text):
        return FoundSession(bound, FoundBy.CART_ID)
    if by_order := _of_order(work, merchant, text):
        return by_order
    if requested := search.find_by_request_id(merchant, text):
        return FoundSession(requested, FoundBy.REQUEST_ID)
    return None


def _session_id(text: str) -> SessionId | None:
    try:
        return SessionId.parse(text)
    except Malformed:
        return None


def _of_order(work: UnitOfWork, merchant: MerchantId, text: str) -> FoundSession | None:
    """The session that an order is linked to, by our id of the order or by the platform's."""
    order, by = work.orders.find_by_external_id(merchant, text), FoundBy.EXTERNAL_ID
    if order is None and (number := number_of(text)) is not None:
        order, by = work.orders.find(merchant, OrderId(number)), FoundBy.ORDER_ID
    session = order.acceptance.session if order else None
    if session is None or work.session_search.find(merchant, session) is None:
        return None
    return FoundSession(session, by)

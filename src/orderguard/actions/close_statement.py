"""Draw up a month's statement, and close the month (contract §9)."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from orderguard.actions.keep_time import WHAT_TO_DO, merchant_trusted_time
from orderguard.actions.ports.unit_of_work import Database, UnitOfWork
from orderguard.domain.books.month import Month
from orderguard.domain.books.statement import Statement, statement_of
from orderguard.domain.errors import Malformed
from orderguard.domain.ids import MerchantId
from orderguard.domain.orders.event import Event, EventType
from orderguard.domain.people.audit import Change


class NewEventId(Protocol):
    """Makes ids for events."""

    def __call__(self) -> str: ...


def draw_up_statement(work: UnitOfWork, merchant: MerchantId, month: Month) -> Statement:
    """The statement of a month: as it was closed, or from the postings so far."""
    closed = work.ledger.closed_statement(merchant, month)
    if closed is not None:
        return closed
    return statement_of(month, work.ledger.sums_of_period(merchant, month))


def close_statement(
    database: Database,
    merchant: MerchantId,
    month: Month,
    *,
    change: Change,
    new_event_id: NewEventId,
) -> Statement:
    """Close a month for good; later corrections are posted to the first open month.

    Closing a closed month changes nothing. Nothing is posted to the months before a closed one
    either, so they may be closed in any order. Raises `Malformed` for a month that is not over by
    all clocks: no clock alone may close one. The change has the merchant's time.
    """
    if month >= Month.of(change.at):
        raise Malformed(f"{month} is not over yet; close it from {month.next}-01 on.")
    with database.begin() as work:
        work.merchants.lock(merchant)
        closed = work.ledger.closed_statement(merchant, month)
        if closed is not None:
            return closed
        trusted = merchant_trusted_time(work, merchant, at=change.at)
        if trusted.doubt and month >= Month.of(trusted.at):
            raise Malformed(f"{month} cannot be closed yet. {trusted.doubt} {WHAT_TO_DO}")
        statement = draw_up_statement(work, merchant, month)
        work.ledger.close(merchant, statement, change=change)
        closing = _closed(statement, at=change.at)
        work.audit.record(
            merchant,
            change=change,
            action="statement.closed",
            subject=str(month),
            after=closing.body,
        )
        work.outbox.add(merchant, [closing], new_event_id=new_event_id)
    return statement


def _closed(statement: Statement, *, at: datetime) -> Event:
    return Event(
        type=EventType.STATEMENT_CLOSED,
        at=at,
        topic=f"statement:{statement.month}",
        body={
            "month": str(statement.month),
            "currencies": [
                {
                    "currency_code": each.currency,
                    "orders_accepted": each.orders_accepted,
                    "fees": each.fees,
                    "reversals": each.reversals,
                    "provider_share": each.provider_share,
                    "net": each.net,
                }
                for each in statement.currencies
            ],
        },
    )

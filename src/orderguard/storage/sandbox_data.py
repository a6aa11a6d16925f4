"""Delete a sandbox merchant's data, in batches short enough not to delay checkouts.

What is kept: the merchant with its keys, members and endpoints, its configurations and drafts, and
the audit trail. The database itself refuses to delete a live merchant's postings.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, Table, delete, exists, select, update

from orderguard.domain.ids import MerchantId
from orderguard.storage.session_deletion import delete_sessions
from orderguard.storage.tables import (
    analytics_facts,
    analytics_months,
    analytics_progress,
    analytics_rollups,
    coverages,
    entries,
    offer_sessions,
    orders,
    outbox,
    postings,
    request_log,
    scheduled_publications,
    shadow_runs,
    statements,
    stored_bytes,
    webhook_attempts,
    webhook_deliveries,
    webhook_endpoints,
)

ORDERS_AT_ONCE = 200
SESSIONS_AT_ONCE = 500
ROWS_AT_ONCE = 2_000

_SENT = (webhook_attempts, webhook_deliveries, outbox)
_SMALL = (
    statements,
    analytics_facts,
    analytics_rollups,
    analytics_months,
    stored_bytes,
    shadow_runs,
    scheduled_publications,
    request_log,
)


class SqlSandboxData:
    """The data of sandbox merchants. The caller has locked the merchant."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def empty_some(self, merchant: MerchantId) -> bool:
        """Delete one batch; True when enough rows are left for another batch.

        Orders go before the sessions that they refer to, in the same transaction.
        """
        # First, because a round of the rollups takes this lock first, too. The round under way is
        # discarded: it was computed from the rows deleted here.
        self._connection.execute(
            update(analytics_progress)
            .where(analytics_progress.c.merchant_id == merchant)
            .values(round=analytics_progress.c.round + 1)
        )
        is_more = self._empty_orders(merchant)
        is_more = self._empty_sessions(merchant) or is_more
        is_more = self._empty_oldest_events(merchant) or is_more
        return self._empty_facts(merchant) or is_more

    def empty_rest(self, merchant: MerchantId) -> None:
        """Delete all remaining rows, in the transaction of the last batch."""
        # Before the events: their numbers restart, and a dispatcher waits for this lock.
        self._connection.execute(
            update(webhook_endpoints)
            .where(webhook_endpoints.c.merchant_id == merchant)
            .values(lined_up_through=0)
        )
        for table in (*_SENT, *_SMALL):
            self._connection.execute(delete(table).where(table.c.merchant_id == merchant))
        # Rows in use just now were not deleted, and are counted again.
        for table in (offer_sessions, orders):
            self._connection.execute(
                update(table).where(table.c.merchant_id == merchant).values(counted=0)
            )

    def _empty_orders(self, merchant: MerchantId) -> bool:
        query = select(orders.c.id).where(orders.c.merchant_id == merchant).limit(ORDERS_AT_ONCE)
        found = self._connection.execute(query).scalars().all()
        for order in found:
            posted = select(postings.c.id).where(
                postings.c.merchant_id == merchant, postings.c.order_id == order
            )
            self._delete(entries, merchant, entries.c.posting_id.in_(posted))
            self._delete(postings, merchant, postings.c.order_id == order)
            self._delete(coverages, merchant, coverages.c.order_id == order)
            self._delete(orders, merchant, orders.c.id == order)
        return len(found) == ORDERS_AT_ONCE

    def _empty_sessions(self, merchant: MerchantId) -> bool:
        is_ordered = exists().where(
            orders.c.merchant_id == offer_sessions.c.merchant_id,
            orders.c.session_id == offer_sessions.c.id,
        )
        query = (
            select(offer_sessions.c.id)
            .where(offer_sessions.c.merchant_id == merchant, ~is_ordered)
            .limit(SESSIONS_AT_ONCE)
            # SKIP LOCKED: the session is being analyzed, and is as good as begun after the reset.
            .with_for_update(of=offer_sessions, skip_locked=True)
        )
        found = self._connection.execute(query).scalars().all()
        done = delete_sessions(self._connection, merchant, found)
        return len(found) == SESSIONS_AT_ONCE or len(done) < len(found)

    def _empty_oldest_events(self, merchant: MerchantId) -> bool:
        """Never the last events: their numbers would restart while endpoints wait for higher
        ones."""
        query = _first(select(outbox.c.sequence), outbox, merchant).order_by(outbox.c.sequence)
        found = self._connection.execute(query).scalars().all()
        if len(found) <= ROWS_AT_ONCE:
            return False
        for table in _SENT:
            self._delete(table, merchant, table.c.sequence < found[-1])
        return True

    def _empty_facts(self, merchant: MerchantId) -> bool:
        query = _first(select(analytics_facts.c.subject), analytics_facts, merchant)
        found = self._connection.execute(query).scalars().all()
        if len(found) <= ROWS_AT_ONCE:
            return False
        self._delete(analytics_facts, merchant, analytics_facts.c.subject.in_(found))
        return True

    def _delete(self, table: Table, merchant: MerchantId, condition: Any) -> None:
        self._connection.execute(delete(table).where(table.c.merchant_id == merchant, condition))


def _first(query: Select[Any], table: Table, merchant: MerchantId) -> Select[Any]:
    return query.where(table.c.merchant_id == merchant).limit(ROWS_AT_ONCE + 1)

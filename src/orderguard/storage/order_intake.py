"""Bulk reads and writes for pushed orders, in few round trips (see `round_trip`)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Boolean, Connection, Table

from orderguard.actions.ports.order_intake import FurtherOnRecord, OnRecord, OrderWrites
from orderguard.domain.books.month import Month
from orderguard.domain.ids import ConfigurationVersion, MerchantId, OrderId, SessionId
from orderguard.domain.orders.coverage import Coverage
from orderguard.domain.orders.order_record import OrderRecord
from orderguard.storage.coverages import coverage_from_row, coverage_to_row
from orderguard.storage.ledger import entries_to_rows, posting_to_row, postings_from_rows
from orderguard.storage.orders import order_from_row, order_to_row
from orderguard.storage.outbox import events_to_rows
from orderguard.storage.round_trip import (
    Insert,
    Query,
    Row,
    Statement,
    send_together,
    update_of,
)
from orderguard.storage.session_evidence import evidence_from_rows, evidence_query
from orderguard.storage.tables import (
    coverages,
    entries,
    from_microseconds,
    orders,
    outbox,
    postings,
)
from orderguard.storage.tables.columns import Instant


def _columns(table: Table) -> str:
    return ", ".join(column.name for column in table.c)


_STANDING = """
SELECT
  (SELECT max(version) FROM configurations WHERE merchant_id = :merchant),
  (SELECT max(period) FROM statements WHERE merchant_id = :merchant),
  (SELECT max(sequence) FROM outbox WHERE merchant_id = :merchant)
"""
# SQLite has one writer at a time, and no such clause.
_LOCK = "SELECT 1 FROM merchants WHERE id = :merchant FOR NO KEY UPDATE"

# Sent after the merchant's lock, so that an order that waits for it holds up no analysis. Sessions
# that are being deleted are not found, and the others stay until their order is stored.
_HOLD = """
SELECT id FROM offer_sessions WHERE merchant_id = :merchant AND id IN :sessions
ORDER BY id FOR KEY SHARE
"""

_ORDERS = f"SELECT {_columns(orders)} FROM orders WHERE merchant_id = :merchant"  # noqa: S608
_FOUND_BY = {
    "external_ids": f"{_ORDERS} AND external_id IN :external_ids AND deleted_at IS NULL",
    "orders": f"{_ORDERS} AND id IN :orders AND deleted_at IS NULL",
    "sessions": f"{_ORDERS} AND session_id IN :sessions AND deleted_at IS NULL",
}
_COVERAGES = f"""
SELECT {_columns(coverages)} FROM coverages
WHERE merchant_id = :merchant AND order_id IN :orders ORDER BY order_id, mode
"""  # noqa: S608
_POSTINGS = f"""
SELECT {_columns(postings)} FROM postings
WHERE merchant_id = :merchant AND order_id IN :orders ORDER BY order_id, sequence
"""  # noqa: S608
# Not a join: SQLite would begin it with all entries of the merchant.
_ENTRIES = """
SELECT posting_id, account, mode, currency, amount FROM entries
WHERE merchant_id = :merchant AND posting_id IN (
  SELECT id FROM postings WHERE merchant_id = :merchant AND order_id IN :orders
) ORDER BY posting_id, line
"""
# Locks are taken in the order of the keys, as `postgresql_recording` takes them.
_MARK_ON_POSTGRESQL = """
UPDATE offer_sessions s SET is_kept = true, has_order = :has_order FROM (
  SELECT id FROM offer_sessions WHERE merchant_id = :merchant AND id IN :sessions
  ORDER BY id FOR NO KEY UPDATE
) AS locked WHERE s.merchant_id = :merchant AND s.id = locked.id
"""
_MARK_ON_SQLITE = """
UPDATE offer_sessions SET is_kept = true, has_order = :has_order
WHERE merchant_id = :merchant AND id IN :sessions
"""


class SqlOrderIntake:
    """Bulk reads and writes of everything that pushed orders change."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._is_postgresql = connection.dialect.name == "postgresql"

    def begin(
        self,
        merchant: MerchantId,
        *,
        external_ids: Collection[str] = (),
        orders: Collection[OrderId] = (),
        sessions: Collection[SessionId] = (),
    ) -> OnRecord:
        lookup = _lookup(merchant, external_ids=external_ids, orders=orders, sessions=sessions)
        locks = self._locks(merchant, sessions)
        standing = Query(_STANDING, {"merchant": merchant})
        seen = [evidence_query(merchant, sessions)] if sessions else []
        found = send_together(self._connection, [*seen, *locks, standing, *lookup])
        of_sessions = found[0] if sessions else ()
        if sessions and locks:
            held = {session for (session,) in found[len(seen) + len(locks) - 1]}
            of_sessions = [row for row in of_sessions if row[0] in held]
        [[version, period, last_event]] = found[len(seen) + len(locks)]
        records = _orders_from(found[len(seen) + len(locks) + 1 :])
        return OnRecord(
            configuration_version=None if version is None else ConfigurationVersion(version),
            closed_through=Month.parse(period) if period else None,
            last_event=last_event or 0,
            orders={record.id: record for record in records},
            by_external_id={each.external_id: each for each in records if each.external_id},
            by_session=_by_session(records),
            sessions=frozenset(sessions),
            evidence=evidence_from_rows(self._connection, merchant, of_sessions),
        )

    def further(
        self,
        merchant: MerchantId,
        *,
        orders: Collection[OrderId],
        sessions: Collection[SessionId] = (),
    ) -> FurtherOnRecord:
        those = {"merchant": merchant, "orders": list(orders)}
        queries = [Query(_COVERAGES, those), Query(_POSTINGS, those), Query(_ENTRIES, those)]
        if sessions:
            queries += [evidence_query(merchant, sessions), *_lookup(merchant, sessions=sessions)]
        covered, posted, lines, *of_sessions = send_together(self._connection, queries)
        evidence = of_sessions[0] if of_sessions else ()
        return FurtherOnRecord(
            coverages=_by_order(coverage_from_row(each) for each in _typed(coverages, covered)),
            postings=_by_order(postings_from_rows(_typed(postings, posted), lines)),
            by_session=_by_session(_orders_from(of_sessions[1:])),
            evidence=evidence_from_rows(self._connection, merchant, evidence),
        )

    def write(
        self,
        merchant: MerchantId,
        writes: OrderWrites,
        *,
        last_event: int,
        new_event_id: Callable[[], str],
    ) -> None:
        """Store `writes` in one round trip; events are numbered from `last_event` + 1."""
        statements = [
            *(_release(record) for record in writes.released),
            *(update_of(orders, order_to_row(record)) for record in writes.changed),
            *_insert(orders, [order_to_row(record) for record in writes.new]),
            *self._marks(merchant, writes.has_order),
            *_coverages(merchant, writes.coverages),
            *_insert(
                entries,
                [row for posting in writes.postings for row in entries_to_rows(merchant, posting)],
            ),
            *_insert(postings, [posting_to_row(merchant, each) for each in writes.postings]),
            *_insert(outbox, events_to_rows(merchant, writes.events, last_event, new_event_id)),
        ]
        if statements:
            send_together(self._connection, statements)

    def _locks(self, merchant: MerchantId, sessions: Collection[SessionId]) -> list[Query]:
        """The locks of a transaction on PostgreSQL: the merchant's, then those of the sessions."""
        if not self._is_postgresql:
            return []
        those = {"merchant": merchant, "sessions": [str(each) for each in sessions]}
        return [Query(_LOCK, {"merchant": merchant}), *([Query(_HOLD, those)] if sessions else [])]

    def _marks(self, merchant: MerchantId, has_order: Mapping[SessionId, bool]) -> list[Statement]:
        """Say which sessions have an order, and keep them: their cart ids begin new sessions."""
        text = _MARK_ON_POSTGRESQL if self._is_postgresql else _MARK_ON_SQLITE
        marks: list[Statement] = []
        for value in sorted(set(has_order.values())):
            sessions = sorted(str(each) for each, has in has_order.items() if has is value)
            those = {"merchant": merchant, "has_order": value, "sessions": sessions}
            marks.append(Query(text, those))
        return marks


def _lookup(merchant: MerchantId, **named: Collection[Any]) -> list[Query]:
    """One query for each kind of name, because each has an index of its own."""
    return [
        Query(_FOUND_BY[kind], {"merchant": merchant, kind: [_plain(name) for name in names]})
        for kind, names in named.items()
        if names
    ]


def _plain(name: Any) -> Any:
    return str(name) if isinstance(name, str) else name


def _orders_from(found: Iterable[Sequence[Row]]) -> list[OrderRecord]:
    rows = {row.id: row for rows in found for row in _typed(orders, rows)}
    return [order_from_row(row) for row in rows.values()]


def _by_session(records: Iterable[OrderRecord]) -> dict[SessionId, OrderRecord]:
    return {each.acceptance.session: each for each in records if each.acceptance.session}


def _by_order(found: Iterable[Any]) -> dict[OrderId, list[Any]]:
    by_order: dict[OrderId, list[Any]] = {}
    for each in found:
        by_order.setdefault(each.order, []).append(each)
    return by_order


def _release(record: OrderRecord) -> Query:
    """Unlink the session, so that another order can use it; all other findings are kept.

    The revision counts on, so that statistics count the order without the session.
    """
    released = replace(record, acceptance=replace(record.acceptance, session=None))
    row = order_to_row(replace(released, revision=record.revision + 1))
    names = ("merchant_id", "id", "acceptance", "session_id", "revision")
    return update_of(orders, {name: row[name] for name in names})


def _coverages(merchant: MerchantId, changed: Sequence[Coverage]) -> list[Statement]:
    rows = [(len(each.history) == 1, coverage_to_row(merchant, each)) for each in changed]
    return [
        *_insert(coverages, [row for is_new, row in rows if is_new]),
        *(update_of(coverages, row) for is_new, row in rows if not is_new),
    ]


def _insert(table: Table, rows: Sequence[Mapping[str, Any]]) -> list[Statement]:
    return [Insert(table, rows)] if rows else []


def _typed(table: Table, rows: Iterable[Row]) -> list[SimpleNamespace]:
    """The rows with the types of the table's columns, which are its attributes."""
    names, readers = _readers(table)
    typed = []
    for row in rows:
        each = SimpleNamespace(**dict(zip(names, row, strict=True)))
        for name, read in readers:
            value = getattr(each, name)
            setattr(each, name, None if value is None else read(value))
        typed.append(each)
    return typed


@cache
def _readers(table: Table) -> tuple[list[str], list[tuple[str, Callable[[Any], Any]]]]:
    readers: list[tuple[str, Callable[[Any], Any]]] = []
    for column in table.c:
        if isinstance(column.type, Instant):
            readers.append((column.name, from_microseconds))
        elif isinstance(column.type, Boolean):
            readers.append((column.name, bool))
    return [column.name for column in table.c], readers

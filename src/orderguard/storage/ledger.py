"""The ledger in the database, whose triggers enforce the rules of the domain as well."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, insert, select

from orderguard.domain.books.ledger import (
    Entry,
    LedgerAccount,
    Posting,
    PostingKind,
    ReversalReason,
)
from orderguard.domain.books.month import Month
from orderguard.domain.books.statement import PostedSum, Statement
from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.ids import MerchantId, OrderId, PostingId
from orderguard.domain.money import Currency, Money
from orderguard.domain.people.audit import Change
from orderguard.storage.rows import statement_from_row, to_row
from orderguard.storage.tables import entries, postings, statements


class SqlLedger:
    """Postings and closed statements of all merchants. Nothing here is ever changed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_order(self, merchant: MerchantId, order: OrderId) -> Sequence[Posting]:
        return self._postings(merchant, postings.c.order_id == order)

    def of_orders(self, merchant: MerchantId, wanted: Sequence[OrderId]) -> Sequence[Posting]:
        """All postings about these orders, each order's in their sequence."""
        return self._postings(merchant, postings.c.order_id.in_(wanted))

    def sums_of_period(self, merchant: MerchantId, period: Month) -> Sequence[PostedSum]:
        """The sums of a month's entries, grouped by the columns that a statement distinguishes."""
        reversed_ = postings.alias()
        keys = (
            postings.c.kind,
            (postings.c.sequence == 1).label("is_first"),
            reversed_.c.period.label("corrects"),
            entries.c.account,
            entries.c.mode,
            entries.c.currency,
        )
        # Outer join although every posting has entries: for an inner join SQLite would scan all
        # entries of the merchant first.
        query = (
            select(*keys, func.sum(entries.c.amount).label("amount"), func.count().label("entries"))
            .select_from(postings)
            .outerjoin(
                entries,
                and_(
                    entries.c.merchant_id == postings.c.merchant_id,
                    entries.c.posting_id == postings.c.id,
                ),
            )
            .outerjoin(
                reversed_,
                and_(
                    reversed_.c.merchant_id == postings.c.merchant_id,
                    reversed_.c.id == postings.c.reverses,
                ),
            )
            .where(postings.c.merchant_id == merchant, postings.c.period == str(period))
            .group_by(*keys)
        )
        return [_posted_sum(row) for row in self._connection.execute(query)]

    def trial_balance(self, merchant: MerchantId) -> Mapping[Currency, int]:
        """The sum of all entries per currency; anything but zero means broken books."""
        query = (
            select(entries.c.currency, func.sum(entries.c.amount).label("balance"))
            .where(entries.c.merchant_id == merchant)
            .group_by(entries.c.currency)
        )
        return {Currency(r.currency): int(r.balance) for r in self._connection.execute(query)}

    def sums_since(
        self, merchant: MerchantId, since: datetime
    ) -> Mapping[tuple[Currency, LedgerAccount], int]:
        those = select(postings).where(
            postings.c.merchant_id == merchant, postings.c.posted_at >= since
        )
        query = (
            select(entries.c.currency, entries.c.account, func.sum(entries.c.amount).label("sum"))
            .where(*_of_postings(merchant, those))
            .group_by(entries.c.currency, entries.c.account)
        )
        return {
            (Currency(row.currency), LedgerAccount(row.account)): int(row.sum)
            for row in self._connection.execute(query)
        }

    def periods(self, merchant: MerchantId) -> tuple[Month, Month] | None:
        # Each by itself is one step into the index.
        first, last = (
            self._connection.execute(
                select(end(postings.c.period)).where(postings.c.merchant_id == merchant)
            ).scalar()
            for end in (func.min, func.max)
        )
        return (Month.parse(first), Month.parse(last)) if first and last else None

    def closed_through(self, merchant: MerchantId) -> Month | None:
        query = select(func.max(statements.c.period)).where(statements.c.merchant_id == merchant)
        period = self._connection.execute(query).scalar()
        return Month.parse(period) if period else None

    def closed_statement(self, merchant: MerchantId, period: Month) -> Statement | None:
        query = select(statements.c.document).where(
            statements.c.merchant_id == merchant, statements.c.period == str(period)
        )
        document = self._connection.execute(query).scalar()
        return statement_from_row(document) if document else None

    def close(self, merchant: MerchantId, statement: Statement, *, change: Change) -> None:
        self._connection.execute(
            insert(statements).values(
                merchant_id=merchant,
                period=str(statement.month),
                document=to_row(statement),
                closed_at=change.at,
                closed_by=change.by,
            )
        )

    def _postings(self, merchant: MerchantId, *those: ColumnElement[bool]) -> Sequence[Posting]:
        query = select(postings).where(postings.c.merchant_id == merchant, *those)
        found = self._connection.execute(
            query.order_by(postings.c.order_id, postings.c.sequence)
        ).all()
        lines = self._connection.execute(
            select(entries.c.posting_id, *_ENTRY_COLUMNS)
            .where(*_of_postings(merchant, query))
            .order_by(entries.c.posting_id, entries.c.line)
        )
        return postings_from_rows(found, lines)


def postings_from_rows(found: Iterable[Any], lines: Iterable[Sequence[Any]]) -> list[Posting]:
    """Build postings from their rows `found` and the rows `lines` of their entries.

    Entry rows are (posting id, account, mode, currency, amount), in the order of their lines.
    """
    by_posting = _entries(lines)
    months: dict[str, Month] = {}
    return [
        Posting(
            id=PostingId(row.id),
            order=OrderId(row.order_id),
            sequence=row.sequence,
            kind=PostingKind(row.kind),
            posted_at=row.posted_at,
            period=months.get(row.period) or months.setdefault(row.period, Month.parse(row.period)),
            entries=tuple(by_posting[row.id]),
            reverses=PostingId(row.reverses) if row.reverses else None,
            because=ReversalReason(row.because) if row.because else None,
        )
        for row in found
    ]


def posting_to_row(merchant: MerchantId, posting: Posting) -> dict[str, Any]:
    """All columns of a posting, without its entries."""
    return {
        "merchant_id": merchant,
        "id": posting.id,
        "order_id": posting.order,
        "sequence": posting.sequence,
        "kind": posting.kind,
        "reverses": posting.reverses,
        "because": posting.because,
        "posted_at": posting.posted_at,
        "period": str(posting.period),
    }


def entries_to_rows(merchant: MerchantId, posting: Posting) -> list[dict[str, Any]]:
    """All columns of a posting's entries. Insert them first: the posting makes them immutable."""
    return [
        {
            "merchant_id": merchant,
            "posting_id": posting.id,
            "line": line,
            "account": entry.account,
            "mode": entry.mode,
            "currency": entry.amount.currency,
            "amount": entry.amount.amount,
        }
        for line, entry in enumerate(posting.entries, start=1)
    ]


def _entries(rows: Iterable[Sequence[Any]]) -> Mapping[str, list[Entry]]:
    # A month has thousands of entries and few different ones, which are made once.
    known: dict[tuple[Any, ...], Entry] = {}
    found: dict[str, list[Entry]] = {}
    for posting, *columns in rows:
        said = tuple(columns)
        entry = known.get(said)
        if entry is None:
            entry = known[said] = _entry(*said)
        found.setdefault(posting, []).append(entry)
    return found


def _posted_sum(row: Row[Any]) -> PostedSum:
    return PostedSum(
        kind=PostingKind(row.kind),
        is_first=row.is_first,
        corrects=Month.parse(row.corrects) if row.corrects else None,
        account=LedgerAccount(row.account),
        mode=CoverageMode(row.mode) if row.mode else None,
        amount=Money(int(row.amount), Currency(row.currency)),
        entries=row.entries,
    )


_ENTRY_COLUMNS = (entries.c.account, entries.c.mode, entries.c.currency, entries.c.amount)


def _entry(account: str, mode: str | None, currency: str, amount: int) -> Entry:
    return Entry(
        LedgerAccount(account),
        Money(amount, Currency(currency)),
        CoverageMode(mode) if mode else None,
    )


def _of_postings(merchant: MerchantId, those: Select[Any]) -> tuple[ColumnElement[bool], ...]:
    """The entries of these postings.

    Not a join: SQLite would begin it with all entries of the merchant.
    """
    return (
        entries.c.merchant_id == merchant,
        entries.c.posting_id.in_(those.with_only_columns(postings.c.id)),
    )

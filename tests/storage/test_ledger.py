"""The books in the database, which defends them by itself (contract §9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update
from sqlalchemy.exc import DatabaseError

from orderguard.actions.close_statement import close_statement, draw_up_statement
from orderguard.domain.books.month import Month
from orderguard.domain.books.statement import Statement, StatementOfCurrency
from orderguard.domain.errors import Malformed
from orderguard.domain.people.audit import Change
from orderguard.randomness import new_event_id
from orderguard.storage.database import SqlDatabase
from orderguard.storage.tables import entries, outbox, postings, statements
from tests.support.databases import new_database_url, postgresql_only, sqlite_only
from tests.support.order_desk import (
    JUNE,
    Desk,
    accepted_order,
    billed,
    counts,
    trial_balance,
    wire_fee,
)
from tests.support.shop import A_TESTER

JULY = JUNE + timedelta(days=30)
AUGUST = JUNE + timedelta(days=60)
MAY_MONTH, JUNE_MONTH, JULY_MONTH = Month(2026, 5), Month(2026, 6), Month(2026, 7)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlDatabase]:
    database = SqlDatabase(new_database_url(tmp_path_factory.mktemp("ledger")))
    yield database
    database.dispose()


@pytest.fixture
def desk(database: SqlDatabase) -> Desk:
    """A merchant whose provider gets 15 % of the fees, with one accepted order in June."""
    desk = Desk(database, provider_share_bps=15_00)
    desk.push(accepted_order(desk.session()))
    return desk


@postgresql_only
@pytest.mark.parametrize("table", ["entries", "postings", "statements", "audit_trail"])
def test_what_is_append_only_cannot_be_truncated(desk: Desk, table: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), desk.database.begin() as work:
        work.connection.execute(text(f"TRUNCATE {table} CASCADE"))

    assert 1 == counts(desk.database, desk.id)["postings"]


def an_entry(desk: Desk, posting: str, line: int, amount: int, **changes: Any) -> Any:
    return insert(entries).values(
        **{
            "merchant_id": desk.id,
            "posting_id": posting,
            "line": line,
            "account": "fee_revenue",
            "currency": "USD",
            "amount": amount,
        }
        | changes
    )


def a_posting(desk: Desk, posting: str = "7-1", **changes: Any) -> Any:
    return insert(postings).values(
        **{
            "merchant_id": desk.id,
            "id": posting,
            "order_id": 7,
            "sequence": 1,
            "kind": "billing",
            "posted_at": JUNE,
            "period": "2026-06",
        }
        | changes
    )


def _refused(desk: Desk, *commands: Any) -> str:
    """Why the database takes none of this; nothing of it must be left."""
    before = counts(desk.database, desk.id)
    with pytest.raises(DatabaseError) as refusal:
        _execute(desk, *commands)
    assert before == counts(desk.database, desk.id)
    return str(refusal.value)


def _execute(desk: Desk, *commands: Any) -> None:
    with desk.database.engine.begin() as connection:
        for command in commands:
            connection.execute(command)


def test_a_balanced_posting_is_taken(desk: Desk) -> None:
    _execute(desk, an_entry(desk, "7-1", 1, 5), an_entry(desk, "7-1", 2, -5), a_posting(desk))

    assert {0} == trial_balance(desk.database, desk.id)


UNBALANCED: dict[str, Callable[[Desk], list[Any]]] = {
    "one cent off": lambda desk: [an_entry(desk, "7-1", 1, 5), an_entry(desk, "7-1", 2, -4)],
    "balanced over two currencies only": lambda desk: [
        an_entry(desk, "7-1", 1, 5),
        an_entry(desk, "7-1", 2, -5, currency="EUR"),
    ],
    "no entries at all": lambda _desk: [],
    "another posting's entries": lambda desk: [
        an_entry(desk, "7-2", 1, 5),
        an_entry(desk, "7-2", 2, -5),
    ],
}


@pytest.mark.parametrize("written", UNBALANCED.values(), ids=UNBALANCED)
def test_an_unbalanced_posting_is_refused(desk: Desk, written: Callable[[Desk], list[Any]]) -> None:
    why = _refused(desk, *written(desk), a_posting(desk))

    assert "entries must sum to zero per currency" in why


def test_entries_without_a_posting_are_refused(desk: Desk) -> None:
    _refused(desk, an_entry(desk, "7-1", 1, 5), an_entry(desk, "7-1", 2, -5))


def _posting_of(desk: Desk) -> Any:
    with desk.database.engine.connect() as connection:
        return connection.execute(select(postings).where(postings.c.merchant_id == desk.id)).one()


def test_a_posting_gets_no_further_entries(desk: Desk) -> None:
    posting = _posting_of(desk).id

    why = _refused(desk, an_entry(desk, posting, 90, 5), an_entry(desk, posting, 91, -5))

    assert "a posting cannot get further entries" in why


@pytest.mark.parametrize("table", [postings, entries, statements], ids=str)
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_nothing_in_the_books_is_changed(desk: Desk, table: Any, verb: str) -> None:
    _close(desk, JUNE_MONTH)
    mine = table.c.merchant_id == desk.id
    changed = next(c.name for c in table.c if c.name in ("because", "mode", "closed_by"))
    command = {
        "update": update(table).where(mine).values({changed: "x"}),
        "delete": delete(table).where(mine),
    }

    assert "append-only" in _refused(desk, command[verb])


@sqlite_only
def test_replacing_is_no_way_around(desk: Desk) -> None:
    _close(desk, MAY_MONTH)
    posting, merchant = _posting_of(desk), f"'{desk.id}'"
    of_posting = "(merchant_id, id, order_id, sequence, kind, posted_at, period)"
    of_entry = "(merchant_id, posting_id, line, account, currency, amount)"
    replaced = [
        f"postings {of_posting} VALUES "
        f"({merchant}, '{posting.id}', {posting.order_id}, 1, 'billing', 0, '2030-01')",
        f"entries {of_entry} VALUES ({merchant}, '{posting.id}', 1, 'fee_revenue', 'USD', 5)",
        f"statements VALUES ({merchant}, '2026-05', x'7b7d', 0, 'x')",
    ]

    for values in replaced:
        assert _refused(desk, text(f"INSERT OR REPLACE INTO {values}"))
    pair = [an_entry(desk, "x-1", 1, 5), an_entry(desk, "x-1", 2, -5)]
    taken = a_posting(desk, "x-1", order_id=posting.order_id).prefix_with("OR REPLACE")
    assert "append-only" in _refused(desk, *pair, taken)


def test_nothing_is_posted_to_a_closed_month_or_before_one(desk: Desk) -> None:
    _close(desk, JUNE_MONTH)
    pair = [an_entry(desk, "7-1", 1, 5), an_entry(desk, "7-1", 2, -5)]

    for month in ("2026-06", "2026-05", "2020-01"):
        assert "the month is closed" in _refused(desk, *pair, a_posting(desk, period=month))


@pytest.mark.parametrize(
    "again",
    [{}, {"id": "x-1"}, {"sequence": 2}],
    ids=["the same", "another id for the same number", "the same id for another number"],
)
def test_the_same_posting_exists_once(desk: Desk, again: dict[str, Any]) -> None:
    standing = _posting_of(desk)
    values = {"id": standing.id, "order_id": standing.order_id, "sequence": 1} | again
    pair = [an_entry(desk, "x-1", 1, 5), an_entry(desk, "x-1", 2, -5)]

    _refused(desk, *pair, a_posting(desk).values(**values))


def test_a_billing_is_reversed_once(desk: Desk) -> None:
    standing = _posting_of(desk)
    desk.push(accepted_order(status="cancelled"))
    pair = [an_entry(desk, "x-3", 1, 5), an_entry(desk, "x-3", 2, -5)]
    again = {"order_id": standing.order_id, "sequence": 3, "reverses": standing.id}

    _refused(desk, *pair, a_posting(desk, "x-3", kind="reversal", **again))


def _close(desk: Desk, month: Month, *, at: datetime = AUGUST) -> Statement:
    return close_statement(
        desk.database, desk.id, month, change=Change(A_TESTER, at), new_event_id=new_event_id
    )


def _usd(desk: Desk, month: Month) -> StatementOfCurrency:
    with desk.database.read() as work:
        (found,) = draw_up_statement(work, desk.id, month).currencies
    return found


def test_a_statement_is_built_from_postings(desk: Desk) -> None:
    desk.push(accepted_order(external_id="2", fees=[wire_fee(2_00, ["shippingProtection"])]))
    desk.push(accepted_order(external_id="3"))
    desk.push(accepted_order(external_id="3", status="cancelled"))

    statement = _usd(desk, JUNE_MONTH)

    assert 3 == statement.orders_accepted
    assert (2_98 + 2_49, 2_00 + 2_00 + 2_49) == tuple(statement.fees_by_mode.values())
    assert (2_49, 2_49) == tuple(statement.reversals_by_mode.values())
    assert (45 + 30 + 30, 0) == (
        statement.provider_share,
        statement.corrections_of_earlier_months,
    )
    assert 6_98 - 1_05 == statement.net


@pytest.mark.parametrize(
    ("share", "expected"), [(0, 0), (1, 0), (15_00, 45 + 30), (5_00, 15 + 10), (100_00, 4_98)]
)
def test_the_provider_gets_basis_points_of_every_mode(
    database: SqlDatabase, share: int, expected: int
) -> None:
    desk = Desk(database, provider_share_bps=share)
    desk.push(accepted_order(desk.session()))

    statement = _usd(desk, JUNE_MONTH)

    assert (expected, 4_98 - expected) == (statement.provider_share, statement.net)


def test_currencies_have_statements_of_their_own(desk: Desk) -> None:
    desk.push(accepted_order(external_id="2", fees=[wire_fee(500, currency="JPY")]))

    with desk.database.read() as work:
        statement = draw_up_statement(work, desk.id, JUNE_MONTH)

    assert [("JPY", 500), ("USD", 4_98)] == [(c.currency, c.fees) for c in statement.currencies]


def test_a_month_ends_where_the_next_one_begins(database: SqlDatabase) -> None:
    desk = Desk(database)
    end_of_june = datetime.fromisoformat("2026-06-30T23:59:59.999999+00:00")
    desk.push(accepted_order(external_id="june"), at=end_of_june)
    desk.push(accepted_order(external_id="july"), at=end_of_june + timedelta(microseconds=1))

    assert 1 == _usd(desk, JUNE_MONTH).orders_accepted
    assert 1 == _usd(desk, JULY_MONTH).orders_accepted


def test_a_closed_month_stays_and_corrections_land_in_the_next_and_say_so(desk: Desk) -> None:
    closed = _close(desk, JUNE_MONTH, at=JULY)

    desk.push(accepted_order(status="cancelled"), at=JULY)

    with desk.database.read() as work:
        assert closed == draw_up_statement(work, desk.id, JUNE_MONTH)
    july = _usd(desk, JULY_MONTH)
    assert (0, 0, 4_98) == (july.orders_accepted, july.fees, july.reversals)
    assert (1, 4_98) == (july.corrections_of_earlier_months, july.corrections_amount)
    assert (-75, -4_98 + 75) == (july.provider_share, july.net)
    assert {} == billed(desk.database, desk.id)


def test_a_push_that_arrives_after_the_month_was_closed_belongs_to_the_first_open_one(
    desk: Desk,
) -> None:
    _close(desk, JULY_MONTH)

    desk.push(accepted_order(external_id="late"), at=JUNE)

    assert 1 == _usd(desk, JULY_MONTH.next).orders_accepted


def test_a_month_that_is_not_over_cannot_be_closed(desk: Desk) -> None:
    for month in (JUNE_MONTH, JULY_MONTH):
        with pytest.raises(Malformed, match="is not over yet"):
            _close(desk, month, at=JUNE)

    first_of_july = datetime.fromisoformat("2026-07-01T00:00:00+00:00")
    assert 1 == len(_close(desk, JUNE_MONTH, at=first_of_july).currencies)


def test_closing_again_changes_nothing_and_tells_nobody(desk: Desk) -> None:
    first = _close(desk, JUNE_MONTH, at=JULY)
    before = counts(desk.database, desk.id)

    again = _close(desk, JUNE_MONTH, at=AUGUST)

    assert (first, before) == (again, counts(desk.database, desk.id))
    with desk.database.engine.connect() as connection:
        assert 1 == len(_closings(connection, desk))


def _closings(connection: Connection, desk: Desk) -> list[Any]:
    query = select(outbox).where(
        outbox.c.merchant_id == desk.id, outbox.c.type == "statement.closed"
    )
    return list(connection.execute(query))


def test_months_may_be_closed_in_any_order(desk: Desk) -> None:
    _close(desk, JULY_MONTH)

    june = _close(desk, JUNE_MONTH)

    assert [4_98] == [currency.fees for currency in june.currencies]


def test_books_of_merchants_are_apart(desk: Desk, tmp_path: Path) -> None:
    other = Desk(desk.database)
    _close(desk, JUNE_MONTH)

    other.push(accepted_order(), at=JUNE)

    assert 1 == _usd(other, JUNE_MONTH).orders_accepted

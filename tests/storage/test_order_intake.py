"""What a pushed order asks of the database: few statements, in two round trips (decision 0079)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, event, select

from orderguard.actions.close_statement import draw_up_statement
from orderguard.actions.push_orders import PushOrders
from orderguard.domain.books.month import Month
from orderguard.domain.errors import StorageUnavailable
from orderguard.storage import order_intake, session_evidence
from orderguard.storage.database import SqlDatabase
from orderguard.storage.round_trip import Insert, Query, send_together
from orderguard.storage.tables import orders, outbox
from tests.support.databases import new_database_url, postgresql_only
from tests.support.order_desk import (
    JUNE,
    Desk,
    accepted_order,
    billed,
    counts,
    trial_balance,
    usd,
    wire_order,
)

FEE = {("returnCoverage", "USD"): 2_98, ("shippingProtection", "USD"): 2_00}
WORTH = 50_00


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlDatabase]:
    database = SqlDatabase(new_database_url(tmp_path_factory.mktemp("intake")))
    yield database
    database.dispose()


@pytest.fixture
def desk(database: SqlDatabase) -> Desk:
    desk = Desk(database)
    desk.push(wire_order("warm"))  # compiles the configuration
    return desk


class Sent:
    """The statements of each round trip, and SQLAlchemy's own."""

    def __init__(self) -> None:
        self.trips: list[int] = []
        self.others: list[str] = []


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sent]:
    sent = Sent()
    ours = threading.get_ident()  # a server of other tests may be at its chores in this process

    def together(connection: Any, statements: Sequence[Query | Insert]) -> Any:
        if threading.get_ident() == ours:
            sent.trips.append(len(statements))
        return send_together(connection, statements)

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if threading.get_ident() == ours and not statement.startswith(("BEGIN", "PRAGMA")):
            sent.others.append(statement)

    for module in (order_intake, session_evidence):
        monkeypatch.setattr(module, "send_together", together)
    event.listen(Engine, "before_cursor_execute", note)
    yield sent
    event.remove(Engine, "before_cursor_execute", note)


def test_an_accepted_order_is_a_dozen_statements_in_two_round_trips(desk: Desk, sent: Sent) -> None:
    session = desk.session()
    sent.others.clear()
    pushed = desk.push(accepted_order(session))

    read, written = sent.trips
    assert read <= 6
    assert 6 == written
    # The session of this test keeps its quote with its analysis, as sessions from before 0011 do.
    assert len(sent.others) <= 1
    assert [WORTH, WORTH] == [each.scope.amount.amount for each in pushed.coverages]
    assert FEE == billed(desk.database, desk.id)
    assert {0} == trial_balance(desk.database, desk.id)
    with desk.database.read() as work:
        [june] = draw_up_statement(work, desk.id, Month(2026, 6)).currencies
    assert (4_98, 1) == (june.net, june.orders_accepted)


def test_the_same_order_again_writes_nothing(desk: Desk, sent: Sent) -> None:
    order = accepted_order(desk.session())
    desk.push(order)
    before = counts(desk.database, desk.id)
    sent.trips.clear()

    assert desk.push(order).settlement is None
    assert [2, 3] == [len(sent.trips), sent.trips[1]]  # the stored order, and its books
    assert before == counts(desk.database, desk.id)
    assert FEE == billed(desk.database, desk.id)


def test_a_cancelled_order_is_two_reads_and_one_write(desk: Desk, sent: Sent) -> None:
    order = accepted_order(desk.session())
    desk.push(order)
    sent.trips.clear()

    pushed = desk.push(order | {"status": "cancelled"})
    assert 3 == len(sent.trips)
    assert {"voided"} == {each.state for each in pushed.coverages}
    assert {} == billed(desk.database, desk.id)
    assert {0} == trial_balance(desk.database, desk.id)


def test_a_part_of_an_order_finds_the_session_that_is_stored(desk: Desk) -> None:
    order = accepted_order(desk.session())
    desk.push(order)

    pushed = desk.push({"external_id": order["external_id"], "total_price": usd(60_00)})
    assert order["metadata"][0]["value"] == pushed.record.acceptance.session
    assert [WORTH, WORTH] == [each.scope.amount.amount for each in pushed.coverages]
    assert FEE == billed(desk.database, desk.id)


def test_events_are_numbered_without_gaps_over_several_orders(desk: Desk) -> None:
    for number in range(3):
        desk.push(accepted_order(desk.session(), external_id=f"e-{number}"))
    with desk.database.read() as work:
        numbers = work.connection.execute(
            select(outbox.c.sequence).where(outbox.c.merchant_id == desk.id).order_by("sequence")
        )
        assert [*range(1, 10)] == list(numbers.scalars())


@pytest.mark.parametrize(
    "broken",
    [
        lambda: Query("SELECT no_such_column FROM orders WHERE merchant_id = :merchant", {}),
        lambda: Query("SELECT 1 FROM no_such_table", {}),
        lambda: Insert(orders, [{"merchant_id": "m", "id": 1}]),
    ],
)
def test_a_failing_statement_is_an_error_of_the_database(
    database: SqlDatabase, broken: Callable[[], Query | Insert]
) -> None:
    with pytest.raises(Exception) as raised, database.begin() as work:
        send_together(work.connection, [Query("SELECT 1", {}), broken()])
    kind = f"{type(raised.value).__module__}.{type(raised.value).__name__}"
    assert kind.startswith(("sqlalchemy.exc", "orderguard.domain.errors")), kind
    with database.begin() as work:  # the connection is as good as new
        assert [[(1,)]] == [
            [tuple(r) for r in rows]
            for rows in send_together(work.connection, [Query("SELECT 1", {})])
        ]


@postgresql_only
def test_a_database_that_is_gone_is_unavailable(tmp_path: Path) -> None:
    database = SqlDatabase(new_database_url(tmp_path))
    desk = Desk(database)
    database.dispose()
    with pytest.raises(StorageUnavailable), database.begin() as work:  # noqa: PT012
        raw: Any = work.connection.connection.driver_connection
        raw.close()
        work.order_intake.begin(desk.id)
    assert desk.push(wire_order("after")).created
    database.dispose()


@postgresql_only
def test_plans_made_while_a_table_was_small_are_dropped_as_it_grows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = new_database_url(tmp_path)
    database = SqlDatabase(url)
    desk, found = Desk(database), list[int]()
    write = order_intake.SqlOrderIntake.write

    def read_so_far(intake: order_intake.SqlOrderIntake) -> int:
        query = "SELECT idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'postings'"
        return int(intake._connection.exec_driver_sql(query).scalar_one())

    def watched(self: order_intake.SqlOrderIntake, *arguments: Any, **options: Any) -> None:
        before = read_so_far(self)
        write(self, *arguments, **options)
        found.append(read_so_far(self) - before)

    def push(*numbers: int) -> None:
        documents = [accepted_order(desk.session(), external_id=f"n-{each}") for each in numbers]
        PushOrders(desk.push_order)(desk.id, documents, at=JUNE, by="tests")

    monkeypatch.setattr(order_intake.SqlOrderIntake, "write", watched)
    push(1, 2, 3)  # PostgreSQL keeps a plan from the sixth time on, here of an empty table
    with closing(psycopg.connect(url, autocommit=True)) as another:
        another.execute("SET session_replication_role = replica")  # no trigger, no foreign key
        another.execute(
            "INSERT INTO postings SELECT merchant_id, 'old-' || n, -n, 1, 'billing', NULL, NULL, "
            "posted_at, period FROM generate_series(1, 2000) AS n, "
            "(SELECT * FROM postings LIMIT 1) AS one"
        )
    for number in range(4, 14):
        push(number)
    database.dispose()

    assert found[-1] < 100  # of 2,000: the trigger of each entry looks its posting up

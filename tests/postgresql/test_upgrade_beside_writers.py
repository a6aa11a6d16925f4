"""`orderguard db upgrade` beside the release before: nobody is refused, whoever reads meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue

import psycopg
import pytest
from alembic import command
from sqlalchemy import text

from orderguard.domain.errors import StorageUnavailable
from orderguard.storage import schema
from orderguard.storage.database import SqlDatabase
from tests.support.databases import postgresql_only
from tests.support.order_desk import OrderShop, accepted_order, trial_balance
from tests.support.postgresql import PostgresqlCluster
from tests.support.server_process import ServerProcess, run_command, wait_until

pytestmark = postgresql_only

RELEASE_BEFORE = "0010"
"""The schema of 0.1.0."""

MERCHANT = "mer_before"
ORDERS = 1_200
"""Several batches, and the last one is not full."""

WRITERS = 3
WRITES_ENOUGH = 40

TABLES = ("offer_sessions", "analyses", "cart_bindings", "orders", "postings", "audit_trail")


@pytest.fixture
def old(cluster: PostgresqlCluster) -> Iterator[SqlDatabase]:
    """A database of the release before, with orders."""
    database = SqlDatabase(cluster.new_database())
    with database.engine.begin() as connection:
        command.upgrade(schema._config(connection), RELEASE_BEFORE)
        connection.execute(
            text(
                "INSERT INTO orders (merchant_id, id, external_id, document, acceptance, outcome,"
                " verdict, revision, received_at, changed_at) SELECT :merchant, n, 'e' || n,"
                """ convert_to(CASE WHEN n % 10 = 0 THEN '{"status":"cancelled"}' ELSE '{}' END,"""
                " 'UTF8'), '{\"outcome\":\"declined\"}', 'declined',"
                " CASE WHEN n % 3 = 0 THEN 'altered' END, 1, 5, 5"
                " FROM generate_series(1, :orders) AS n"
            ),
            {"merchant": MERCHANT, "orders": ORDERS},
        )
    yield database
    database.dispose()


class Writers:
    """Checkouts and orders as the release before writes them, without a pause."""

    def __init__(self, url: str) -> None:
        self.written = 0
        self.refused: list[str] = []
        self._url = url
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(n,)) for n in range(WRITERS)]

    def _write(self, writer: int) -> None:
        with psycopg.connect(self._url) as connection:
            # That release waits as long for the lock of an order, and less for that of a cart. The
            # machine may be so busy that a lock is held for longer than that.
            connection.execute("SET lock_timeout = '2s'")
            connection.commit()
            number = 0
            while not self._over.is_set():
                number += 1
                try:
                    self._write_one(connection, f"lop_{writer}_{number}", 1 + number % ORDERS)
                except psycopg.Error as error:
                    self.refused.append(str(error))
                with self._lock:
                    self.written += 1

    def _write_one(self, connection: psycopg.Connection, session: str, order: int) -> None:
        with connection.transaction():
            connection.execute(
                "INSERT INTO offer_sessions (merchant_id, id, created_at, updated_at,"
                " analysis_count, ever_eligible, is_kept) VALUES (%s, %s, 5, 5, 1, true, false)",
                (MERCHANT, session),
            )
            connection.execute(
                "INSERT INTO cart_bindings (merchant_id, cart_id, session_id) VALUES (%s, %s, %s)",
                (MERCHANT, session, session),
            )
        with connection.transaction():
            connection.execute(
                "UPDATE orders SET revision = revision + 1 WHERE merchant_id = %s AND id = %s",
                (MERCHANT, order),
            )

    def wait_for_more(self) -> None:
        """Until they have written some more; a writer that waits for ever is refused in the end."""
        enough = self.written + WRITES_ENOUGH
        wait_until(lambda: self.written >= enough)

    def __enter__(self) -> Writers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()


@contextmanager
def a_reader(url: str) -> Iterator[None]:
    """A report, or `pg_dump`: a transaction that has read every table and goes on."""
    with psycopg.connect(url, application_name="a report") as connection:
        for table in TABLES:
            connection.execute(f"SELECT 1 FROM {table} LIMIT 1".encode())
        yield


def beside(work: Callable[[], None]) -> Callable[[], None]:
    """Begin work in a thread; the function returned waits for its end, and raises its error."""
    ended: Queue[BaseException | None] = Queue()

    def run() -> None:
        try:
            work()
        except BaseException as error:
            ended.put(error)
        else:
            ended.put(None)

    threading.Thread(target=run, daemon=True).start()

    def finish() -> None:
        if error := ended.get(timeout=120):
            raise error

    return finish


def states(database: SqlDatabase) -> tuple[int, int, int]:
    """How many orders are cancelled, stand, and are to be reviewed."""
    with database.engine.connect() as connection:
        row = connection.execute(
            text(
                "SELECT count(*) FILTER (WHERE status = 'cancelled'),"
                " count(*) FILTER (WHERE stands), count(*) FILTER (WHERE needs_review) FROM orders"
            )
        ).one()
    return row[0], row[1], row[2]


def test_no_checkout_is_refused_while_a_report_holds_up_the_upgrade(old: SqlDatabase) -> None:
    told: Queue[str] = Queue()

    # Given writers of the release before, and a report that has read every table
    with Writers(old.url) as writers:
        with a_reader(old.url):
            # When the schema is upgraded, which cannot have its locks for now
            finish = beside(lambda: schema.upgrade(old, tell=told.put))
            assert "a report" in told.get(timeout=60)
            writers.wait_for_more()

            # Then nothing has changed, and nobody was kept from writing
            assert not schema.is_current(old)
        finish()
        writers.wait_for_more()

    assert [] == writers.refused
    assert schema.is_current(old)
    assert (ORDERS // 10, ORDERS - ORDERS // 10, ORDERS // 3) == states(old)


def test_after_its_patience_the_upgrade_says_who_holds_the_locks(old: SqlDatabase) -> None:
    with a_reader(old.url), pytest.raises(StorageUnavailable) as refusal:
        schema.upgrade(old, patience_seconds=0.5)

    assert "a report" in str(refusal.value)
    assert "run it again" in str(refusal.value)

    schema.upgrade(old)
    assert schema.is_current(old)


def test_an_index_that_was_left_half_built_is_built_again(old: SqlDatabase) -> None:
    told: Queue[str] = Queue()
    with psycopg.connect(old.url, autocommit=True) as early:
        # A snapshot, and no lock on our tables: only the concurrent builds wait for it.
        early.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        early.execute("SELECT 1")
        with pytest.raises(StorageUnavailable):
            schema.upgrade(old, patience_seconds=1, tell=told.put)
    with psycopg.connect(old.url) as connection:
        half = "SELECT count(*) FROM pg_index WHERE NOT indisvalid"
        found = connection.execute(half.encode()).fetchone()
        assert found == (1,)

        connection.rollback()
        schema.upgrade(old)

        found = connection.execute(half.encode()).fetchone()
    assert found == (0,)
    assert schema.is_current(old)


def test_two_upgrades_at_once_stand_in_a_queue(old: SqlDatabase) -> None:
    first, second = (beside(lambda: schema.upgrade(old)) for _ in range(2))

    first()
    second()

    assert schema.is_current(old)


def test_after_an_upgrade_the_books_go_on_where_they_were(old: SqlDatabase, tmp_path: Path) -> None:
    assert {"ok": True} == run_command(old.url, "db", "upgrade")

    with ServerProcess(old.url, log=tmp_path / "server.log") as server:
        shop = OrderShop(server.a_shop())
        session = shop.analyze(cartId="a cart")
        shop.push(accepted_order(session, external_id="after"))

        assert 4_98 == sum(shop.billed().values())
        assert {0} == trial_balance(old, shop.id)

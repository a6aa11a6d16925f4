"""Backups that are made while orders come in, restored, and balanced to the cent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from orderguard.actions.check_backup import check_backup
from orderguard.actions.close_statement import draw_up_statement
from orderguard.domain.books.month import Month
from orderguard.running.wiring import now, wire_roll_up
from orderguard.storage.database import SqlDatabase
from tests.support.databases import ON_POSTGRESQL, cluster, sqlite_only
from tests.support.order_desk import OrderShop, accepted_order, billed, trial_balance
from tests.support.postgresql import server_programs
from tests.support.server_process import environment, wait_until
from tests.support.shop import COMPILER, RunningServer

if ON_POSTGRESQL and not (server_programs() / "pg_dump").exists():
    pytest.skip("NOT TESTED: backups of PostgreSQL need pg_dump", allow_module_level=True)


def orderguard(database: str, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    path = f"{server_programs()}{os.pathsep}{os.environ['PATH']}" if ON_POSTGRESQL else ""
    settings = environment(database) | ({"PATH": path} if path else {}) | more
    return subprocess.run(
        [sys.executable, "-m", "orderguard", *words],
        env=settings,
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )


def document(done: subprocess.CompletedProcess[str]) -> Any:
    assert 0 == done.returncode, done.stdout + done.stderr
    return json.loads(done.stdout)


def another_database(directory: Path) -> str:
    """A database that is not there yet; on PostgreSQL one without tables."""
    if ON_POSTGRESQL:
        return cluster().new_database("template0")
    return f"sqlite:///{directory / 'restored.db'}"


class Pushing:
    """A shop that sells protection, one cart after the other, until the block is left."""

    def __init__(self, shop: OrderShop) -> None:
        self.pushed = 0
        self._shop = shop
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._push)

    def _push(self) -> None:
        while not self._over.is_set():
            session = self._shop.analyze(cartId=f"cart {self.pushed}")
            self._shop.push(accepted_order(session, external_id=f"order {self.pushed}"))
            self.pushed += 1

    def __enter__(self) -> Pushing:
        self._thread.start()
        wait_until(lambda: self.pushed >= 5)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    running = RunningServer(tmp_path)
    yield running
    running.stop()


def test_a_backup_of_a_busy_shop_is_restored_and_balances(
    server: RunningServer, tmp_path: Path
) -> None:
    file = tmp_path / "shop.backup"
    restored = another_database(tmp_path)
    shop = OrderShop(server.a_shop())

    # Given a backup that is made while orders come in
    with Pushing(shop) as pushing:
        before = pushing.pushed
        made = document(orderguard(server.settings.database_url, "backup", str(file), "--json"))
        after = pushing.pushed + 1
    assert (str(file), file.stat().st_size) == (made["file"], made["bytes"])

    # When it is checked and restored, the check touches nothing
    checked = document(orderguard(restored, "restore", "--check", str(file), "--json"))
    found = document(orderguard(restored, "restore", str(file), "--json"))
    assert checked == found
    assert checked["ok"]

    # Then it is of one moment: every order has its coverages and its fee, in books that balance
    orders = found["rows"]["orders"]
    assert before <= orders <= after
    assert 2 * orders == found["rows"]["coverages"]
    database = SqlDatabase(restored)
    assert orders * 4_98 == sum(billed(database, shop.id).values())
    assert {0} == trial_balance(database, shop.id)

    # And its statement says the same, and analytics that are counted from it agree
    assert orders * 4_98 == _fees_of_the_statement(database, shop)
    for _ in wire_roll_up(database).rebuild(shop.id, at=now()):
        pass
    assert [] == check_backup(database, COMPILER, at=now()).problems
    database.dispose()

    # And it never replaces a database
    again = orderguard(restored, "restore", str(file))
    assert 1 == again.returncode
    assert "already" in again.stderr or "not empty" in again.stderr


def _fees_of_the_statement(database: SqlDatabase, shop: OrderShop) -> int:
    with database.read() as work:
        statement = draw_up_statement(work, shop.id, Month.of(now()))
    return sum(each.fees for each in statement.currencies)


def test_books_that_do_not_balance_are_a_problem_and_nothing_is_restored(
    server: RunningServer, tmp_path: Path
) -> None:
    file = tmp_path / "shop.backup"
    shop = OrderShop(server.a_shop())
    shop.push(accepted_order(shop.analyze(), external_id="1"))
    with server.database.engine.begin() as connection:
        for statement in _to_break_the_books(connection):
            connection.execute(text(statement))
    document(orderguard(server.settings.database_url, "backup", str(file), "--json"))
    restored = another_database(tmp_path)

    done = orderguard(restored, "restore", str(file))

    assert 1 == done.returncode
    assert "the ledger is off by 1 minor units of USD" in done.stdout
    if not ON_POSTGRESQL:
        assert not (tmp_path / "restored.db").exists()


def _to_break_the_books(connection: Connection) -> list[str]:
    """Statements that only somebody with the database's own rights can make."""
    if ON_POSTGRESQL:
        allowed = ["ALTER TABLE entries DISABLE TRIGGER USER"]
    else:
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'entries'"
        allowed = [f"DROP TRIGGER {name}" for name in connection.execute(text(triggers)).scalars()]
    return [*allowed, "UPDATE entries SET amount = amount + 1 WHERE line = 1"]


def test_a_file_that_was_cut_is_refused(server: RunningServer, tmp_path: Path) -> None:
    file = tmp_path / "shop.backup"
    document(orderguard(server.settings.database_url, "backup", str(file), "--json"))
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])

    done = orderguard(another_database(tmp_path), "restore", "--check", str(file))

    assert 1 == done.returncode
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()


def test_a_backup_replaces_no_file(server: RunningServer, tmp_path: Path) -> None:
    file = tmp_path / "precious"
    file.write_text("the last one")

    done = orderguard(server.settings.database_url, "backup", str(file))

    assert (1, "the last one") == (done.returncode, file.read_text())
    assert "exists already" in done.stderr


@sqlite_only
def test_without_pg_dump_the_backup_says_what_is_missing(tmp_path: Path) -> None:
    url = "postgresql://nobody@127.0.0.1:9/none"

    done = orderguard(url, "backup", str(tmp_path / "file"), PATH=str(tmp_path))

    assert 1 == done.returncode
    assert "pg_dump is not installed" in done.stderr
    assert "postgresql-client" in done.stderr

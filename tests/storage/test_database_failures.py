"""A database that is locked, gone, read-only or broken: 503 soon, and well again by itself."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from orderguard.domain.errors import StorageUnavailable
from orderguard.running.preparing import prepare_schema
from orderguard.storage import sqlite_journal
from orderguard.storage.database import SqlDatabase
from tests.support.databases import sqlite_only
from tests.support.server_process import wait_until
from tests.support.shop import RunningServer, Shop
from tests.support.wire import wire_request

pytestmark = sqlite_only


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    running = RunningServer(tmp_path)
    yield running
    running.stop()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "orderguard.db"


_HOLD_THE_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""


@contextmanager
def _locked_by_another_process(file: Path) -> Iterator[None]:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD_THE_LOCK, str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert b"locked\n" == process.stdout.readline()
        yield
        process.communicate()


def _ready(shop: Shop) -> int:
    return shop.http.get("/readyz").status_code


def _assert_unavailable(response: httpx.Response) -> None:
    assert 503 == response.status_code, response.text
    assert "service_unavailable" == response.json()["error"]["code"]
    assert int(response.headers["retry-after"]) >= 1
    assert "*" == response.headers["access-control-allow-origin"]


def test_a_lock_of_another_process_is_a_503_soon_and_over_when_it_ends(
    server: RunningServer, file: Path
) -> None:
    shop = server.a_shop()
    session = shop.analyze(cartId="c")["sessionId"]

    with _locked_by_another_process(file):
        asked_at = time.monotonic()
        _assert_unavailable(shop.post(wire_request(cartId="c")))
        assert time.monotonic() - asked_at < 4  # seconds; the journal waits for one
        assert 503 == _ready(shop)
        # Looking needs no lock.
        assert 200 == shop.session(session).status_code
        assert 200 == shop.http.get("/healthz").status_code

    assert 2 == shop.analyze(cartId="c")["metadata"]["analysisCount"]
    assert 200 == _ready(shop)


def test_a_short_lock_is_waited_for(server: RunningServer, file: Path) -> None:
    shop = server.a_shop()

    with closing(sqlite3.connect(file, isolation_level=None)) as other, ThreadPoolExecutor() as it:
        other.execute("BEGIN IMMEDIATE")
        waiting = it.submit(shop.post, wire_request())
        time.sleep(0.2)
        assert not waiting.done()
        other.execute("ROLLBACK")

    assert 200 == waiting.result().status_code


def test_a_full_queue_is_a_503_at_once(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = server.a_shop()
    monkeypatch.setattr(sqlite_journal, "QUEUE_LIMIT", 0)

    _assert_unavailable(shop.post(wire_request()))

    monkeypatch.undo()
    assert 200 == shop.post(wire_request()).status_code


def _remove(file: Path) -> None:
    for each in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
        each.unlink(missing_ok=True)


def test_a_removed_database_is_a_503_and_no_empty_one_takes_its_place(
    server: RunningServer, file: Path
) -> None:
    shop = server.a_shop()
    session = shop.analyze(cartId="c")["sessionId"]
    with (
        closing(sqlite3.connect(file)) as source,
        closing(sqlite3.connect(file.with_suffix(".backup"))) as backup,
    ):
        source.backup(backup)

    _remove(file)

    _assert_unavailable(shop.post(wire_request(cartId="c")))
    _assert_unavailable(shop.session(session))
    assert 503 == _ready(shop)
    assert 200 == shop.http.get("/healthz").status_code
    assert not file.exists()

    # Whoever restores it needs no restart.
    shutil.move(file.with_suffix(".backup"), file)
    wait_until(lambda: 200 == _ready(shop))
    answer = shop.analyze(cartId="c")
    assert (session, 2) == (answer["sessionId"], answer["metadata"]["analysisCount"])


def test_a_broken_database_is_a_503(server: RunningServer, file: Path) -> None:
    shop = server.a_shop()
    session = shop.analyze()["sessionId"]
    _remove(file)
    file.write_text("This is not a database. " * 1_000)

    _assert_unavailable(shop.post(wire_request()))
    _assert_unavailable(shop.session(session))
    assert 503 == _ready(shop)


def test_a_stranger_is_told_the_truth_about_a_broken_database(
    server: RunningServer, file: Path
) -> None:
    shop = server.a_shop()
    issued = shop.issue_key("cart")
    _remove(file)

    # The key could be good; nobody can know.
    response = server.shared_client.post(
        "/v1/analyze", json=wire_request(), headers={"X-Authorization": issued.text}
    )

    _assert_unavailable(response)


def test_a_read_only_database_is_a_503_but_shows_its_sessions(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shop = server.a_shop()
    session = shop.analyze()["sessionId"]
    connect = sqlite3.connect

    def connect_to_read(*arguments: Any, **options: Any) -> sqlite3.Connection:
        # Permissions mean nothing to root, so the connections are made to refuse as SQLite would.
        connection = connect(*arguments, **options)
        connection.execute("PRAGMA query_only = ON")
        return connection

    monkeypatch.setattr(sqlite3, "connect", connect_to_read)
    prepare_schema(server.settings)
    other = RunningServer(tmp_path, database_url=server.settings.database_url)
    try:
        there = shop.at(other)
        _assert_unavailable(there.post(wire_request()))
        assert 503 == _ready(there)
        assert 200 == there.session(session).status_code
    finally:
        other.stop()


def test_a_read_only_file_system_is_named_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "orderguard.db"
    file.mkdir()  # what SQLite says of it is what it says on a read-only file system

    class ReadOnly:
        f_flag = os.ST_RDONLY

    monkeypatch.setattr("orderguard.storage.sqlite.os.statvfs", lambda _path: ReadOnly)
    database = SqlDatabase(f"sqlite:///{file}")
    with pytest.raises(StorageUnavailable) as raised, database.read():
        pass
    with pytest.raises(StorageUnavailable) as unready:
        database.check_writable()

    for each in (raised, unready):
        assert f"{tmp_path} is on a file system that is mounted read-only" in str(each.value)


def test_a_file_that_this_user_may_not_write_is_named_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "orderguard.db"
    file.mkdir()
    monkeypatch.setattr("orderguard.storage.sqlite.os.access", lambda path, _mode: path != tmp_path)

    with pytest.raises(StorageUnavailable, match=f"this user may not write {tmp_path}"):
        SqlDatabase(f"sqlite:///{file}").check_writable()

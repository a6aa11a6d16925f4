"""Retention deletes a little at a time, whatever a session weighs, and the file shrinks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import update

from orderguard.domain.people.merchant import Merchant
from orderguard.running.wiring import now
from orderguard.storage import session_deletion
from orderguard.storage.database import SqlDatabase
from orderguard.storage.retention import evict_idle, sweep_sessions
from orderguard.storage.sqlite import open_sqlite, sqlite_path
from orderguard.storage.tables import (
    analyses,
    cart_bindings,
    offer_sessions,
    session_carts,
    session_quotes,
)
from tests.support.builders import a_cart, a_line
from tests.support.databases import new_database_url, sqlite_only
from tests.support.recording import MERCHANT, an_analysis, count, execute, record

LATER = now() + timedelta(days=40)
TABLES = (analyses, session_carts, session_quotes, cart_bindings, offer_sessions)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return new_database_url(tmp_path)


@pytest.fixture
def database(url: str) -> Iterator[SqlDatabase]:
    opened = SqlDatabase(url)
    with opened.begin() as work:
        work.merchants.add(Merchant(MERCHANT, "shop", now()))
    yield opened
    opened.dispose()


def _counted(url: str) -> None:
    execute(url, update(offer_sessions).values(counted=offer_sessions.c.analysis_count))


def _rows(url: str) -> dict[str, int]:
    return {table.name: count(url, table) for table in TABLES}


def test_a_batch_is_bounded_by_rows_and_a_session_goes_after_its_analyses(
    url: str, database: SqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_deletion, "ROWS_AT_ONCE", 10)
    record(url, *[an_analysis(cart_id=f"c-{n // 8}") for n in range(24)])
    _counted(url)

    seen = []
    is_more = True
    while is_more:
        with database.begin() as work:
            evicted, is_more = evict_idle(work.connection, idle_since=LATER)
        seen.append((evicted, count(url, analyses), count(url, offer_sessions)))

    left = [24, *(analyses_left for _, analyses_left, _ in seen)]
    lost = [before - after for before, after in pairwise(left)]
    assert max(lost) <= 10
    assert 3 == sum(each[0] for each in seen)
    assert dict.fromkeys(_rows(url), 0) == _rows(url)


def test_a_batch_is_bounded_by_bytes(
    url: str, database: SqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_deletion, "BYTES_AT_ONCE", 50_000)
    fat = [a_cart(a_line(title="x" * 10_000, id=str(number))) for number in range(20)]
    record(url, *[an_analysis(cart, cart_id="fat") for cart in fat])
    _counted(url)

    with database.begin() as work:
        first = evict_idle(work.connection, idle_since=LATER)
    assert (0, True) == first
    assert 0 < count(url, session_carts) < 20
    assert 1 == count(url, offer_sessions)

    assert 1 == sum(sweep_sessions(database, idle_since=LATER, pause=lambda _seconds: None))
    assert dict.fromkeys(_rows(url), 0) == _rows(url)


def test_what_an_order_refers_to_and_what_is_not_counted_stays(
    url: str, database: SqlDatabase
) -> None:
    kept, uncounted, idle = record(url, *[an_analysis(cart_id=str(n)) for n in range(3)])
    _counted(url)
    execute(
        url,
        update(offer_sessions).where(offer_sessions.c.id == kept.session).values(is_kept=True),
    )
    execute(
        url,
        update(offer_sessions).where(offer_sessions.c.id == uncounted.session).values(counted=0),
    )

    assert [1] == list(sweep_sessions(database, idle_since=LATER))

    assert 2 == count(url, session_carts)
    assert 0 == count(url, offer_sessions, offer_sessions.c.id == idle.session)


@sqlite_only
def test_the_file_and_its_log_shrink_after_a_sweep(url: str, database: SqlDatabase) -> None:
    path = sqlite_path(url)
    carts = [a_cart(a_line(title="x" * 60_000, id=str(number))) for number in range(300)]
    record(url, *[an_analysis(cart, cart_id="c") for cart in carts])
    _counted(url)
    with closing(open_sqlite(path, busy_timeout_ms=1_000)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    before = path.stat().st_size
    assert before > 15_000_000

    pauses: list[float] = []
    list(sweep_sessions(database, idle_since=LATER, pause=pauses.append))

    assert path.stat().st_size < before / 2
    assert 0 == path.with_name(f"{path.name}-wal").stat().st_size
    assert len(pauses) > 8


@sqlite_only
def test_a_file_that_cannot_shrink_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    path.touch()
    with closing(open_sqlite(path, busy_timeout_ms=1_000)) as connection:
        connection.execute("CREATE TABLE old (value)")
    database = SqlDatabase(f"sqlite:///{path}")

    assert not database.give_back_room()
    database.dispose()

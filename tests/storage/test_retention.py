"""Retention deletes a little at a time, whatever a session weighs, and the file shrinks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import event, update

from orderguard.domain.ids import MerchantId
from orderguard.domain.people.merchant import Merchant
from orderguard.running.wiring import now
from orderguard.storage import retention, session_deletion
from orderguard.storage.database import SqlDatabase
from orderguard.storage.retention import sweep_sessions
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

    seen = [
        (evicted, count(url, analyses))
        for evicted in sweep_sessions(database, idle_since=LATER, pause=lambda _seconds: None)
    ]

    left = [24, *(analyses_left for _, analyses_left in seen)]
    lost = [before - after for before, after in pairwise(left)]
    assert max(lost) <= 10
    assert 3 == sum(evicted for evicted, _ in seen)
    assert dict.fromkeys(_rows(url), 0) == _rows(url)


def test_a_batch_is_bounded_by_bytes(
    url: str, database: SqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_deletion, "BYTES_AT_ONCE", 50_000)
    fat = [a_cart(a_line(title="x" * 10_000, id=str(number))) for number in range(20)]
    record(url, *[an_analysis(cart, cart_id="fat") for cart in fat])
    _counted(url)

    sweep = sweep_sessions(database, idle_since=LATER, pause=lambda _seconds: None)
    assert 0 == next(sweep)
    assert 0 < count(url, session_carts) < 20
    assert 1 == count(url, offer_sessions)

    assert 1 == sum(sweep)
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


def test_sessions_that_stay_are_passed_once_and_each_batch_begins_behind_the_one_before(
    url: str, database: SqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "SESSIONS_AT_ONCE", 3)
    with database.begin() as work:
        work.merchants.add(Merchant(MerchantId("mer_2"), "another", now()))
    made = record(url, *[an_analysis(cart_id=str(n)) for n in range(12)])
    others = record(url, *[an_analysis(cart_id=str(n), merchant="mer_2") for n in range(4)])
    _counted(url)
    kept = [each.session for each in [*made[:6:2], others[0]]]
    is_kept = offer_sessions.c.id.in_(kept)
    execute(url, update(offer_sessions).where(is_kept).values(is_kept=True))

    pauses: list[float] = []
    evicted = list(sweep_sessions(database, idle_since=LATER, pause=pauses.append))

    assert 12 == sum(evicted)
    assert max(evicted) == 3
    assert max(pauses) <= retention.PAUSE_SECONDS
    assert 4 == count(url, offer_sessions) == count(url, offer_sessions, is_kept)
    assert 4 == count(url, session_quotes) == count(url, session_carts) == count(url, analyses)


def test_a_batch_looks_its_sessions_up_by_lists_of_ids_and_not_by_pairs(
    url: str, database: SqlDatabase
) -> None:
    record(url, *[an_analysis(cart_id=str(n)) for n in range(3)])
    _counted(url)
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    assert 3 == sum(sweep_sessions(database, idle_since=LATER))

    # Pairs of merchant and session are an arm of the plan each: PostgreSQL needs 300 ms for them.
    assert [each for each in seen if " IN (" in each]
    assert not [each for each in seen if "IN ((" in each]


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

"""On PostgreSQL a batch is one look-up and one write, also when another process is faster."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import psycopg
import pytest

from orderguard.domain.offers.analysis import RecordedAnalysis
from orderguard.storage import postgresql_one_statement
from orderguard.storage.byte_quota import ByteQuota
from orderguard.storage.group_commit import waiting_for
from orderguard.storage.postgresql_address import PostgresqlAddress
from orderguard.storage.postgresql_journal import PostgresqlJournal
from orderguard.storage.postgresql_one_statement import record_at_once
from orderguard.storage.postgresql_session import connect
from tests.storage.test_journal import MERCHANT, an_analysis
from tests.support.databases import new_database_url, postgresql_only

pytestmark = postgresql_only


@pytest.fixture
def url(tmp_path: Path) -> str:
    return new_database_url(tmp_path)


class Counted:
    """A connection that counts its round trips."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.trips = 0

    async def fetch(self, *arguments: Any) -> Any:
        self.trips += 1
        return await self._connection.fetch(*arguments)


def test_carts_new_and_known_take_two_round_trips_together(url: str) -> None:
    async def trips_of(connection: Counted, *carts: str) -> int:
        before = connection.trips
        batch = [waiting_for(an_analysis(cart_id=each)) for each in carts]
        outcomes = await record_at_once(connection, batch, ByteQuota(0))  # type: ignore[arg-type]
        assert all(isinstance(each, RecordedAnalysis) for each in outcomes)
        return connection.trips - before

    async def count() -> list[int]:
        real = await connect(PostgresqlAddress.parse(url))
        connection = Counted(real)
        trips = [
            await trips_of(connection, "a", "b"),
            await trips_of(connection, "b", "c", "a"),
        ]
        await real.close()
        return trips

    assert [2, 2] == asyncio.run(count())
    assert {"a": 2, "b": 2, "c": 1} == _counts(url)


@pytest.mark.parametrize("is_known", [False, True])
def test_a_process_that_was_faster_is_noticed_and_nothing_is_written_twice(
    url: str, monkeypatch: pytest.MonkeyPatch, is_known: bool
) -> None:
    write = postgresql_one_statement._Carrier._write
    address = PostgresqlAddress.parse(url)

    async def race() -> tuple[RecordedAnalysis, RecordedAnalysis]:
        ours, theirs = PostgresqlJournal(address), PostgresqlJournal(address)
        ours.start()
        theirs.start()
        if is_known:
            await ours.record(an_analysis(cart_id="c"))
        faster: list[RecordedAnalysis] = []

        async def overtaken(carrier: Any) -> None:
            if not faster:  # they record the same cart between our look-up and our write
                monkeypatch.setattr(postgresql_one_statement._Carrier, "_write", write)
                faster.append(await theirs.record(an_analysis(cart_id="c")))
            await write(carrier)

        monkeypatch.setattr(postgresql_one_statement._Carrier, "_write", overtaken)
        recorded = await ours.record(an_analysis(cart_id="c"))
        await ours.stop()
        await theirs.stop()
        return faster[0], recorded

    faster, recorded = asyncio.run(race())

    assert faster.session == recorded.session
    assert faster.ordinal + 1 == recorded.ordinal == _counts(url)["c"]


def test_two_processes_with_the_same_carts_number_every_analysis_once(url: str) -> None:
    address = PostgresqlAddress.parse(url)

    async def hammer() -> list[tuple[str, RecordedAnalysis]]:
        journals = [PostgresqlJournal(address) for _ in range(2)]
        for journal in journals:
            journal.start()

        async def record(number: int) -> tuple[str, RecordedAnalysis]:
            cart = f"cart-{number % 7}"
            await asyncio.sleep(number % 10 / 1000)
            return cart, await journals[number % 2].record(an_analysis(cart_id=cart))

        recorded = await asyncio.gather(*(record(number) for number in range(280)))
        for journal in journals:
            await journal.stop()
        return recorded

    ordinals = defaultdict(list)
    sessions = defaultdict(set)
    for cart, recorded in asyncio.run(hammer()):
        ordinals[cart].append(recorded.ordinal)
        sessions[cart].add(recorded.session)

    assert [list(range(1, 41))] * 7 == [sorted(each) for each in ordinals.values()]
    assert [1] * 7 == [len(each) for each in sessions.values()]
    assert dict.fromkeys(ordinals, 40) == _counts(url)


def test_a_statement_that_fails_leaves_nothing(url: str) -> None:
    async def fail() -> None:
        connection = await connect(PostgresqlAddress.parse(url))
        batch = [waiting_for(an_analysis(cart_id="c", request_id="\0"))]
        with pytest.raises(asyncpg.PostgresError):
            await record_at_once(connection, batch, ByteQuota(0))
        await connection.close()

    asyncio.run(fail())
    assert {} == _counts(url)


def _counts(url: str) -> dict[str, int]:
    """The number of analyses on record of each cart; the session must say the same."""
    with closing(psycopg.connect(url)) as connection:
        rows = connection.execute(
            "SELECT b.cart_id, s.analysis_count, (SELECT count(*) FROM analyses a WHERE "
            "a.session_id = s.id), (SELECT max(ordinal) FROM analyses a WHERE a.session_id = s.id) "
            "FROM cart_bindings b LEFT JOIN offer_sessions s ON s.id = b.session_id "
            "WHERE b.merchant_id = %s",
            [MERCHANT],
        ).fetchall()
    assert all(said == found == last for _, said, found, last in rows)
    return {cart: said for cart, said, _, _ in rows}

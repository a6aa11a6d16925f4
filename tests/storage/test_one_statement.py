"""On PostgreSQL a batch is one round trip, and says what a transaction of steps would say."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import psycopg
import pytest
from sqlalchemy import update

from orderguard.actions.ports.journal import DecidedForAnotherSession
from orderguard.domain.ids import SessionId
from orderguard.domain.offers.analysis import Analysis, RecordedAnalysis
from orderguard.randomness import new_session_id
from orderguard.running.wiring import now
from orderguard.storage import postgresql_recording
from orderguard.storage.byte_quota import ByteQuota
from orderguard.storage.group_commit import Outcome, waiting_for
from orderguard.storage.kept_analyses import ANALYSES_KEPT
from orderguard.storage.postgresql_address import PostgresqlAddress
from orderguard.storage.postgresql_journal import PostgresqlJournal
from orderguard.storage.postgresql_one_statement import AtOnce, record_at_once
from orderguard.storage.postgresql_session import connect
from orderguard.storage.tables import analyses, offer_sessions
from tests.support.databases import new_database_url, postgresql_only
from tests.support.recording import (
    MERCHANT,
    an_analysis,
    count,
    execute,
    mark_has_order,
    record,
)
from tests.support.recording import record_at_once as record_at_the_same_moment

pytestmark = postgresql_only


@pytest.fixture
def url(tmp_path: Path) -> str:
    return new_database_url(tmp_path)


class Counted:
    """A connection that counts its statements, each of which is a round trip."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.trips = 0

    async def fetch(self, *arguments: Any) -> Any:
        self.trips += 1
        return await self._connection.fetch(*arguments)


def _recording(url: str, *batches: Sequence[Analysis]) -> list[tuple[AtOnce, int]]:
    """What one statement records of each batch, and how many round trips that took."""

    async def each() -> list[tuple[AtOnce, int]]:
        real, quota = await connect(PostgresqlAddress.parse(url)), ByteQuota(10**9)
        found = []
        for batch in batches:
            connection: Any = Counted(real)
            waiting = [waiting_for(analysis) for analysis in batch]
            at_once = await record_at_once(connection, waiting, quota)
            found.append((at_once, connection.trips))
        await real.close()
        return found

    return asyncio.run(each())


def test_a_batch_of_new_known_and_named_sessions_is_one_round_trip(url: str) -> None:
    (known,) = record(url, an_analysis(cart_id="known"))
    batch = [
        an_analysis(cart_id="known"),
        an_analysis(cart_id="new"),
        an_analysis(),
        an_analysis(cart_id="new"),
    ]

    # The first batch of a process reads how much of the quota others have used.
    _, (recorded, trips) = _recording(url, [an_analysis(cart_id="first")], batch)
    named = an_analysis(session=known.session, cart_id="named")
    (of_named, _), *_ = _recording(url, [named])

    assert 1 == trips
    outcomes = [each for each in recorded.outcomes if isinstance(each, RecordedAnalysis)]
    assert [2, 1, 1, 2] == [each.ordinal for each in outcomes]
    assert [RecordedAnalysis(known.session, 3)] == of_named.outcomes
    assert {"first": 1, "known": 3, "new": 2, "named": 3} == _counts(url)


def test_what_the_statement_must_not_decide_is_left_out_with_nothing_written(url: str) -> None:
    ordered, full, two = record(
        url, *[an_analysis(cart_id=cart) for cart in ("ordered", "full", "one")]
    )
    record(url, an_analysis(cart_id="other", session=two.session))
    mark_has_order(url, ordered.session, has_order=True)
    execute(
        url,
        update(offer_sessions)
        .where(offer_sessions.c.id == full.session)
        .values(analysis_count=ANALYSES_KEPT),
    )
    fixed = an_analysis(cart_id="one")
    left_out = [
        an_analysis(cart_id="ordered"),
        an_analysis(cart_id="full"),
        an_analysis(session=full.session),
        an_analysis(session=new_session_id(now())),
        an_analysis(cart_id="one"),  # with the next one in a session, of which neither knows
        an_analysis(cart_id="other"),
    ]

    _, (found, _), (decided, _) = _recording(
        url,
        [an_analysis()],
        [*left_out, an_analysis(cart_id="neighbour")],
        [replace(fixed, decided_for=fixed.new_session)],
    )

    assert [None] * 6 == found.outcomes[:6]
    assert isinstance(found.outcomes[6], RecordedAnalysis)
    assert [None] == decided.outcomes
    assert 6 == count(url, analyses)


def test_bytes_of_what_was_left_out_are_given_back(url: str) -> None:
    (ordered,) = record(url, an_analysis(cart_id="ordered"))
    mark_has_order(url, ordered.session, has_order=True)
    quota = ByteQuota(10**9)

    async def taken(**changes: Any) -> int:
        connection = await connect(PostgresqlAddress.parse(url))
        before = quota._days[MERCHANT].counted if MERCHANT in quota._days else 0
        with suppress(asyncpg.PostgresError):
            await record_at_once(connection, [waiting_for(an_analysis(**changes))], quota)
        await connection.close()
        return quota._days[MERCHANT].counted - before

    assert asyncio.run(taken(cart_id="new")) > 0
    assert 0 == asyncio.run(taken(cart_id="ordered"))
    assert 0 == asyncio.run(taken(request_id="\0"))


@pytest.mark.parametrize("seed", range(3))
def test_one_statement_records_what_a_transaction_records(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    urls = [new_database_url(tmp_path / name) for name in ("at-once", "in-steps")]
    sessions: list[SessionId] = []

    def an_arrival(number: int) -> Analysis:
        fresh = an_analysis(price=chance.choice([1_00, 2_98]), request_id=str(chance.random()))
        named = chance.choice(sessions) if sessions and chance.random() < 0.3 else None
        # Of several named sessions that bind a cart id at the same moment any may win.
        cart = chance.choice("abcdef") if chance.random() < 0.8 and not (named and number) else None
        decided = fresh.new_session if chance.random() < 0.1 and not named else None
        return replace(fresh, session=named, cart_id=cart, decided_for=decided)

    for _ in range(25):
        batch = [an_arrival(number) for number in range(chance.randrange(1, 9))]
        recorded = record_at_the_same_moment(urls[0], *batch, journals=1)
        in_steps = asyncio.run(_in_steps(urls[1], batch))
        assert [_plain(each) for each in recorded] == [_plain(each) for each in in_steps]
        sessions += [each.session for each in recorded if isinstance(each, RecordedAnalysis)]
        if chance.random() < 0.3:
            for url in urls:
                mark_has_order(url, sessions[-1], has_order=True)

    assert _contents(urls[0]) == _contents(urls[1])


async def _in_steps(url: str, batch: Sequence[Analysis]) -> Sequence[Outcome]:
    connection = await connect(PostgresqlAddress.parse(url))
    async with connection.transaction():
        waiting = [waiting_for(analysis) for analysis in batch]
        outcomes = await postgresql_recording.record(connection, waiting, ByteQuota(0))
    await connection.close()
    return outcomes


def _plain(outcome: object) -> object:
    if isinstance(outcome, DecidedForAnotherSession):
        return outcome.actual
    return outcome if isinstance(outcome, RecordedAnalysis) else type(outcome)


def _contents(url: str) -> dict[str, list[Any]]:
    with closing(psycopg.connect(url)) as connection:
        return {
            table: sorted(connection.execute(f"SELECT {table}::text FROM {table}").fetchall())
            for table in (
                "cart_bindings", "offer_sessions", "analyses", "session_carts", "session_quotes"
            )
        }  # fmt: skip


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

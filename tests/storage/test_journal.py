"""Group commit: shared, fair to neighbours, bounded, and gone before it hurts the checkout."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.errors import SessionNotFound, StorageUnavailable
from orderguard.domain.ids import MerchantId, SessionId
from orderguard.domain.offers.analysis import Analysis, RecordedAnalysis
from orderguard.domain.offers.offer import Offer
from orderguard.randomness import new_session_id
from orderguard.running.wiring import now
from orderguard.storage import postgresql_journal, postgresql_session, sqlite_journal
from orderguard.storage.postgresql_address import PostgresqlAddress
from orderguard.storage.postgresql_journal import PostgresqlJournal
from orderguard.storage.sqlite import sqlite_path
from orderguard.storage.sqlite_journal import SqliteJournal
from tests.support.builders import a_cart
from tests.support.databases import ON_POSTGRESQL, new_database_url, postgresql_only

MERCHANT = MerchantId("mer_1")


Journal = SqliteJournal | PostgresqlJournal


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    # A test that holds a lock for a moment may be held up itself; the journal is to wait for it.
    monkeypatch.setattr(
        postgresql_session, "SETTINGS", {**postgresql_session.SETTINGS, "lock_timeout": "1000"}
    )
    return new_database_url(tmp_path)


class Commits:
    """What the journal reports of its commits."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def __call__(self, _seconds: float, analyses: int) -> None:
        self.sizes.append(analyses)


def _new_journal(url: str, commits: Commits) -> Journal:
    if ON_POSTGRESQL:
        return PostgresqlJournal(PostgresqlAddress.parse(url), observe_commit=commits)
    return SqliteJournal(sqlite_path(url), observe_commit=commits)


@asynccontextmanager
async def _journal(url: str, commits: Commits | None = None) -> AsyncIterator[Journal]:
    journal = _new_journal(url, commits or Commits())
    journal.start()
    try:
        yield journal
    finally:
        await journal.stop()


@contextmanager
def _locked(url: str) -> Iterator[None]:
    """Somebody else is writing, and takes their time."""
    with closing(_connect(url)) as connection:
        for statement in _LOCK:
            connection.execute(statement)
        yield
        connection.execute("ROLLBACK")


_LOCK = (
    ("BEGIN", "LOCK TABLE offer_sessions, cart_bindings, analyses")
    if ON_POSTGRESQL
    else ("BEGIN EXCLUSIVE",)
)


def _connect(url: str) -> Any:
    if ON_POSTGRESQL:
        return psycopg.connect(url, autocommit=True)
    return sqlite3.connect(sqlite_path(url), isolation_level=None)


def an_analysis(**changes: Any) -> Analysis:
    analysis = Analysis(
        merchant=MERCHANT,
        session=None,
        cart_id=None,
        new_session=new_session_id(now()),
        cart=a_cart(),
        offer=Offer(EligibilityReason.EMPTY_CART),
        configuration_version=None,
        request_id="req",
        at=now(),
    )
    return replace(analysis, **changes)


async def _together(
    url: str, journal: Journal, analyses: list[Analysis]
) -> list[RecordedAnalysis | BaseException]:
    """The outcomes of analyses that all waited for the same lock."""
    with _locked(url):
        calls = [asyncio.ensure_future(journal.record(each)) for each in analyses]
        await asyncio.sleep(0.05)
    return await asyncio.gather(*calls, return_exceptions=True)


def in_a_loop(test: Callable[[str], Coroutine[Any, Any, None]]) -> Callable[[str], None]:
    def run(url: str) -> None:
        asyncio.run(test(url))

    run.__name__ = test.__name__
    return run


@in_a_loop
async def test_analyses_that_wait_together_share_commits(url: str) -> None:
    commits = Commits()
    async with _journal(url, commits) as journal:
        outcomes = await _together(url, journal, [an_analysis() for _ in range(100)])

    assert all(isinstance(each, RecordedAnalysis) for each in outcomes)
    assert 100 == sum(commits.sizes)
    # The first may have gone ahead alone; whoever came meanwhile went together.
    assert len(commits.sizes) <= 2


@in_a_loop
async def test_a_row_that_violates_a_constraint_does_not_fail_its_neighbours(url: str) -> None:
    taken = new_session_id(now())
    analyses = [an_analysis() for _ in range(20)]
    analyses[13] = an_analysis(new_session=taken, cart_id="c")

    async with _journal(url) as journal:
        await journal.record(an_analysis(new_session=taken))
        outcomes = await _together(url, journal, analyses)

    assert isinstance(outcomes.pop(13), StorageUnavailable)
    assert all(isinstance(each, RecordedAnalysis) for each in outcomes)
    assert 20 == _count(url, "offer_sessions")
    assert 20 == _count(url, "analyses")
    assert 0 == _count(url, "cart_bindings")


@in_a_loop
async def test_a_row_that_cannot_even_be_bound_does_not_fail_its_neighbours(url: str) -> None:
    analyses = [an_analysis() for _ in range(20)]
    analyses[7] = an_analysis(request_id="\ud800")

    async with _journal(url) as journal:
        outcomes = await _together(url, journal, analyses)

    assert isinstance(outcomes.pop(7), StorageUnavailable)
    assert all(isinstance(each, RecordedAnalysis) for each in outcomes)
    assert 19 == _count(url, "offer_sessions")


@postgresql_only
@pytest.mark.parametrize("changes", [{"configuration_version": 2**40}, {"request_id": "\0"}])
def test_a_row_that_only_postgresql_refuses_does_not_fail_its_neighbours(
    url: str, changes: dict[str, Any]
) -> None:
    async def neighbours() -> None:
        analyses = [an_analysis() for _ in range(20)]
        analyses[7] = an_analysis(**changes)

        async with _journal(url) as journal:
            outcomes = await _together(url, journal, analyses)

        assert isinstance(outcomes.pop(7), StorageUnavailable)
        assert all(isinstance(each, RecordedAnalysis) for each in outcomes)

    asyncio.run(neighbours())


@in_a_loop
async def test_a_cart_whose_session_has_vanished_begins_anew_in_one_session(url: str) -> None:
    async with _journal(url) as journal:
        first = await journal.record(an_analysis(cart_id="c"))
        with closing(_connect(url)) as connection:
            connection.execute("DELETE FROM analyses")
            connection.execute("DELETE FROM offer_sessions")
        outcomes = await _together(url, journal, [an_analysis(cart_id="c") for _ in range(20)])

    recorded = [each for each in outcomes if isinstance(each, RecordedAnalysis)]
    assert first.session not in {each.session for each in recorded}
    assert 1 == len({each.session for each in recorded})
    assert list(range(1, 21)) == sorted(each.ordinal for each in recorded)


@in_a_loop
async def test_a_batch_of_old_and_new_carts_is_counted_as_if_each_came_alone(url: str) -> None:
    carts = [f"cart {number % 7}" for number in range(70)]
    async with _journal(url) as journal:
        for cart in carts[:3]:
            await journal.record(an_analysis(cart_id=cart))
        outcomes = await _together(url, journal, [an_analysis(cart_id=cart) for cart in carts])

    ordinals: dict[str, list[int]] = {}
    sessions: dict[str, set[str]] = {}
    for cart, outcome in zip(carts, outcomes, strict=True):
        assert isinstance(outcome, RecordedAnalysis)
        ordinals.setdefault(cart, []).append(outcome.ordinal)
        sessions.setdefault(cart, set()).add(outcome.session)
    assert [1] * 7 == [len(each) for each in sessions.values()]
    assert [list(range(2, 12))] * 3 + [list(range(1, 11))] * 4 == list(ordinals.values())
    assert 73 == _count(url, "analyses")


@in_a_loop
async def test_an_unknown_session_does_not_fail_its_neighbours(url: str) -> None:
    analyses = [an_analysis() for _ in range(20)]
    analyses[7] = an_analysis(session=SessionId("lop_a1b2c3d4e5f6g7h8i9j0"), cart_id="c")

    async with _journal(url) as journal:
        outcomes = await _together(url, journal, analyses)

    assert isinstance(outcomes.pop(7), SessionNotFound)
    assert all(isinstance(each, RecordedAnalysis) for each in outcomes)
    assert 0 == _count(url, "cart_bindings")


@pytest.fixture
def short_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (sqlite_journal, postgresql_journal):
        monkeypatch.setattr(module, "QUEUE_LIMIT", 4)


def test_past_the_limit_of_the_queue_nobody_has_to_wait(short_queue: None, url: str) -> None:
    async def crowd() -> None:
        async with _journal(url) as journal:
            with _locked(url):
                calls = [asyncio.ensure_future(journal.record(an_analysis())) for _ in range(100)]
                await asyncio.sleep(0.05)
                refused = [call for call in calls if call.done()]
            outcomes = await asyncio.gather(*calls, return_exceptions=True)

        # Four may wait, and at most four more are with the writer already.
        assert len(refused) >= 92
        assert all(isinstance(call.exception(), StorageUnavailable) for call in refused)
        recorded = [each for each in outcomes if isinstance(each, RecordedAnalysis)]
        assert 100 - len(refused) == len(recorded) == _count(url, "analyses")

    asyncio.run(crowd())


@in_a_loop
async def test_a_caller_who_gives_up_disturbs_nobody(url: str) -> None:
    async with _journal(url) as journal:
        with _locked(url):
            impatient = asyncio.ensure_future(journal.record(an_analysis()))
            patient = asyncio.ensure_future(journal.record(an_analysis()))
            await asyncio.sleep(0.05)
            impatient.cancel()
        assert RecordedAnalysis is type(await patient)

    assert 2 == _count(url, "analyses")


@in_a_loop
async def test_what_waits_is_written_before_the_journal_stops(url: str) -> None:
    async with _journal(url) as journal:
        calls = [asyncio.ensure_future(journal.record(an_analysis())) for _ in range(50)]
        await asyncio.sleep(0)

    assert 50 == _count(url, "analyses")
    assert all(call.done() for call in calls) or await asyncio.gather(*calls)
    with pytest.raises(StorageUnavailable):
        await journal.record(an_analysis())


@in_a_loop
async def test_a_lock_that_lasts_is_reported_and_forgotten_when_it_ends(url: str) -> None:
    async with _journal(url) as journal:
        with _locked(url), pytest.raises(StorageUnavailable):
            await journal.record(an_analysis())
        assert 1 == (await journal.record(an_analysis())).ordinal


@in_a_loop
async def test_the_later_of_two_times_is_the_time_of_the_session(url: str) -> None:
    early, late = now().replace(year=2026), now().replace(year=2030)
    async with _journal(url) as journal:
        first = await journal.record(an_analysis(at=late))
        await journal.record(an_analysis(session=first.session, at=early))
        session = await journal.find_offer_session(MERCHANT, first.session)

    assert session
    assert (late, late, 2) == (session.created_at, session.updated_at, session.analysis_count)


@in_a_loop
async def test_a_session_of_another_merchant_is_neither_found_nor_continued(url: str) -> None:
    async with _journal(url) as journal:
        ours = await journal.record(an_analysis(cart_id="c"))
        stranger = MerchantId("mer_2")

        assert None is await journal.find_offer_session(stranger, ours.session)
        assert None is await journal.find_session_of_cart(stranger, "c")
        with pytest.raises(SessionNotFound):
            await journal.record(an_analysis(merchant=stranger, session=ours.session))


def _count(url: str, table: str) -> int:
    with closing(_connect(url)) as connection:
        (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    number: int = count
    return number

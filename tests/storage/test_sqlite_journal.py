"""Group commit: shared, fair to neighbours, bounded, and gone before it hurts the checkout."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from orderguard.domain.analysis import Analysis, RecordedAnalysis
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.errors import SessionNotFound, StorageUnavailable
from orderguard.domain.ids import MerchantId, SessionId
from orderguard.domain.offer import Offer
from orderguard.randomness import new_session_id
from orderguard.storage import schema, sqlite_journal
from orderguard.storage.database import SqlDatabase
from orderguard.storage.sqlite_journal import SqliteJournal
from orderguard.wiring import now
from tests.support.builders import a_cart

MERCHANT = MerchantId("mer_1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    database = SqlDatabase(f"sqlite:///{tmp_path / 'orderguard.db'}")
    schema.upgrade(database)
    database.dispose()
    return tmp_path / "orderguard.db"


class Commits:
    """What the journal reports of its commits."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def __call__(self, _seconds: float, analyses: int) -> None:
        self.sizes.append(analyses)


@asynccontextmanager
async def _journal(path: Path, commits: Commits | None = None) -> AsyncIterator[SqliteJournal]:
    journal = SqliteJournal(path, observe_commit=commits or Commits())
    journal.start()
    try:
        yield journal
    finally:
        await journal.stop()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Somebody else is writing, and takes their time."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")


def _analysis(**changes: Any) -> Analysis:
    analysis = Analysis(
        merchant=MERCHANT,
        session=None,
        cart_id=None,
        new_session=new_session_id(),
        cart=a_cart(),
        offer=Offer(EligibilityReason.EMPTY_CART),
        configuration_version=None,
        request_id="req",
        at=now(),
    )
    return replace(analysis, **changes)


async def _together(
    path: Path, journal: SqliteJournal, analyses: list[Analysis]
) -> list[RecordedAnalysis | BaseException]:
    """The outcomes of analyses that all waited for the same lock."""
    with _locked(path):
        calls = [asyncio.ensure_future(journal.record(each)) for each in analyses]
        await asyncio.sleep(0.05)
    return await asyncio.gather(*calls, return_exceptions=True)


def in_a_loop(test: Callable[[Path], Coroutine[Any, Any, None]]) -> Callable[[Path], None]:
    def run(path: Path) -> None:
        asyncio.run(test(path))

    run.__name__ = test.__name__
    return run


@in_a_loop
async def test_analyses_that_wait_together_share_commits(path: Path) -> None:
    commits = Commits()
    async with _journal(path, commits) as journal:
        outcomes = await _together(path, journal, [_analysis() for _ in range(100)])

    assert all(isinstance(each, RecordedAnalysis) for each in outcomes)
    assert 100 == sum(commits.sizes)
    # The first may have gone ahead alone; whoever came meanwhile went together.
    assert len(commits.sizes) <= 2


@in_a_loop
async def test_a_row_that_violates_a_constraint_does_not_fail_its_neighbours(path: Path) -> None:
    taken = new_session_id()
    analyses = [_analysis() for _ in range(20)]
    analyses[7] = _analysis(new_session=taken, cart_id="one")
    analyses[13] = _analysis(new_session=taken, cart_id="other")

    async with _journal(path) as journal:
        outcomes = await _together(path, journal, analyses)

    assert isinstance(outcomes.pop(13), StorageUnavailable)
    assert all(isinstance(each, RecordedAnalysis) for each in outcomes)
    assert 19 == _count(path, "offer_sessions")
    assert 19 == _count(path, "analyses")
    assert 1 == _count(path, "cart_bindings")


@in_a_loop
async def test_a_row_that_cannot_even_be_bound_does_not_fail_its_neighbours(path: Path) -> None:
    analyses = [_analysis() for _ in range(20)]
    analyses[7] = _analysis(request_id="\ud800")

    async with _journal(path) as journal:
        outcomes = await _together(path, journal, analyses)

    assert isinstance(outcomes.pop(7), StorageUnavailable)
    assert all(isinstance(each, RecordedAnalysis) for each in outcomes)
    assert 19 == _count(path, "offer_sessions")


@in_a_loop
async def test_an_unknown_session_does_not_fail_its_neighbours(path: Path) -> None:
    analyses = [_analysis() for _ in range(20)]
    analyses[7] = _analysis(session=SessionId("lop_a1b2c3d4e5f6g7h8i9j0"), cart_id="c")

    async with _journal(path) as journal:
        outcomes = await _together(path, journal, analyses)

    assert isinstance(outcomes.pop(7), SessionNotFound)
    assert all(isinstance(each, RecordedAnalysis) for each in outcomes)
    assert 0 == _count(path, "cart_bindings")


@pytest.fixture
def short_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_journal, "QUEUE_LIMIT", 4)


def test_past_the_limit_of_the_queue_nobody_has_to_wait(short_queue: None, path: Path) -> None:
    async def crowd() -> None:
        async with _journal(path) as journal:
            with _locked(path):
                calls = [asyncio.ensure_future(journal.record(_analysis())) for _ in range(100)]
                await asyncio.sleep(0.05)
                refused = [call for call in calls if call.done()]
            outcomes = await asyncio.gather(*calls, return_exceptions=True)

        # Four may wait, and at most four more are with the writer already.
        assert len(refused) >= 92
        assert all(isinstance(call.exception(), StorageUnavailable) for call in refused)
        recorded = [each for each in outcomes if isinstance(each, RecordedAnalysis)]
        assert 100 - len(refused) == len(recorded) == _count(path, "analyses")

    asyncio.run(crowd())


@in_a_loop
async def test_a_caller_who_gives_up_disturbs_nobody(path: Path) -> None:
    async with _journal(path) as journal:
        with _locked(path):
            impatient = asyncio.ensure_future(journal.record(_analysis()))
            patient = asyncio.ensure_future(journal.record(_analysis()))
            await asyncio.sleep(0.05)
            impatient.cancel()
        assert RecordedAnalysis is type(await patient)

    assert 2 == _count(path, "analyses")


@in_a_loop
async def test_what_waits_is_written_before_the_journal_stops(path: Path) -> None:
    async with _journal(path) as journal:
        calls = [asyncio.ensure_future(journal.record(_analysis())) for _ in range(50)]
        await asyncio.sleep(0)

    assert 50 == _count(path, "analyses")
    assert all(call.done() for call in calls) or await asyncio.gather(*calls)
    with pytest.raises(StorageUnavailable):
        await journal.record(_analysis())


@in_a_loop
async def test_a_lock_that_lasts_is_reported_and_forgotten_when_it_ends(path: Path) -> None:
    async with _journal(path) as journal:
        with _locked(path), pytest.raises(StorageUnavailable):
            await journal.record(_analysis())
        assert 1 == (await journal.record(_analysis())).ordinal


@in_a_loop
async def test_the_later_of_two_times_is_the_time_of_the_session(path: Path) -> None:
    early, late = now().replace(year=2026), now().replace(year=2030)
    async with _journal(path) as journal:
        first = await journal.record(_analysis(at=late))
        await journal.record(_analysis(session=first.session, at=early))
        session = await journal.find_offer_session(MERCHANT, first.session)

    assert session
    assert (late, late, 2) == (session.created_at, session.updated_at, session.analysis_count)


@in_a_loop
async def test_a_session_of_another_merchant_is_neither_found_nor_continued(path: Path) -> None:
    async with _journal(path) as journal:
        ours = await journal.record(_analysis(cart_id="c"))
        stranger = MerchantId("mer_2")

        assert None is await journal.find_offer_session(stranger, ours.session)
        assert None is await journal.find_session_of_cart(stranger, "c")
        with pytest.raises(SessionNotFound):
            await journal.record(_analysis(merchant=stranger, session=ours.session))


def _count(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    number: int = count
    return number

"""Rollups agree with the books to the cent, whatever happened, and however they were made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from orderguard.actions.close_statement import close_statement, draw_up_statement
from orderguard.actions.ports.unit_of_work import UnitOfWork
from orderguard.domain.analytics.analytics import Cell, Dimension, Measure
from orderguard.domain.analytics.funnel import SessionOutcome
from orderguard.domain.books.month import Month
from orderguard.domain.ids import SessionId
from orderguard.domain.people.audit import Change
from orderguard.randomness import new_event_id
from orderguard.running.wiring import wire_roll_up
from orderguard.storage.database import SqlDatabase
from orderguard.storage.retention import sweep_sessions
from tests.support.databases import new_database_url
from tests.support.order_desk import (
    JUNE,
    Desk,
    accepted_order,
    billed,
    of_session,
    usd,
    wire_fee,
    wire_order,
)
from tests.support.shop import A_TESTER

WEEK = timedelta(days=7)
SPAN: Any = {"first": date(2020, 1, 1), "last": date(2030, 1, 1)}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlDatabase]:
    database = SqlDatabase(new_database_url(tmp_path_factory.mktemp("analytics")))
    yield database
    database.dispose()


@pytest.fixture
def desk(database: SqlDatabase) -> Desk:
    return Desk(database, provider_share_bps=15_00)


def _roll_up(desk: Desk, *, at: datetime = JUNE) -> None:
    for _ in wire_roll_up(desk.database).catch_up(desk.id, at=at):
        pass


def _rebuild(desk: Desk, *, at: datetime = JUNE) -> None:
    for _ in wire_roll_up(desk.database).rebuild(desk.id, at=at):
        pass


def _cells(desk: Desk) -> dict[Cell, int]:
    """Every sum that is not zero."""
    found: dict[Cell, int] = {}
    with desk.database.read() as work:
        for dimension in Dimension:
            found |= work.analytics.sums(desk.id, **SPAN, dimension=dimension, by_day=True)
    return found


def _totals(desk: Desk, dimension: Dimension = Dimension.ALL) -> Counter[str]:
    totals: Counter[str] = Counter()
    with desk.database.read() as work:
        for cell, number in work.analytics.sums(desk.id, **SPAN, dimension=dimension).items():
            totals[cell.measure] += number
    return totals


def test_a_session_counts_once_however_often_it_is_rolled_up(desk: Desk) -> None:
    desk.session()

    _roll_up(desk)
    _roll_up(desk)

    totals = _totals(desk)
    assert (1, 1, 1, 1) == tuple(totals[m] for m in ("analysed", "eligible", "shown", "open"))


def test_a_month_has_the_values_of_its_own_sessions_only(desk: Desk) -> None:
    """Fees of June that are posted in July take up no room there."""
    session, july = desk.session(), JUNE.replace(month=7)
    desk.push(accepted_order(session), at=july)
    _roll_up(desk, at=july)

    with desk.database.read() as work:
        months = {JUNE.date().replace(day=1), july.date().replace(day=1)}
        values = work.analytics.values(desk.id, months)

    assert {JUNE.date().replace(day=1)} == {month for month, _ in values}
    assert [1] == [*values[JUNE.date().replace(day=1), Dimension.PLATFORM].values()]


def test_an_acceptance_takes_the_place_of_an_open_session(desk: Desk) -> None:
    session = desk.session()
    _roll_up(desk)

    desk.push(accepted_order(session))
    _roll_up(desk)

    totals = _totals(desk)
    assert (0, 1, 1) == (totals["open"], totals["accepted"], totals["orders"])
    assert (4_98, 4_98, 0) == (totals["revenue"], totals["fees"], totals["reversals"])


def test_an_open_session_is_abandoned_exactly_seven_days_later(desk: Desk) -> None:
    desk.session()

    _roll_up(desk, at=JUNE + WEEK - timedelta(microseconds=1))
    assert (1, 0) == (_totals(desk)["open"], _totals(desk)["abandoned"])

    _roll_up(desk, at=JUNE + WEEK)
    assert (0, 1) == (_totals(desk)["open"], _totals(desk)["abandoned"])


def test_a_deleted_order_leaves_no_revenue_but_its_postings(desk: Desk) -> None:
    session = desk.session()
    desk.push(accepted_order(session))
    _roll_up(desk)

    desk.delete("1001")
    _roll_up(desk)

    totals = _totals(desk)
    assert (1, 0, 0) == (totals["open"], totals["orders"], totals["revenue"])
    assert (4_98, 4_98) == (totals["fees"], totals["reversals"])


def test_an_order_that_moves_to_another_session_counts_there(desk: Desk) -> None:
    first, second = desk.session(), desk.session()
    desk.push(accepted_order(first))
    _roll_up(desk)

    desk.push(accepted_order(second))
    _roll_up(desk)

    totals = _totals(desk)
    assert (1, 1, 1) == (totals["open"], totals["accepted"], totals["orders"])


def test_an_order_without_a_session_counts_in_the_total_only(desk: Desk) -> None:
    desk.push(accepted_order())

    _roll_up(desk)

    assert 4_98 == _totals(desk)["revenue"]
    assert 1 == _totals(desk)["accepted_unlinked"]
    assert Counter() == _totals(desk, Dimension.PLATFORM)


def test_a_hidden_offer_counts_with_its_reason(desk: Desk) -> None:
    desk.session(prices=(None,))

    _roll_up(desk)

    assert 1 == _totals(desk)["hidden:empty_cart"]
    assert 0 == _totals(desk)["shown"]


def test_a_fee_that_is_taken_off_after_the_order_is_a_removal(desk: Desk) -> None:
    session = desk.session()
    desk.push(accepted_order(session))
    desk.push(accepted_order(session, fees=[]))

    _roll_up(desk)

    totals = _totals(desk)
    assert (1, 1, 0) == (totals["removed"], totals["declined"], totals["revenue"])


def test_evicted_sessions_still_happened(desk: Desk) -> None:
    desk.session()
    _roll_up(desk)
    assert sum(sweep_sessions(desk.database, idle_since=JUNE + WEEK))

    _roll_up(desk, at=JUNE + WEEK * 9)
    incremental = _cells(desk)
    _rebuild(desk, at=JUNE + WEEK * 9)

    assert 1 == _totals(desk)["abandoned"]
    assert incremental == _cells(desk)


def test_two_processes_at_the_same_round_count_nothing_twice(desk: Desk) -> None:
    desk.session()
    with desk.database.read() as work:
        seen = work.analytics.round(desk.id)

    _roll_up(desk)
    with desk.database.begin() as work:
        is_through = work.analytics.advance(desk.id, seen)

    assert not is_through


def test_who_was_overtaken_goes_on_with_what_is_left(desk: Desk) -> None:
    desk.session()
    roll_up = wire_roll_up(desk.database)

    class Overtaken:
        """A database in which another process is faster, once, and then a session comes."""

        reads = 0

        @contextmanager
        def read(self) -> Iterator[UnitOfWork]:
            with desk.database.read() as work:
                yield work
            self.reads += 1
            if self.reads == 1:
                _roll_up(desk)
                desk.session()

        def begin(self) -> AbstractContextManager[UnitOfWork]:
            return desk.database.begin()

    for _ in replace(roll_up, database=Overtaken()).catch_up(desk.id, at=JUNE):
        pass

    assert 2 == _totals(desk)["analysed"]


def test_other_merchants_numbers_are_not_seen(desk: Desk) -> None:
    desk.session()
    _roll_up(desk)

    assert {} == _cells(Desk(desk.database))


FEES: list[list[dict[str, Any]]] = [
    [],
    [wire_fee()],
    [wire_fee()],
    [wire_fee(5_01)],
    [wire_fee(2_98, ["returnCoverage"])],
    [wire_fee(4_60, currency="EUR")],
    [wire_fee(700, currency="JPY"), wire_fee(1)],
]
REFUNDS = [
    {"external_id": "r1", "type": "fee", "amount": usd(2_00), "line_items": []},
    {"external_id": "r2", "type": "fee", "amount": usd(4_98), "line_items": []},
    {"external_id": "r3", "type": "other", "amount": usd(54_98), "line_items": []},
]


def _live(desk: Desk, random: Random, at: datetime) -> None:
    """One thing that happens to a shop."""
    name = str(random.randrange(6))
    sessions = _sessions_of(desk)
    session = random.choice(sessions) if sessions else None
    match random.randrange(8):
        case 0 | 1:
            desk.session(
                prices=random.choice([(2_00,), (None,), (2_00, None), (3_00, 2_00)]), at=at
            )
        case 2:
            with desk.database.read() as work:
                exists = work.orders.find_by_external_id(desk.id, name)
            if exists:
                desk.delete(name, at=at)
        case _:
            changes: dict[str, Any] = {
                "fees": random.choice(FEES),
                "metadata": of_session(session) if session and random.random() < 0.8 else [],
                "status": random.choice(["active", "active", "active", "cancelled"]),
                "refunds": random.sample(REFUNDS, random.choice([0, 0, 1, 2])),
            }
            desk.push(wire_order(name, **changes), at=at)


def _sessions_of(desk: Desk) -> list[SessionId]:
    with desk.database.read() as work:
        changed = work.analytics.subjects_after(desk.id, "", limit=100)  # type: ignore[arg-type]
    return [SessionId(subject) for subject in changed if subject.startswith("lop_")]


@pytest.mark.parametrize("seed", range(25))
def test_after_any_history_the_rollups_agree_with_the_books_to_the_cent(
    desk: Desk, seed: int
) -> None:
    random, at = Random(seed), JUNE
    for _ in range(30):
        _live(desk, random, at)
        before, at = at, at + timedelta(hours=random.randrange(60))
        if Month.of(before) < Month.of(at):
            # From here on, what happens to that month's orders belongs to a later one.
            close_statement(
                desk.database,
                desk.id,
                Month.of(before),
                change=Change(A_TESTER, at),
                new_event_id=new_event_id,
            )
        if random.random() < 0.4:
            _roll_up(desk, at=at)
    _roll_up(desk, at=at)

    cells = _cells(desk)

    assert _earned_by_books(desk) == _by_currency(cells, Measure.REVENUE)
    for month in (Month(2026, 6), Month(2026, 7), Month(2026, 8)):
        assert _statement(desk, month) == _month_of_rollups(cells, month)
    assert _funnel(desk, at) == {
        outcome: number for outcome in SessionOutcome if (number := _total(cells, outcome))
    }
    _rebuild(desk, at=at)
    assert cells == _cells(desk)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2026-06-12", "2026-06-12"),
        ("2026-06-12", "2026-06-29"),
        ("2026-06-12", "2026-07-11"),
        ("2026-06-01", "2026-06-30"),
        ("2026-06-02", "2026-08-30"),
        ("2026-05-31", "2026-08-31"),
        ("2025-12-31", "2027-01-01"),
        ("2000-01-01", "9999-12-31"),
    ],
)
def test_a_span_is_the_sum_of_its_days(database: SqlDatabase, first: str, last: str) -> None:
    desk, random, at = Desk(database, provider_share_bps=15_00), Random(7), JUNE
    for _ in range(40):
        _live(desk, random, at)
        at += timedelta(hours=random.randrange(96))
    _roll_up(desk, at=at)
    span: Any = {"first": date.fromisoformat(first), "last": date.fromisoformat(last)}

    with database.read() as work:
        for dimension in Dimension:
            whole = work.analytics.sums(desk.id, **span, dimension=dimension)
            days = work.analytics.sums(desk.id, **span, dimension=dimension, by_day=True)
            added: Counter[Cell] = Counter()
            for cell, number in days.items():
                added[cell._replace(day=span["first"])] += number

            assert whole == {cell: number for cell, number in added.items() if number}


def _by_currency(cells: dict[Cell, int], measure: str) -> dict[str, int]:
    found: Counter[str] = Counter()
    for cell, number in cells.items():
        if cell.dimension == Dimension.ALL and cell.measure == measure:
            found[cell.currency] += number
    return {currency: number for currency, number in found.items() if number}


def _total(cells: dict[Cell, int], outcome: SessionOutcome) -> int:
    counted = sum(_by_currency(cells, outcome).values())
    if outcome is SessionOutcome.NOT_SHOWN:
        analysed, shown = (sum(_by_currency(cells, m).values()) for m in ("analysed", "shown"))
        return analysed - shown
    return counted


def _earned_by_books(desk: Desk) -> dict[str, int]:
    found: Counter[str] = Counter()
    for (_mode, currency), amount in billed(desk.database, desk.id).items():
        found[currency] += amount
    return {currency: number for currency, number in found.items() if number}


def _statement(desk: Desk, month: Month) -> dict[str, tuple[int, int, int]]:
    with desk.database.read() as work:
        statement = draw_up_statement(work, desk.id, month)
    return {
        each.currency: (each.fees, each.reversals, each.provider_share)
        for each in statement.currencies
    }


def _month_of_rollups(cells: dict[Cell, int], month: Month) -> dict[str, tuple[int, int, int]]:
    of_month = {
        c: n for c, n in cells.items() if (c.day.year, c.day.month) == (month.year, month.number)
    }
    fees, reversals, share = (
        _by_currency(of_month, m) for m in (Measure.FEES, Measure.REVERSALS, Measure.PROVIDER_SHARE)
    )
    return {
        currency: (fees.get(currency, 0), reversals.get(currency, 0), share.get(currency, 0))
        for currency in {*fees, *reversals, *share}
    }


def _funnel(desk: Desk, at: datetime) -> dict[SessionOutcome, int]:
    found: Counter[SessionOutcome] = Counter()
    with desk.database.read() as work:
        for day in work.funnel.days(desk.id, since=datetime(2020, 1, 1, tzinfo=JUNE.tzinfo), at=at):
            found.update(day.sessions)
    return dict(found)

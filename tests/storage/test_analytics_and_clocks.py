"""However the clocks of those who write go: each session and order counts once, and months are what
their statements say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from orderguard.actions.close_statement import close_statement, draw_up_statement
from orderguard.actions.examine_analytics import examine_analytics
from orderguard.actions.ports.unit_of_work import UnitOfWork
from orderguard.domain.analytics.analytics import Dimension, Measure
from orderguard.domain.analytics.diagnosis import Finding, Severity
from orderguard.domain.books.month import Month
from orderguard.domain.ids import SessionId
from orderguard.domain.offers.offer_session import RETENTION
from orderguard.domain.people.audit import Change
from orderguard.randomness import new_event_id, new_session_id
from orderguard.running.wiring import wire_roll_up
from orderguard.storage.database import SqlDatabase
from orderguard.storage.retention import sweep_sessions
from orderguard.storage.tables import (
    analytics_facts,
    analytics_months,
    analytics_rollups,
    offer_sessions,
    orders,
)
from tests.support.databases import new_database_url, postgresql_only
from tests.support.order_desk import JUNE, Desk, accepted_order, record_session, usd, wire_order
from tests.support.shop import A_TESTER

HOURS_AHEAD = timedelta(hours=2)
LONG_AFTER = JUNE + timedelta(days=60)
A_FEE_REFUNDED = {"external_id": "r", "type": "fee", "amount": usd(4_98), "line_items": []}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlDatabase]:
    database = SqlDatabase(new_database_url(tmp_path_factory.mktemp("clocks")))
    yield database
    database.dispose()


@pytest.fixture
def desk(database: SqlDatabase) -> Desk:
    return Desk(database, provider_share_bps=15_00)


def _roll_up(desk: Desk, *, at: datetime = JUNE) -> None:
    for _ in wire_roll_up(desk.database).catch_up(desk.id, at=at):
        pass


def _rebuild(desk: Desk) -> int:
    return sum(wire_roll_up(desk.database).rebuild(desk.id, at=JUNE))


def _totals(desk: Desk, first: date = date(2020, 1, 1), last: date = date(2030, 1, 1)) -> Any:
    found: Counter[str] = Counter()
    with desk.database.read() as work:
        sums = work.analytics.sums(desk.id, first=first, last=last, dimension=Dimension.ALL)
    for cell, number in sums.items():
        found[cell.measure] += number
    return found


def _findings(desk: Desk, *, at: datetime = JUNE) -> list[Finding]:
    with desk.database.read() as work:
        return list(examine_analytics(work, desk.id, at=at))


def _forget_facts(desk: Desk) -> None:
    """Nothing is in the facts, and nothing says so: as cursors by the clock used to leave it."""
    with desk.database.begin() as work:
        for table in (analytics_facts, analytics_rollups, analytics_months):
            work.connection.execute(delete(table).where(table.c.merchant_id == desk.id))
        for counted, count in (
            (offer_sessions, offer_sessions.c.analysis_count),
            (orders, orders.c.revision),
        ):
            work.connection.execute(
                update(counted).where(counted.c.merchant_id == desk.id).values(counted=count)
            )


def test_what_a_clock_dated_ahead_hides_nothing_that_comes_after_it(desk: Desk) -> None:
    desk.session(at=JUNE + HOURS_AHEAD)
    desk.push(accepted_order(external_id="ahead"), at=JUNE + HOURS_AHEAD)
    _roll_up(desk, at=JUNE + HOURS_AHEAD)

    for number in range(5):
        desk.session(at=JUNE)
        desk.push(accepted_order(external_id=f"right {number}"), at=JUNE)
    _roll_up(desk)

    totals = _totals(desk)
    assert (6, 6, 6 * 4_98) == (totals["analysed"], totals["orders"], totals["fees"])


@postgresql_only
def test_what_is_committed_long_after_it_was_written_counts(desk: Desk) -> None:
    late = new_session_id(JUNE)
    with desk.database.begin() as work:
        record_session(work.connection, desk.id, late, at=JUNE)
        desk.session(at=JUNE + HOURS_AHEAD)
        _roll_up(desk, at=JUNE + HOURS_AHEAD)
        assert 1 == _totals(desk)["analysed"]

    _roll_up(desk, at=JUNE + HOURS_AHEAD)

    assert 2 == _totals(desk)["analysed"]


def test_a_session_analysed_while_it_is_being_counted_is_counted_again(desk: Desk) -> None:
    session = desk.session()

    class AnalysedMeanwhile:
        """A database in which the session goes on between the look and the write."""

        is_analysed = False

        def read(self) -> AbstractContextManager[UnitOfWork]:
            return desk.database.read()

        @contextmanager
        def begin(self) -> Iterator[UnitOfWork]:
            if not self.is_analysed:
                self.is_analysed = True
                _analyse_again(desk, session)
            with desk.database.begin() as work:
                yield work

    roll_up = replace(wire_roll_up(desk.database), database=AnalysedMeanwhile())
    assert [1] == list(roll_up.catch_up(desk.id, at=JUNE))
    assert 1 == _totals(desk)["analyses"]

    _roll_up(desk)

    assert (1, 2) == (_totals(desk)["analysed"], _totals(desk)["analyses"])


def _analyse_again(desk: Desk, session: SessionId) -> None:
    with desk.database.begin() as work:
        count = select(offer_sessions.c.analysis_count).where(offer_sessions.c.id == session)
        number = work.connection.execute(count).scalar_one() + 1
        # The last analysis, once more under the next number.
        twin = new_session_id(JUNE)
        record_session(work.connection, desk.id, twin)
        work.connection.exec_driver_sql(
            f"UPDATE analyses SET session_id = '{session}', ordinal = {number} "
            f"WHERE session_id = '{twin}'"
        )
        work.connection.execute(delete(offer_sessions).where(offer_sessions.c.id == twin))
        work.connection.execute(
            update(offer_sessions)
            .where(offer_sessions.c.id == session)
            .values(analysis_count=number)
        )


def test_a_session_goes_only_after_it_was_counted(desk: Desk) -> None:
    desk.session()

    assert 0 == _evict(desk)
    assert 1 == _sessions(desk)
    _roll_up(desk)
    _evict(desk)

    assert (0, 1) == (_sessions(desk), _totals(desk)["analysed"])


def _evict(desk: Desk) -> int:
    before = _sessions(desk)
    for _ in sweep_sessions(desk.database, idle_since=LONG_AFTER - RETENTION):
        pass
    return before - _sessions(desk)


def _sessions(desk: Desk) -> int:
    query = select(func.count()).where(offer_sessions.c.merchant_id == desk.id)
    with desk.database.read() as work:
        return work.connection.execute(query).scalar_one()


def test_rebuilding_finds_everything_that_there_is_evidence_of(desk: Desk) -> None:
    linked = desk.session()
    desk.session()
    desk.push(accepted_order(linked))
    desk.push(accepted_order(external_id="without a session"))
    _roll_up(desk)
    right = _totals(desk)
    _forget_facts(desk)

    assert 3 == _rebuild(desk)

    assert right == _totals(desk)
    assert (2, 2, 2 * 4_98) == (right["analysed"], right["orders"], right["fees"])


def test_rebuilding_sets_sums_right_that_are_not_those_of_the_facts(desk: Desk) -> None:
    desk.push(accepted_order(desk.session()))
    _roll_up(desk)
    right = _totals(desk)
    with desk.database.begin() as work:
        work.connection.execute(
            update(analytics_months)
            .where(analytics_months.c.merchant_id == desk.id)
            .values(total=analytics_months.c.total + 7)
        )
        work.connection.execute(
            delete(analytics_rollups).where(analytics_rollups.c.merchant_id == desk.id)
        )

    _rebuild(desk)

    assert right == _totals(desk)
    days = _totals(desk, JUNE.date() - timedelta(days=5), JUNE.date() + timedelta(days=5))
    assert right == days


def test_the_doctor_compares_what_is_on_record_with_the_facts(desk: Desk) -> None:
    desk.push(accepted_order(desk.session()))
    _roll_up(desk)
    (sound,) = _findings(desk)
    _forget_facts(desk)

    missing, months = _findings(desk)

    assert "All 1 sessions and 1 orders on record count." == sound.found
    assert "2 sessions and orders are missing from analytics." == missing.found
    assert Severity.PROBLEM is missing.severity
    assert "The fees of 2026-06 in analytics are not its statement's." == months.found
    assert f"Count everything anew: orderguard analytics rebuild {desk.id}" == months.advice
    _rebuild(desk)
    assert [sound] == _findings(desk)


def test_the_doctor_tells_what_waits_for_long(desk: Desk) -> None:
    desk.session()

    (fresh,) = _findings(desk, at=JUNE + timedelta(minutes=9))
    (stuck,) = _findings(desk, at=JUNE + timedelta(minutes=11))

    assert "All 1 sessions and 0 orders on record count; 1 of them in a moment." == fresh.found
    assert "1 sessions and orders wait to be counted, the first for 11 minutes." == stuck.found
    assert Severity.WARNING is stuck.severity


class Machine:
    """One of several that serve a shop, each with a clock of its own, which jumps."""

    def __init__(self, desk: Desk, random: Random) -> None:
        self._desk = desk
        self._random = random
        self._off_by = timedelta(0)

    def clock(self, true: datetime) -> datetime:
        if self._random.random() < 0.3:
            self._off_by = timedelta(seconds=self._random.randint(-7_200, 7_200))
        return true + self._off_by

    def live(self, true: datetime) -> int:
        """One thing that happens to the shop; how many sessions it began."""
        desk, random, at = self._desk, self._random, self.clock(true)
        name = str(random.randrange(8))
        match random.randrange(6):
            case 0 | 1:
                desk.session(at=at)
                return 1
            case 2:
                desk.push(accepted_order(desk.session(at=at), external_id=name), at=at)
                return 1
            case 3:
                desk.push(
                    wire_order(name, fees=[], refunds=random.choice([[], [A_FEE_REFUNDED]])), at=at
                )
            case 4:
                desk.push(accepted_order(external_id=name), at=at)
            case _:
                _roll_up(desk, at=at)
        return 0

    def close(self, month: Month, true: datetime) -> None:
        at = self.clock(true)
        if month < Month.of(at):
            close_statement(
                self._desk.database,
                self._desk.id,
                month,
                change=Change(A_TESTER, at),
                new_event_id=new_event_id,
            )


@pytest.mark.parametrize("seed", range(20))
def test_with_clocks_that_jump_by_hours_months_equal_their_statements_to_the_cent(
    desk: Desk, seed: int
) -> None:
    random, began = Random(seed), 0
    machines = Machine(desk, random), Machine(desk, random)
    true = datetime(2026, 6, 30, 18, tzinfo=UTC)
    for _ in range(60):
        began += random.choice(machines).live(true)
        true += timedelta(minutes=random.randrange(20))
        if random.random() < 0.1:
            random.choice(machines).close(Month(2026, 6), true)

    _roll_up(desk, at=true)

    totals = _totals(desk)
    assert began == totals["analysed"] == _facts_of_sessions(desk)
    for month, first, last in (
        (Month(2026, 6), date(2026, 6, 1), date(2026, 6, 30)),
        (Month(2026, 7), date(2026, 7, 1), date(2026, 7, 31)),
    ):
        of_month = _totals(desk, first, last)
        measures = (Measure.FEES, Measure.REVERSALS, Measure.PROVIDER_SHARE)
        assert _statement(desk, month) == tuple(of_month[measure] for measure in measures)
    assert totals["fees"] > 0
    (finding,) = _findings(desk)
    assert Severity.OK is finding.severity


def _facts_of_sessions(desk: Desk) -> int:
    query = select(func.count()).where(
        analytics_facts.c.merchant_id == desk.id, analytics_facts.c.subject.like("lop_%")
    )
    with desk.database.read() as work:
        return work.connection.execute(query).scalar_one()


def _statement(desk: Desk, month: Month) -> tuple[int, ...]:
    with desk.database.read() as work:
        statement = draw_up_statement(work, desk.id, month)
    if not statement.currencies:
        return 0, 0, 0
    (usd_,) = statement.currencies
    return usd_.fees, usd_.reversals, usd_.provider_share

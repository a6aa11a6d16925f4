"""What cannot be undone happens only when it is due by two clocks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from orderguard.actions.close_statement import close_statement, draw_up_statement
from orderguard.actions.examine_installation import ExamineInstallation
from orderguard.actions.keep_time import Heartbeat, confirm_clock, idle_since, trusted_time
from orderguard.actions.schedule_publication import publish_due, schedule_publication
from orderguard.actions.sign_in import make_link_to_first_account, whom_link_lets_in
from orderguard.domain.analytics.diagnosis import Severity
from orderguard.domain.analytics.trusted_time import ClockRecord
from orderguard.domain.books.month import Month
from orderguard.domain.books.statement import StatementOfCurrency
from orderguard.domain.errors import Malformed
from orderguard.domain.offers.offer_session import RETENTION
from orderguard.domain.people.audit import Change
from orderguard.randomness import new_event_id, new_scheduled_publication_id
from orderguard.running import chores
from orderguard.running.wiring import now, wire_examination, wire_roll_up
from orderguard.storage.database import SqlDatabase
from orderguard.storage.tables import analytics_facts, offer_sessions
from tests.support.builders import a_document
from tests.support.databases import new_database_url, postgresql_only
from tests.support.order_desk import JUNE, Desk, accepted_order
from tests.support.shop import A_TESTER, COMPILER

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
FORTY_DAYS = 40 * DAY
SOURCE = json.dumps(a_document())


class Clock:
    """A clock that can be set, and beside it the time that really passes."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.elapsed = 1_000.0

    def now(self) -> datetime:
        return self.at

    def elapsed_seconds(self) -> float:
        return self.elapsed

    def passes(self, time: timedelta) -> None:
        self.at += time
        self.elapsed += time.total_seconds()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SqlDatabase]:
    database = SqlDatabase(new_database_url(tmp_path))
    yield database
    database.dispose()


@pytest.fixture
def desk(database: SqlDatabase) -> Desk:
    return Desk(database)


@pytest.fixture
def clock() -> Clock:
    return Clock(JUNE)


@pytest.fixture
def heartbeat(database: SqlDatabase, clock: Clock) -> Heartbeat:
    return Heartbeat(database, clock.now, clock.elapsed_seconds)


@pytest.fixture
def sweeping(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(chores, "now", clock.now)


def _counted_sessions(desk: Desk, at: Sequence[datetime]) -> None:
    for each in at:
        desk.session(at=each)
    for _ in wire_roll_up(desk.database).catch_up(desk.id, at=max(at)):
        pass


def _on_record(desk: Desk) -> int:
    query = select(func.count()).where(offer_sessions.c.merchant_id == desk.id)
    with desk.database.read() as work:
        return work.connection.execute(query).scalar_one()


def _sweep_after(heartbeat: Heartbeat) -> None:
    heartbeat.beat()
    chores._sweep(heartbeat.database)  # type: ignore[arg-type]


@pytest.mark.usefixtures("sweeping")
def test_a_clock_forty_daysahead_deletes_nothing(
    desk: Desk, heartbeat: Heartbeat, clock: Clock
) -> None:
    _counted_sessions(desk, [JUNE - number * DAY for number in range(30)])
    heartbeat.beat()

    clock.at += FORTY_DAYS
    for _ in range(20):
        _sweep_after(heartbeat)
        clock.passes(10 * MINUTE)

    assert 30 == _on_record(desk)


@pytest.mark.usefixtures("sweeping")
def test_with_traffic_under_the_wrong_clock_nothing_goes_either(
    desk: Desk, heartbeat: Heartbeat, clock: Clock
) -> None:
    _counted_sessions(desk, [JUNE - number * DAY for number in range(30)])
    heartbeat.beat()

    clock.at += FORTY_DAYS
    _counted_sessions(desk, [clock.at])
    _sweep_after(heartbeat)

    assert 31 == _on_record(desk)


@pytest.mark.usefixtures("sweeping")
def test_retention_works_in_a_shop_without_any_traffic(
    desk: Desk, heartbeat: Heartbeat, clock: Clock
) -> None:
    _counted_sessions(desk, [JUNE])
    heartbeat.beat()

    while clock.at < JUNE + RETENTION:
        clock.passes(12 * timedelta(hours=1))
        _sweep_after(heartbeat)
    assert 1 == _on_record(desk)
    clock.passes(MINUTE)
    _sweep_after(heartbeat)

    assert 0 == _on_record(desk)


@pytest.mark.usefixtures("sweeping")
def test_no_more_than_a_days_worth_goes_in_one_round(
    desk: Desk, heartbeat: Heartbeat, clock: Clock
) -> None:
    _counted_sessions(desk, [JUNE + number * DAY / 2 for number in range(10)])
    clock.at = JUNE + 10 * DAY + RETENTION
    confirm_clock(heartbeat.database, at=clock.at)

    left = []
    for _ in range(6):
        _sweep_after(heartbeat)
        left.append(_on_record(desk))

    assert [8, 6, 4, 2, 0, 0] == left


def test_a_month_that_only_a_wrong_clock_calls_over_cannot_be_closed(
    desk: Desk, heartbeat: Heartbeat, clock: Clock
) -> None:
    desk.push(accepted_order(desk.session()))
    heartbeat.beat()
    clock.at += FORTY_DAYS
    heartbeat.beat()

    with pytest.raises(Malformed) as refused:
        _close(desk, Month(2026, 6), at=clock.at)

    assert "2026-06 cannot be closed yet. The clock here says 2026-07-25 12:00 UTC, but " in str(
        refused.value
    )
    assert "orderguard clock confirm" in str(refused.value)
    desk.push(accepted_order(external_id="1002"), at=JUNE)
    (of_june,) = _statement_of_june(desk)
    assert 2 * 4_98 == of_june.fees


def test_a_month_that_is_over_by_all_clocks_can_be_closed_although_they_differ(
    desk: Desk,
) -> None:
    desk.push(accepted_order(desk.session()))
    confirm_clock(desk.database, at=JUNE.replace(month=7))

    _close(desk, Month(2026, 6), at=JUNE.replace(month=7) + FORTY_DAYS)

    (of_june,) = _statement_of_june(desk)
    assert 4_98 == of_june.fees


def test_after_the_operators_word_a_month_can_be_closed(
    desk: Desk, heartbeat: Heartbeat, clock: Clock
) -> None:
    heartbeat.beat()
    clock.at = JUNE + FORTY_DAYS  # no server ran meanwhile

    confirm_clock(desk.database, at=clock.at)
    _close(desk, Month(2026, 6), at=clock.at)

    with desk.database.read() as work:
        assert work.ledger.closed_statement(desk.id, Month(2026, 6))


def _close(desk: Desk, month: Month, *, at: datetime) -> None:
    close_statement(
        desk.database, desk.id, month, change=Change(A_TESTER, at), new_event_id=new_event_id
    )


def _statement_of_june(desk: Desk) -> Sequence[StatementOfCurrency]:
    with desk.database.read() as work:
        return draw_up_statement(work, desk.id, Month(2026, 6)).currencies


def test_nothing_is_published_that_is_due_only_by_a_wrong_clock(
    desk: Desk, heartbeat: Heartbeat, clock: Clock
) -> None:
    heartbeat.beat()
    for name, due_at in (("soon", JUNE + MINUTE), ("later", JUNE + 10 * DAY)):
        schedule_publication(
            desk.database,
            COMPILER,
            desk.id,
            SOURCE,
            name=name,
            due_at=due_at,
            new_id=new_scheduled_publication_id(),
            change=Change(A_TESTER, JUNE),
        )
    clock.passes(2 * MINUTE)
    heartbeat.beat()
    clock.at += FORTY_DAYS
    heartbeat.beat()

    publish_due(desk.database, COMPILER, clock=clock.now)

    with desk.database.read() as work:
        found = work.scheduled_publications.of_merchant(desk.id, limit=10)
    assert {"soon": False, "later": True} == {each.name: each.is_waiting for each in found}


def test_an_open_session_is_not_abandoned_by_a_wrong_clock(
    desk: Desk, heartbeat: Heartbeat, clock: Clock
) -> None:
    desk.session()
    heartbeat.beat()
    clock.at += FORTY_DAYS

    with desk.database.read() as work:
        at = trusted_time(work, at=clock.at).at
    for _ in wire_roll_up(desk.database).catch_up(desk.id, at=at):
        pass

    with desk.database.read() as work:
        assert work.connection.execute(select(analytics_facts.c.due_at)).scalar() is not None


def test_a_link_to_sign_in_survives_a_wrong_clock(
    database: SqlDatabase, heartbeat: Heartbeat, clock: Clock
) -> None:
    heartbeat.beat()
    make_link_to_first_account(database, token="right", at=clock.at)

    make_link_to_first_account(database, token="wrong", at=clock.at + FORTY_DAYS)

    with database.read() as work:
        assert whom_link_lets_in(work, "right", at=clock.at) is None


def test_a_clock_in_doubt_is_one_line_in_the_log(heartbeat: Heartbeat, clock: Clock) -> None:
    clock.at = now()  # on PostgreSQL the database is a witness, too
    with capture_logs() as lines:
        heartbeat.beat()
        clock.at += FORTY_DAYS
        for _ in range(5):
            clock.passes(MINUTE)
            heartbeat.beat()
        clock.at -= FORTY_DAYS
        for _ in range(5):
            clock.passes(MINUTE)
            heartbeat.beat()

    assert ["clock.doubted", "clock.trusted"] == [line["event"] for line in lines]
    assert f"{now() + FORTY_DAYS:%Y-%m-%d}" in lines[0]["why"]


def test_the_doctor_says_that_the_clock_is_in_doubt(
    database: SqlDatabase, heartbeat: Heartbeat, clock: Clock
) -> None:
    clock.at = now()
    heartbeat.beat()
    examine: ExamineInstallation = wire_examination(database)

    (sound,) = [each for each in examine(at=clock.at) if each.check == "time"]
    (doubt,) = [each for each in examine(at=clock.at + FORTY_DAYS) if each.check == "time"]

    assert (Severity.OK, Severity.PROBLEM) == (sound.severity, doubt.severity)
    assert f"The clock here says {clock.at + FORTY_DAYS:%Y-%m-%d %H:%M} UTC, but " in doubt.found
    assert "orderguard clock confirm" in doubt.advice


def test_what_was_recorded_before_the_first_heartbeat_is_its_witness(
    desk: Desk, heartbeat: Heartbeat, clock: Clock
) -> None:
    desk.session()
    clock.at += FORTY_DAYS

    heartbeat.beat()

    with desk.database.read() as work:
        assert ClockRecord(JUNE, doubtful_at=clock.at) == work.clock_record.find()
        assert JUNE == trusted_time(work, at=clock.at).at


@postgresql_only
def test_the_clock_of_the_database_is_read_in_any_time_zone_without_a_warning(
    database: SqlDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    with database.read() as work:
        work.connection.exec_driver_sql("SET TIME ZONE '<-07>+07'")
        theirs = work.vitals.clock()

    assert theirs
    assert abs(theirs - datetime.now(UTC)) < DAY / 24
    assert [] == caplog.records


@postgresql_only
def test_the_clock_of_the_database_is_a_witness_by_itself(
    desk: Desk, database: SqlDatabase
) -> None:
    with database.read() as work:
        theirs = work.vitals.clock()
        assert theirs
        ahead = trusted_time(work, at=theirs + FORTY_DAYS)
        before = idle_since(work, at=theirs + FORTY_DAYS)

    assert (UTC, True) == (theirs.tzinfo, abs(ahead.at - theirs) < DAY)
    assert ahead.doubt
    assert "the clock of the database says" in ahead.doubt
    assert before is None

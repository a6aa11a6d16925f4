"""What became of sessions, as the database counts it (contract §9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

import pytest

from orderguard.domain.analytics.funnel import FunnelDay, SessionOutcome
from orderguard.domain.ids import SessionId
from orderguard.storage.database import SqlDatabase
from tests.support.databases import new_database_url
from tests.support.order_desk import (
    JUNE,
    Desk,
    accepted_order,
    of_session,
    record_session,
    wire_order,
)

WEEK = timedelta(days=7)
MOMENT = timedelta(microseconds=1)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlDatabase]:
    database = SqlDatabase(new_database_url(tmp_path_factory.mktemp("funnel")))
    yield database
    database.dispose()


@pytest.fixture
def desk(database: SqlDatabase) -> Desk:
    return Desk(database)


def _outcome(desk: Desk, session: SessionId, *, at: datetime = JUNE) -> SessionOutcome:
    with desk.database.read() as work:
        return work.funnel.outcome_of(desk.id, session, at=at)


def _days(desk: Desk, *, since: datetime, at: datetime) -> list[FunnelDay]:
    with desk.database.read() as work:
        return list(work.funnel.days(desk.id, since=since, at=at))


def test_a_session_is_abandoned_exactly_seven_days_after_its_last_analysis(desk: Desk) -> None:
    session = desk.session()
    day = JUNE.replace(hour=0)

    for at, outcome in (
        (JUNE, SessionOutcome.OPEN),
        (JUNE + WEEK - MOMENT, SessionOutcome.OPEN),
        (JUNE + WEEK, SessionOutcome.ABANDONED),
    ):
        assert outcome == _outcome(desk, session, at=at)
        (counted,) = _days(desk, since=day, at=at)
        assert {outcome: 1} == counted.sessions


def test_an_order_makes_of_a_session_what_it_says(desk: Desk) -> None:
    accepted, declined, hidden = desk.session(), desk.session(), desk.session(prices=(None,))
    desk.push(accepted_order(accepted, external_id="1"))
    desk.push(wire_order("2", metadata=of_session(declined)))

    late = JUNE + WEEK * 9

    assert SessionOutcome.ACCEPTED == _outcome(desk, accepted, at=late)
    assert SessionOutcome.DECLINED == _outcome(desk, declined, at=late)
    assert SessionOutcome.NOT_SHOWN == _outcome(desk, hidden, at=late)
    desk.push(wire_order("3", metadata=of_session(hidden)))
    assert SessionOutcome.NOT_SHOWN == _outcome(desk, hidden, at=late)


def test_a_fee_that_is_removed_turns_acceptance_into_a_decline(desk: Desk) -> None:
    session = desk.session()
    desk.push(accepted_order(session))

    desk.push(accepted_order(session, fees=[]))

    assert SessionOutcome.DECLINED == _outcome(desk, session)


def test_a_deleted_order_leaves_its_session_without_one(desk: Desk) -> None:
    session = desk.session()
    desk.push(accepted_order(session))

    desk.delete("1001")

    assert SessionOutcome.OPEN == _outcome(desk, session)
    assert SessionOutcome.ABANDONED == _outcome(desk, session, at=JUNE + WEEK)


def test_orders_without_a_link_count_for_no_session(desk: Desk) -> None:
    session = desk.session()
    desk.push(accepted_order(session, external_id="first"))

    desk.push(accepted_order(session, external_id="second"))

    (day,) = _days(desk, since=JUNE - WEEK, at=JUNE)
    assert {SessionOutcome.ACCEPTED: 1} == day.sessions


def test_numbers_per_day_are_those_of_a_count_by_hand(desk: Desk) -> None:
    random = Random(7)
    expected: dict[date, Counter[SessionOutcome]] = {}
    now, since = JUNE, JUNE.replace(hour=0) - timedelta(days=20)
    for number in range(300):
        session = SessionId(f"lop_{number:020d}")
        began = since + timedelta(hours=random.randrange(-48, 20 * 24))
        last = began + timedelta(hours=random.choice([0, 1, 48]))
        price = random.choice([2_00, 2_00, None])
        with desk.database.begin() as work:
            record_session(
                work.connection, desk.id, session, prices=(price,), at=last, created_at=began
            )
        order = random.choice(["accepted", "declined", "none", "none"])
        if order == "accepted":
            desk.push(accepted_order(session, external_id=str(number)))
        elif order == "declined":
            desk.push(wire_order(str(number), metadata=of_session(session)))
        if began >= since:
            outcome = _by_hand(order, is_shown=price is not None, idle=now - last)
            expected.setdefault(began.date(), Counter())[outcome] += 1

    days = _days(desk, since=since, at=now)

    assert [(day, dict(expected[day])) for day in sorted(expected)] == [
        (each.day, dict(each.sessions)) for each in days
    ]


def _by_hand(order: str, *, is_shown: bool, idle: timedelta) -> SessionOutcome:
    if order == "accepted":
        return SessionOutcome.ACCEPTED
    if not is_shown:
        return SessionOutcome.NOT_SHOWN
    if order == "declined":
        return SessionOutcome.DECLINED
    return SessionOutcome.ABANDONED if idle >= WEEK else SessionOutcome.OPEN


def test_sessions_of_other_merchants_are_not_counted(desk: Desk) -> None:
    Desk(desk.database).session()

    assert [] == _days(desk, since=JUNE - WEEK, at=JUNE)

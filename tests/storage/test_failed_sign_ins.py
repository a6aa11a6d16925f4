"""Failed sign-ins are counted one by one, however many processes count at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orderguard.domain.people.sign_in_throttle import FORGOTTEN_AFTER, Failures
from orderguard.storage.database import SqlDatabase
from tests.support.databases import new_database_url

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SqlDatabase]:
    database = SqlDatabase(new_database_url(tmp_path))
    yield database
    database.dispose()


def count_one(database: SqlDatabase, *subjects: str, at: datetime = NOON) -> None:
    with database.begin() as work:
        for subject in subjects:
            failures = work.failed_sign_ins.lock(subject, at=at)
            work.failed_sign_ins.save(subject, failures.one_more(at=at))
        work.failed_sign_ins.remove_old(at=at)


def failures_of(database: SqlDatabase, subject: str, *, at: datetime = NOON) -> Failures:
    with database.begin() as work:
        return work.failed_sign_ins.lock(subject, at=at)


def test_of_failures_at_the_same_instant_every_one_is_counted(database: SqlDatabase) -> None:
    with ThreadPoolExecutor(2) as two:
        guesses = [two.submit(count_one, database, "ida", "192.0.2.1") for _ in range(60)]
    for guess in guesses:
        guess.result()

    assert Failures(60, NOON) == failures_of(database, "ida")


def test_a_subject_that_was_forgotten_begins_at_none(database: SqlDatabase) -> None:
    count_one(database, "ida")
    with database.begin() as work:
        work.failed_sign_ins.forget("ida")

    assert 0 == failures_of(database, "ida").count


def test_what_is_old_is_removed_and_what_is_not_stays(database: SqlDatabase) -> None:
    count_one(database, "ida")
    count_one(database, "ben", at=NOON + timedelta(seconds=1))

    count_one(database, "eva", at=NOON + FORGOTTEN_AFTER)

    assert 0 == failures_of(database, "ida").count
    assert 1 == failures_of(database, "ben").count

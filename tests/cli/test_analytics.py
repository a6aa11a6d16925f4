"""`orderguard analytics`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest

from orderguard.storage.database import SqlDatabase
from tests.cli.shell import Shell
from tests.support.databases import new_database_url
from tests.support.order_desk import JUNE, Desk, accepted_order

DAYS = ("--from", "2026-06-01", "--to", "2026-06-30")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlDatabase]:
    database = SqlDatabase(new_database_url(tmp_path_factory.mktemp("commands")))
    yield database
    database.dispose()


@pytest.fixture
def operator(shell: Shell, database: SqlDatabase) -> Shell:
    return Shell(shell.directory, database_url=database.url)


@pytest.fixture
def desk(database: SqlDatabase, operator: Shell) -> Desk:
    """A merchant with one acceptance in June, counted."""
    desk = Desk(database)
    desk.push(accepted_order(desk.session()), at=JUNE)
    assert 1 == operator.run("analytics", "rebuild", desk.id, "--json").document["counted"]
    return desk


def test_numbers_are_shown_as_a_table(operator: Shell, desk: Desk) -> None:
    shown = operator.run("analytics", "show", desk.id, *DAYS).stdout

    assert "100.00 %" in shown
    assert "4.98 USD" in shown


def test_numbers_are_shown_as_json(operator: Shell, desk: Desk) -> None:
    document = operator.run("analytics", "show", desk.id, *DAYS, "--json").document

    assert 1 == document["total"]["accepted"]
    assert 4_98 == document["total"]["money"]["USD"]["fees"]


def test_numbers_are_a_file_for_a_sheet(operator: Shell, desk: Desk) -> None:
    text = operator.run("analytics", "show", desk.id, *DAYS, "--format", "csv").stdout

    rows = list(csv.DictReader(io.StringIO(text)))
    day = next(row for row in rows if row["value"] == "2026-06-15")
    assert ("1", "498") == (day["accepted"], day["revenue_USD"])


def test_counting_anew_changes_nothing(operator: Shell, desk: Desk) -> None:
    before = operator.run("analytics", "show", desk.id, *DAYS, "--json").document

    assert "Counted 1 " in operator.run("analytics", "rebuild", desk.id).stdout
    assert before == operator.run("analytics", "show", desk.id, *DAYS, "--json").document

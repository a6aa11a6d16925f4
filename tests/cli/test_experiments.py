"""`orderguard experiments`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.support.builders import a_document

PRICE_TEST = {
    "key": "dearer",
    "status": "draft",
    "arms": [{"name": "usual", "weight": 1}, {"name": "higher", "weight": 1}],
}


@pytest.fixture
def operator(tmp_path: Path) -> Shell:
    """A merchant called acme with a price test that has not begun."""
    shell = Shell(tmp_path, database_url=f"sqlite:///{tmp_path / 'orderguard.db'}")
    shell.a_merchant("acme")
    shell.write("acme.json", json.dumps(a_document(experiments=[PRICE_TEST])))
    assert 0 == shell.run("config", "publish", "acme", "acme.json").exit_code
    return shell


def test_an_experiment_is_started_and_stopped(operator: Shell) -> None:
    started = operator.run("experiments", "start", "acme", "dearer", "--json").document
    told = operator.run("experiments", "stop", "acme", "dearer").stdout

    assert ("running", "usual") == (started["status"], started["baseline"])
    assert "dearer is stopped." in told
    again = operator.run("experiments", "start", "acme", "dearer")
    assert 1 == again.exit_code
    assert "dearer was stopped. Create another experiment instead" in again.stderr


def test_experiments_are_listed_with_what_to_do(operator: Shell) -> None:
    told = operator.run("experiments", "list", "acme").stdout

    assert "dearer" in told
    assert "Start it when you are ready" in told
    assert ["dearer"] == [
        each["key"] for each in operator.run("experiments", "list", "acme", "--json").document
    ]


def test_an_experiment_is_shown_figure_by_figure(operator: Shell) -> None:
    told = operator.run("experiments", "show", "acme", "dearer").stdout

    assert "Note: No price plan asks for cohort == 'higher'" in told
    assert "Attach rate" in told
    assert "Too early" in told
    document = operator.run("experiments", "show", "acme", "dearer", "--json").document
    assert "price_test" == document["kind"]


def test_an_unknown_experiment_is_explained(operator: Shell) -> None:
    answer = operator.run("experiments", "show", "acme", "nobody")

    assert (1, "") == (answer.exit_code, answer.stdout)
    assert "No experiment with this key" in answer.stderr

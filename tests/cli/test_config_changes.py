"""`orderguard config diff`, `rollback`, and publishing at a time."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from orderguard.running.wiring import now
from tests.cli.shell import Shell
from tests.support.builders import a_document

DEARER = a_document(
    pricing={
        "returnCoverage": [{"base": {"USD": 9_98}}],
        "shippingProtection": [{"base": {"USD": 2_00}}],
    }
)


@pytest.fixture
def acme(shell: Shell) -> Shell:
    """A merchant with two versions: 2.98 for returns, then 9.98."""
    shell.a_merchant("acme")
    for document in (a_document(), DEARER):
        publish(shell, document)
    return shell


def publish(shell: Shell, document: dict[str, Any]) -> None:
    file = shell.write("version.json", json.dumps(document, indent=1))
    assert 0 == shell.run("config", "publish", "acme", file).exit_code


def soon() -> str:
    return (now() + timedelta(hours=1)).isoformat()


def test_two_versions_are_compared_in_settings_and_lines(acme: Shell) -> None:
    answer = acme.run("config", "diff", "acme", "1", "2")

    assert 0 == answer.exit_code
    assert "2.98 USD" in answer.stdout
    assert '-     "USD": 298' in answer.stdout
    assert '+     "USD": 998' in answer.stdout


def test_a_file_is_compared_with_what_is_published(acme: Shell) -> None:
    file = acme.write("shop.json", json.dumps(a_document()))

    document = acme.run("config", "diff", "acme", file, "--json").document

    [change] = document["settings"]
    assert ("2.98 USD", "9.98 USD") == (change["before"], change["after"])
    assert {"-", "+"} <= {line["mark"] for hunk in document["lines"] for line in hunk}


def test_a_file_that_is_no_document_is_compared_by_lines(acme: Shell) -> None:
    file = acme.write("shop.toml", "modes = [\n")

    assert acme.run("config", "diff", "acme", file, "--json").document["settings"] is None
    assert "only lines are compared" in acme.run("config", "diff", "acme", file).stdout


def test_what_is_the_same_is_said_to_be(acme: Shell) -> None:
    assert "No setting is different" in acme.run("config", "diff", "acme", "2").stdout
    assert {"settings": [], "lines": []} == acme.run(
        "config", "diff", "acme", "2", "--json"
    ).document


@pytest.mark.parametrize(
    ("name", "said"),
    [("17", "no version 17"), ("drf_x", "No draft"), ("missing.toml", "No such file")],
)
def test_what_is_not_there_cannot_be_compared(acme: Shell, name: str, said: str) -> None:
    answer = acme.run("config", "diff", "acme", name)

    assert 1 == answer.exit_code
    assert said in answer.stderr


def test_rolling_back_publishes_the_old_text_as_a_new_version(acme: Shell) -> None:
    answer = acme.run("config", "rollback", "acme", "1", "--json").document

    assert (3, 1) == (answer["version"], answer["text_of_version"])
    shown = acme.run("config", "show", "acme", "--json").document
    assert a_document() == json.loads(shown["source"])
    assert "with the text of version 2" in acme.run("config", "rollback", "acme", "2").stdout


@pytest.mark.parametrize(
    ("version", "said"), [("2", "is what is published"), ("9", "no version 9")]
)
def test_what_cannot_be_rolled_back_to_is_explained(acme: Shell, version: str, said: str) -> None:
    answer = acme.run("config", "rollback", "acme", version)

    assert 1 == answer.exit_code
    assert said in answer.stderr


def test_a_file_is_scheduled_rescheduled_listed_and_cancelled(acme: Shell) -> None:
    file = acme.write("sale.json", json.dumps(a_document()))

    publication = acme.run("config", "schedule", "acme", file, "--at", soon(), "--json").document
    later = (now() + timedelta(days=2)).isoformat()
    rescheduled = acme.run(
        "config", "reschedule", "acme", publication["id"], "--at", later, "--json"
    ).document
    listed = acme.run("config", "scheduled", "acme", "--json").document
    table = acme.run("config", "scheduled", "acme").stdout
    cancelled = acme.run("config", "cancel", "acme", publication["id"])

    assert ("waiting", "sale.json") == (publication["status"], publication["name"])
    assert rescheduled["due_at"] > publication["due_at"]
    assert [publication["id"]] == [each["id"] for each in listed]
    assert "sale.json" in table
    assert "UTC" in table
    assert "nothing will be published" in cancelled.stdout
    [gone] = acme.run("config", "scheduled", "acme", "--json").document
    assert "cancelled" == gone["status"]
    assert 1 == acme.run("config", "cancel", "acme", publication["id"]).exit_code


def test_what_comes_from_standard_input_may_have_a_name(acme: Shell) -> None:
    source = json.dumps(a_document())

    answer = acme.run("config", "schedule", "acme", "-", "--at", soon(), stdin=source)
    named = acme.run(
        "config", "schedule", "acme", "-", "--at", soon(), "--name", "Sale", "--json", stdin=source
    )

    assert "is published at" in answer.stdout
    assert "Sale" == named.document["name"]


@pytest.mark.parametrize("due_at", ["tomorrow", "2020-01-01T00:00Z", "2999-01-01T00:00Z"])
def test_a_time_that_will_not_do_is_explained(acme: Shell, due_at: str) -> None:
    file = acme.write("sale.json", json.dumps(a_document()))

    answer = acme.run("config", "schedule", "acme", file, "--at", due_at)

    assert (1, "") == (answer.exit_code, answer.stdout)
    assert any(said in answer.stderr for said in ("not a time", "has passed", "too far ahead"))


def test_a_file_with_problems_is_not_scheduled(acme: Shell) -> None:
    answer = acme.run(
        "config", "schedule", "acme", acme.write("x.toml", "modes = []"), "--at", soon()
    )

    assert 1 == answer.exit_code
    assert "nothing was done" in answer.stderr
    assert "Nothing is scheduled" in acme.run("config", "scheduled", "acme").stdout

"""`orderguard merchants create --sandbox` and `orderguard sandbox`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.shell import Shell

FORTY_DAYS = timedelta(days=40)


@pytest.fixture
def sandboxed(shell: Shell) -> Shell:
    """With a sandbox merchant, `acme-test`."""
    shell.run("db", "upgrade")
    shell.run("merchants", "create", "acme-test", "--sandbox")
    return shell


def test_a_sandbox_is_listed_as_one_and_has_test_keys(sandboxed: Shell) -> None:
    sandboxed.a_merchant("acme")
    listed = sandboxed.run("merchants", "list", "--json").document
    key = sandboxed.run("keys", "issue", "acme-test", "--scope", "cart", "--json").document["key"]

    assert {"acme": False, "acme-test": True} == {each["name"]: each["sandbox"] for each in listed}
    assert key.startswith("og_test_")


def test_the_clock_is_shown_and_moved_forward(sandboxed: Shell) -> None:
    moved = sandboxed.run("sandbox", "clock", "acme-test", "advance", "40d", "--json").document
    shown = sandboxed.run("sandbox", "clock", "acme-test", "--json").document

    assert 40 * 86_400 == moved["seconds_ahead"] == shown["seconds_ahead"]
    ahead = datetime.fromisoformat(shown["time"]) - datetime.now(UTC)
    assert abs(ahead - FORTY_DAYS) < timedelta(minutes=5)
    assert "UTC for acme-test." in sandboxed.run("sandbox", "clock", "acme-test").stdout


def test_a_month_of_the_sandbox_can_be_closed_forty_days_on(sandboxed: Shell) -> None:
    month = f"{datetime.now(UTC):%Y-%m}"
    closing = ("statement", "acme-test", "--month", month, "--close")
    too_early = sandboxed.run(*closing)

    sandboxed.run("sandbox", "clock", "acme-test", "advance", "40d")

    assert (1, 0) == (too_early.exit_code, sandboxed.run(*closing).exit_code)
    assert "(closed)" in sandboxed.run("statement", "acme-test", "--month", month).stdout


def test_a_reset_sets_the_clock_back(sandboxed: Shell) -> None:
    sandboxed.run("sandbox", "clock", "acme-test", "advance", "3h")

    emptied = sandboxed.run("sandbox", "reset", "acme-test", "--json").document

    assert 0 == emptied["seconds_ahead"]
    assert "is empty" in sandboxed.run("sandbox", "reset", "acme-test").stdout


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("clock", "acme", "advance", "1d"), 1, "merchants create NAME --sandbox"),
        (("clock", "acme"), 1, "is a live merchant"),
        (("reset", "acme"), 1, "is a live merchant"),
        (("clock", "acme-test", "advance", "100000d"), 1, "3650 days are the limit"),
        (("clock", "acme-test", "advance", "-5d"), 2, ""),
        (("clock", "acme-test", "advance"), 2, "advance 40d"),
        (("clock", "acme-test", "show", "1d"), 2, "advance 40d"),
        (("clock", "acme-text"), 1, 'Did you mean "acme-test"?'),
    ],
)
def test_what_cannot_be_done_is_said(
    sandboxed: Shell, words: tuple[str, ...], code: int, says: str
) -> None:
    sandboxed.a_merchant("acme")

    answer = sandboxed.run("sandbox", *words)

    assert (code, "") == (answer.exit_code, answer.stdout)
    assert says in answer.stderr

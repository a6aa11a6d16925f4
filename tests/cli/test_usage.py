"""What all commands share: help, completion, and errors as JSON."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from orderguard.cli.app import COMMANDS, SECTIONS, app
from tests.cli.shell import Shell


def test_the_help_groups_the_commands_by_who_uses_them() -> None:
    told = CliRunner().invoke(app, ["-h"]).stdout

    places = [told.index(f"{section}:") for section in SECTIONS]
    assert sorted(places) == places
    assert [] == [name for name in COMMANDS if f"\n  {name} " not in told]
    assert 80 >= max(map(len, told.splitlines()))


@pytest.mark.parametrize("words", [(), ("orders",), ("orders", "list"), ("statement",)])
def test_every_level_has_a_short_option_for_help(words: tuple[str, ...]) -> None:
    told = CliRunner().invoke(app, [*words, "-h"]).stdout

    assert told.startswith("Usage: ")
    assert (not words) == ("--install-completion" in told)


@pytest.mark.parametrize(
    ("words", "expected"), [("co", {"config", "coverages"}), ("orders l", {"list"})]
)
def test_a_shell_completes_commands(words: str, expected: set[str], shell: Shell) -> None:
    shell.settings |= {
        "_ORDERGUARD_COMPLETE": "complete_bash",
        "COMP_WORDS": f"orderguard {words}",
        "COMP_CWORD": str(len(words.split())),
    }

    assert expected == set(shell.run_apart().stdout.split())


@pytest.mark.parametrize(
    ("words", "exit_code", "message"),
    [
        (("keys", "list", "acme"), 1, "There is no database at"),
        (("statement", "acme", "--bogus"), 2, "No such option: --bogus"),
        (("nothing",), 2, "No such command"),
    ],
)
def test_an_error_is_json_when_json_is_wanted(
    words: tuple[str, ...], exit_code: int, message: str, shell: Shell
) -> None:
    answer = shell.run(*words, "--json")

    assert (exit_code, "") == (answer.exit_code, answer.stdout)
    assert message in json.loads(answer.stderr)["error"]["message"]
    assert not shell.run(*words).stderr.startswith("{")


def test_the_problems_of_a_document_are_listed_as_json(shell: Shell) -> None:
    broken = shell.a_configuration(modes=["everything"])

    error = json.loads(shell.run("config", "check", broken, "--json").stderr)["error"]

    assert ["modes[0]"] == [problem["path"] for problem in error["problems"]]

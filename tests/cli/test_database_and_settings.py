"""`orderguard db`, and settings that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shell import Shell


def test_upgrading_is_safe_to_repeat(shell: Shell) -> None:
    assert {"ok": True} == shell.run("db", "upgrade", "--json").document
    assert {"ok": True} == shell.run("db", "upgrade", "--json").document


def test_any_command_brings_the_schema_up_to_date_by_itself(shell: Shell) -> None:
    shell.run("merchants", "list")

    assert (shell.directory / "orderguard.db").exists()


@pytest.mark.parametrize(
    ("setting", "value", "remedy"),
    [
        ("database_url", "mysql://localhost/shop", "sqlite:/// or postgresql://"),
        ("log_format", "xml", "json or console"),
        ("operations_port", "many", "a whole number"),
        ("shutdown_seconds", "-1", "a whole number"),
    ],
)
@pytest.mark.parametrize("command", [("serve",), ("merchants", "list", "--json")])
def test_a_bad_setting_is_named_with_what_would_do(
    shell: Shell, command: tuple[str, ...], setting: str, value: str, remedy: str
) -> None:
    answer = Shell(shell.directory, **{setting: value}).run(*command)

    assert (1, "") == (answer.exit_code, answer.stdout)
    assert f"ORDERGUARD_{setting.upper()}" in answer.stderr
    assert remedy in answer.stderr
    assert 1 == answer.stderr.count("\n")


def test_a_database_that_cannot_be_opened_is_a_failure_without_a_traceback(
    shell: Shell, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'missing' / 'orderguard.db'}"

    answer = Shell(shell.directory, database_url=url).run("merchants", "list", "--json")

    assert (1, "") == (answer.exit_code, answer.stdout)
    assert answer.stderr.startswith("The database cannot be ")


def test_a_file_that_is_no_database_is_a_failure_without_a_traceback(shell: Shell) -> None:
    shell.write(
        "orderguard.db", "this is a text, and long enough to be looked at as a header\n" * 99
    )

    answer = shell.run("merchants", "list")

    assert (1, "") == (answer.exit_code, answer.stdout)
    assert "not a database" in answer.stderr


@pytest.mark.parametrize("words", [["merchant", "list"], ["merchants", "lst"]])
def test_a_mistyped_command_is_wrong_usage_and_answered_with_the_nearest(
    shell: Shell, words: list[str]
) -> None:
    answer = shell.run(*words)

    assert (2, "") == (answer.exit_code, answer.stdout)
    assert "Did you mean" in answer.stderr

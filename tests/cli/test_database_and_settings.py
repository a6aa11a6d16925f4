"""`orderguard db`, and settings that are wrong."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from orderguard.storage.database import SqlDatabase
from tests.cli.shell import Shell


def test_upgrading_is_safe_to_repeat(shell: Shell) -> None:
    assert {"ok": True} == shell.run("db", "upgrade", "--json").document
    assert {"ok": True} == shell.run("db", "upgrade", "--json").document


def test_any_command_brings_the_schema_up_to_date_by_itself(shell: Shell) -> None:
    (shell.directory / "orderguard.db").touch()

    assert [] == shell.run("merchants", "list", "--json").document


LOOKING = [
    ("merchants", "list"),
    ("keys", "list", "acme"),
    ("keys", "issue", "acme", "--scope", "cart"),
    ("config", "show", "acme"),
    ("config", "history", "acme"),
    ("sessions", "show", "lop_a1b2c3d4e5f6g7h8i9j0"),
    ("orders", "show", "1"),
    ("orders", "list", "acme"),
    ("coverages", "list", "acme"),
    ("coverages", "show", "1"),
    ("integration", "check", "acme"),
    ("logs", "tail", "acme"),
    ("statement", "acme", "--month", "2026-10"),
    ("webhooks", "list", "acme"),
    ("accounts", "list", "acme"),
    ("funnel", "acme"),
    ("doctor",),
]


@pytest.mark.parametrize("command", LOOKING, ids=" ".join)
def test_a_command_that_only_looks_makes_no_database_and_says_where_it_looked(
    shell: Shell, command: tuple[str, ...]
) -> None:
    answer = shell.run(*command)

    assert 1 == answer.exit_code
    assert [] == list(shell.directory.iterdir())
    if command != ("doctor",):
        assert str(shell.directory / "orderguard.db") in answer.stderr
        assert "orderguard db upgrade" in answer.stderr


@pytest.mark.parametrize("command", [("db", "upgrade"), ("merchants", "create", "acme")])
def test_a_command_that_begins_an_installation_makes_the_database(
    shell: Shell, command: tuple[str, ...]
) -> None:
    """`serve` and `demo` do as well; tests of their own hold that."""
    assert 0 == shell.run(*command).exit_code

    assert (shell.directory / "orderguard.db").exists()


def test_the_first_merchant_is_told_which_database_was_made_beside_the_document(
    shell: Shell,
) -> None:
    answer = shell.run("merchants", "create", "acme", "--json")

    assert "acme" == answer.document["name"]
    assert f"Making a new database at {shell.directory / 'orderguard.db'}." in answer.stderr
    assert "" == shell.run("merchants", "create", "other", "--json").stderr


def test_an_unknown_merchant_is_told_with_the_database(shell: Shell) -> None:
    shell.a_merchant("acme")

    answer = shell.run("keys", "list", "amce")

    assert (
        f'No merchant named "amce" in {shell.directory / "orderguard.db"}. Did you mean "acme"? '
        "List them with: orderguard merchants list\n"
    ) == answer.stderr


def test_where_a_server_is_is_told_without_its_password() -> None:
    url = "postgresql://shop:secret@db.example:5432/orders"

    database = SqlDatabase(url)

    assert "database orders on db.example" == database.place


def test_a_configuration_over_the_limit_is_refused_with_the_setting_that_raises_it(
    shell: Shell,
) -> None:
    shell.a_merchant()
    long = shell.write("shop.toml", "# a comment\n" * 6_000)

    for command in (("check", long), ("publish", "acme", long)):
        answer = shell.run("config", *command)

        assert 1 == answer.exit_code
        assert "71 kB; the limit is 64 kB, reached in line 5462" in answer.stderr
        assert "ORDERGUARD_CONFIGURATION_LIMIT_KB" in answer.stderr

    raised = Shell(shell.directory, configuration_limit_kb="512").run("config", "check", long)
    assert "modes: is missing" in raised.stderr


@pytest.mark.parametrize(
    ("setting", "value", "remedy"),
    [
        ("database_url", "mysql://localhost/shop", "sqlite:/// or postgresql://"),
        ("log_format", "xml", "json or console"),
        ("operations_port", "many", "a whole number"),
        ("shutdown_seconds", "-1", "a whole number"),
        ("configuration_limit_kb", "513", "from 1 to 512"),
        ("request_head_bytes", "0", "at least 1024, found 0"),
        ("connections", "15", "at least 16, found 15"),
        ("request_head_seconds", "0", "at least 1, found 0"),
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

    answer = Shell(shell.directory, database_url=url).run("merchants", "list")

    assert (1, "") == (answer.exit_code, answer.stdout)
    assert answer.stderr.startswith(f"There is no database at {tmp_path}")


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


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("db", "upgrade"), ("doctor",)])
def test_a_database_of_a_later_release_is_refused_by_name(
    shell: Shell, command: tuple[str, ...]
) -> None:
    shell.run("db", "upgrade")
    with sqlite3.connect(shell.directory / "orderguard.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    answer = shell.run_apart(*command)

    assert 1 == answer.exit_code
    assert "This database is of a later release: its schema is 9999" in (
        answer.stdout + answer.stderr
    )

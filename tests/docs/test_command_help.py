"""Every command explains itself, with an example that is really a command."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

from orderguard.cli.app import COMMANDS as FIRST_LINES
from orderguard.cli.app import app

ORDERGUARD = get_command(app)


def commands(group: Any = ORDERGUARD, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command with the words that call it."""
    context = group.make_context("orderguard", [], resilient_parsing=True)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, TyperGroup):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


def example_of(command: Any) -> list[str]:
    """The words of the example in a command's help, without `orderguard` and redirections."""
    example = re.search(r"^\s*Example: (.+)$", command.help or "", re.MULTILINE)
    assert example, "the help has no line that begins with Example:"
    words = shlex.split(example[1].split(" > ")[0].split(" | ")[0])
    assert "orderguard" == words[0]
    return words[1:]


COMMANDS = dict(commands())


@pytest.mark.parametrize("name", COMMANDS)
def test_the_example_of_a_command_is_a_call_of_that_command(name: str) -> None:
    words = example_of(COMMANDS[name])
    called = name.split()

    assert called == words[: len(called)]
    # Parses the rest as the command would, and raises a usage error where it would complain.
    COMMANDS[name].make_context(name, words[len(called) :])


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_and_argument_of_a_command_is_explained(name: str) -> None:
    unexplained = [parameter.name for parameter in COMMANDS[name].params if not parameter.help]

    assert [] == [each for each in unexplained if each != "help"]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_print_json(name: str) -> None:
    options = [option for parameter in COMMANDS[name].params for option in parameter.opts]

    assert "--json" in options


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_is_shown_without_a_database(name: str) -> None:
    result = CliRunner(env={"ORDERGUARD_DATABASE_URL": "sqlite:////nowhere/x.db"}).invoke(
        app, [*name.split(), "--help"]
    )

    assert 0 == result.exit_code
    assert result.stdout.startswith("Usage: ")


@pytest.mark.parametrize("name", FIRST_LINES)
def test_the_list_of_commands_has_the_first_line_of_each_of_them(name: str) -> None:
    command = ORDERGUARD.get_command(None, name)

    assert FIRST_LINES[name] == command.help.strip().splitlines()[0]


WITHIN = {
    ("--help",): ("sqlalchemy", "rich", "falcon", "orderguard.settings"),
    ("serve", "--help"): (
        "orderguard.admin.api",
        "orderguard.admin.console",
        "tomlkit",
        "alembic",
        "jinja2",
        "psycopg",
        "asyncpg",
    ),
    ("db", "--help"): ("orderguard.http", "tomlkit", "falcon", "uvicorn"),
}
"""What a call must not import, because it would be slow for it."""


@pytest.mark.parametrize("words", WITHIN, ids=" ".join)
def test_a_command_imports_nothing_that_it_does_not_need(words: tuple[str, ...]) -> None:
    script = "import sys, atexit; from orderguard.cli import main; "
    script += "atexit.register(lambda: print('IMPORTED', *sys.modules)); main()"
    done = subprocess.run(
        [sys.executable, "-c", script, *words], capture_output=True, text=True, check=True
    )
    imported = done.stdout.partition("IMPORTED")[2].split()

    assert [] == [each for each in imported if each.startswith(WITHIN[words])]

"""The command line with all commands. Exit codes: 0 success, 1 failure, 2 wrong usage.

A command is imported when it is called: all together take seconds, and `serve` has to answer soon.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from orderguard import __version__
from orderguard.cli import json_errors

SECTIONS: Mapping[str, Mapping[str, str]] = {
    "Set up": {
        "serve": "Serve the API until stopped; needs no set-up.",
        "demo": "Open a demo shop with protection, analyse carts, push orders, and show the books.",
        "merchants": "Create and list merchants.",
        "keys": "Issue, list and revoke API keys.",
        "config": "Check, publish and show configurations.",
        "sandbox": "Move the test clock of a sandbox merchant, and empty the sandbox.",
        "listen": "Deliver the webhooks of a sandbox merchant to a local address.",
        "trigger": "Make an event of a sandbox merchant happen, with a real order.",
        "integration": "Check an integration by its own traffic.",
        "accounts": "Manage the people who may sign in to the console.",
    },
    "Look": {
        "sessions": "Show and explain offer sessions.",
        "orders": "Show, list and import orders.",
        "logs": "Show requests that were refused or failed.",
        "coverages": "List and show coverages.",
        "statement": "Show what protection earned in a month.",
        "funnel": "Show what became of offer sessions, per day.",
        "analytics": "Show the analytics report, and rebuild it.",
        "experiments": "List, show, start and end experiments.",
    },
    "Operate": {
        "doctor": "Check the installation and every merchant, and say what to do.",
        "webhooks": "Manage webhook endpoints and their deliveries.",
        "db": "Maintain the database.",
        "backup": "Copy the database into a file while servers go on.",
        "restore": "Make the database of a backup, or only check the backup.",
        "clock": "Show whether this machine's clock is trusted, and confirm it.",
    },
}
"""The commands by who uses them, in the order of the help, with the first line of their help. Each
is in the module of its name: a group as `app`, a single command as the function of that name, with
the rest of its help in `HELP`."""

COMMANDS = {name: told for section in SECTIONS.values() for name, told in section.items()}

WRONG_USAGE = 2

_UsageError = cast("type[Exception]", typer.BadParameter.__bases__[0])
"""Of the Click that Typer uses, which is another one in some of its releases."""


class _CommandsByName(TyperGroup):
    """The commands of the table."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # Only the names are looked at here, for "Did you mean".
        self.commands = dict.fromkeys(COMMANDS)  # type: ignore[assignment]
        self._is_completing = False

    def list_commands(self, _context: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _context: Any, name: str) -> Any:
        if name not in COMMANDS:
            return None
        if self._is_completing:
            return TyperCommand(name, help=COMMANDS[name])
        module = import_module(f"orderguard.cli.{name}")
        group = getattr(module, "app", None)
        if group is None:
            single = typer.Typer(add_completion=False, rich_markup_mode=None)
            single.command(name, help=f"{COMMANDS[name]}\n\n{module.HELP}")(getattr(module, name))
            command = get_command(single)
        else:
            command = get_group(group)
            command.help = COMMANDS[name]
        command.name = name
        return command

    def format_commands(self, _context: Any, formatter: Any) -> None:
        for section, commands in SECTIONS.items():
            with formatter.section(section):
                formatter.write_dl(list(commands.items()))

    def shell_complete(self, context: Any, incomplete: str) -> Any:
        # The names and help of the table: nothing is imported for them.
        self._is_completing = True
        try:
            return super().shell_complete(context, incomplete)
        finally:
            self._is_completing = False

    def invoke(self, context: Any) -> Any:
        words = [*context._protected_args, *context.args]  # noqa: SLF001, before they are parsed
        wanted = json_errors.WANTED.set("--json" in words)
        try:
            return super().invoke(context)
        except _UsageError as error:
            if "--json" not in words:
                raise
            json_errors.print_json_error(str(error))
            raise typer.Exit(WRONG_USAGE) from error
        finally:
            json_errors.WANTED.reset(wanted)


app = typer.Typer(
    name="orderguard",
    cls=_CommandsByName,
    help="Order protection at checkout, self-hosted and open.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def orderguard(
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Order protection at checkout, self-hosted and open."""
    del version  # answered by the callback


def run() -> None:
    """Run the `orderguard` command."""
    app()

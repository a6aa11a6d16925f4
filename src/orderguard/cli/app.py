"""The command line with all commands. Exit codes: 0 success, 1 failure, 2 wrong usage.

A command is imported when it is called: all together take seconds, and `serve` has to answer soon.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from orderguard import __version__

COMMANDS = {
    "serve": "Serve the API until stopped; needs no set-up.",
    "demo": "Open a demo shop with protection, analyse carts, push orders, and show the books.",
    "merchants": "Create and list merchants.",
    "keys": "Issue, list and revoke API keys.",
    "sandbox": "Move the clock of a sandbox merchant, and empty it.",
    "accounts": "Say who may sign in to the console.",
    "config": "Check, publish and look at configurations.",
    "sessions": "Look at offer sessions.",
    "orders": "Look at orders, and import them.",
    "statement": "Show what protection earned in a month.",
    "funnel": "Show what became of offer sessions, per day.",
    "analytics": "Show what offers earn, and count anew.",
    "experiments": "Read experiments, start and stop them.",
    "webhooks": "Tell merchants' systems what happened.",
    "db": "Look after the database.",
    "backup": "Copy the database into a file while servers go on.",
    "restore": "Make the database of a backup, or only check the backup.",
    "clock": "See which clocks agree, and confirm this one.",
    "integration": "Check an integration by its own traffic.",
    "doctor": "Check the installation and every merchant, and say what to do.",
}
"""The commands in the order of the help, and their first lines. Each is in the module of its name:
a group as `app`, a single command as the function of that name with its `HELP`."""


class _CommandsByName(TyperGroup):
    """The commands of the table."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # Only the names are looked at here, for "Did you mean".
        self.commands = dict.fromkeys(COMMANDS)  # type: ignore[assignment]

    def list_commands(self, _context: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _context: Any, name: str) -> Any:
        if name not in COMMANDS:
            return None
        module = import_module(f"orderguard.cli.{name}")
        group = getattr(module, "app", None)
        if group is None:
            group = typer.Typer(add_completion=False, rich_markup_mode=None)
            group.command(name, help=module.HELP)(getattr(module, name))
        command = get_command(group)
        command.name = name
        return command

    def format_commands(self, _context: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


app = typer.Typer(
    name="orderguard",
    cls=_CommandsByName,
    help="Order protection at checkout, self-hosted and open.",
    no_args_is_help=True,
    add_completion=False,
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
    """The `orderguard` command."""
    app()

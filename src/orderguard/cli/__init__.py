"""The command line: the actions of the server, from a shell (contract §11)."""

from __future__ import annotations


def main() -> None:
    """Run the `orderguard` command."""
    # Imported here, so that importing the package does no work.
    from orderguard.cli.app import run

    run()

"""Run the `orderguard` command with `python -m orderguard`."""

from orderguard.cli import main

main()

"""`python -m orderguard`."""

from orderguard.cli import main

main()

"""`orderguard demo`."""

from __future__ import annotations

HELP = "See it at work."


def demo() -> None: ...

"""Walk the quickstart with an empty environment, and print the seconds of each step.

    python -m tests.docs.quickstart

Ends with 1 when a step took longer than a person may wait for it. The tests make the same walk
and hold no clock to it.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.docs.snippets import ROOT, Printed, Snippet, read_story, run_snippets

QUICKSTART = ROOT / "docs/quickstart.md"
SECONDS_AT_MOST = {
    "Your first offer": 30,
    "A covered order": 120,
    "A webhook on your own machine": 180,
    "The integration check": 600,
}
"""From the start of the server, by the section whose last block makes the step."""


def story() -> list[Snippet]:
    """The blocks of the README and of the quickstart."""
    return read_story(QUICKSTART)


def walk(
    directory: Path, meanwhile: Callable[[dict[str, int]], None] = lambda _ports: None
) -> list[Printed]:
    """Type the whole story in a folder laid out like a clone."""
    environment = {
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(directory),
    }
    return run_snippets(story(), directory, environment=environment, meanwhile=meanwhile)


def seconds_by_section(printed: list[Printed]) -> dict[str, float]:
    """For each section, the seconds from the server's start to the end of its last block."""
    executed = [each for each in story() if each.is_executed]
    started = printed[0].at
    return {
        snippet.section: each.at - started for snippet, each in zip(executed, printed, strict=True)
    }


def main() -> int:
    """The exit code."""
    from tests.docs.test_snippets import lay_out

    with tempfile.TemporaryDirectory() as directory:
        lay_out(Path(directory))
        took = seconds_by_section(walk(Path(directory)))
    for section, seconds in took.items():
        print(f"{seconds:6.1f} s  {section}")
    late = [name for name, limit in SECONDS_AT_MOST.items() if took[name] > limit]
    print(*(f"TOO LATE: {name}" for name in late), sep="\n")
    return int(bool(late))


if __name__ == "__main__":
    sys.exit(main())

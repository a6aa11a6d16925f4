"""Records which rows of the scenario table were seen to hold on a platform, in its seen.json.

    CONNECTORS_RECORD=1 .venv/bin/pytest tests/connectors/oscar

A test belongs to a row by its name, such as `test_05_…`. Only rows whose tests all passed are
written. `tools/platforms_table.py` makes docs/integrate/platforms.md of the files.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

HERE = Path(__file__).parent
VERSIONS: dict[str, dict[str, str]] = {}
"""What runs, by platform: the name of its folder here. Filled in by its conftest."""

_TEST = re.compile(r"connectors/(?P<platform>\w+)/(?P<file>\w+\.py)::test_(?P<row>\d\d)_")


class Recorder:
    """A plugin of pytest. All tests have to run in one process."""

    def __init__(self) -> None:
        self._passed: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        self._failed: set[tuple[str, str]] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        found = _TEST.search(report.nodeid)
        if not found:
            return
        platform, row = found["platform"], str(int(found["row"]))
        if report.outcome != "passed":
            self._failed.add((platform, row))
        elif report.when == "call":
            self._passed[platform][row].append(found["file"])

    def pytest_sessionfinish(self) -> None:
        for platform, rows in self._passed.items():
            seen = {row: _counted(files) for row, files in rows.items()}
            document = {
                "versions": VERSIONS[platform],
                "date": f"{datetime.now(UTC):%Y-%m-%d}",
                "rows": {
                    row: seen[row]
                    for row in sorted(seen, key=int)
                    if (platform, row) not in self._failed
                },
            }
            text = json.dumps(document, indent=2, ensure_ascii=False)
            (HERE / platform / "seen.json").write_text(f"{text}\n", encoding="utf-8")


def _counted(files: list[str]) -> dict[str, int]:
    """How many tests of each file."""
    return {file: files.count(file) for file in sorted(set(files))}

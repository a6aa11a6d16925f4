"""Records which rows of the scenario table were seen to hold on a platform, in its seen.json.

    CONNECTORS_RECORD=1 .venv/bin/pytest tests/connectors/oscar

A test belongs to a row by its name, such as `test_05_…`. The test of `rows`, which all platforms
share, is recorded by its name; what is a platform's own, by its file. A file has one run for each
combination of versions; only rows whose tests all passed are written, and what the platform's
driver lacks. `CONNECTORS_RECORD=add` keeps the runs with other versions. A test may say more by
`record_property`: "versions" of its own, and the "checkout" that it went through.
`tools/platforms_table.py` makes docs/integrate/platforms.md of the files.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
VERSIONS: dict[str, dict[str, str]] = {}
"""What runs, by platform: the name of its folder here. Filled in by its conftest."""

_TEST = re.compile(
    r"connectors/(?P<platform>\w+)/(?P<file>\w+\.py)::(?P<name>test_(?P<row>\d\d)_\w+)"
)

ROW_MODULES = [f"tests.connectors.rows.{name}" for name in ("selling", "reporting", "installing")]

Run = dict[str, Any]


@dataclass
class _Row:
    passed: Counter[str] = field(default_factory=Counter)
    has_failed: bool = False


class Recorder:
    """A plugin of pytest. With pytest-xdist it works in the process that hands out the tests."""

    def __init__(self) -> None:
        # By platform, by its further versions as JSON, by row.
        self._rows: dict[str, dict[str, dict[int, _Row]]] = defaultdict(
            lambda: defaultdict(lambda: defaultdict(_Row))
        )

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        found = _TEST.search(report.nodeid)
        if not found:
            return
        said = dict(report.user_properties)
        run = self._rows[found["platform"]][json.dumps(said.get("versions", {}))]
        row = run[int(found["row"])]
        if report.outcome != "passed":
            row.has_failed = True
        elif report.when == "call":
            by = found["name"] if found["name"] in row_tests() else found["file"]
            row.passed[f"{by} {said.get('checkout', '')}".strip()] += 1

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker of pytest-xdist says which versions it has seen."""
        for platform, versions in getattr(node, "workeroutput", {}).get("versions", {}).items():
            VERSIONS.setdefault(platform, versions)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["versions"] = VERSIONS
            return
        for platform, found in self._rows.items():
            fresh = [
                {
                    "versions": json.loads(versions) | VERSIONS[platform],
                    "date": f"{datetime.now(UTC):%Y-%m-%d}",
                    "lacks": lacking(platform),
                    "rows": {
                        str(number): dict(sorted(row.passed.items()))
                        for number, row in sorted(rows.items())
                        if row.passed and not row.has_failed
                    },
                }
                for versions, rows in found.items()
            ]
            file = HERE / platform / "seen.json"
            if os.environ["CONNECTORS_RECORD"] == "add" and file.exists():
                fresh = added(json.loads(file.read_text(encoding="utf-8")), fresh)
            text = json.dumps(fresh, indent=1, ensure_ascii=False)
            file.write_text(f"{text}\n", encoding="utf-8")


def row_tests() -> dict[str, list[str]]:
    """The tests that all platforms share, each with the names of its cases."""
    return {
        name: [case.name for case in getattr(getattr(module, name), "cases", ())]
        for module in map(import_module, ROW_MODULES)
        for name in module.__all__
    }


def lacking(platform: str) -> dict[str, dict[str, str]]:
    """What the platform's driver lacks: the reason, by row and by case."""
    lacks = import_module(f"tests.connectors.{platform}.driver").DRIVER.lacks
    found: dict[str, dict[str, str]] = {}
    for test, cases in row_tests().items():
        for case in cases:
            if case in lacks:
                found.setdefault(str(int(test[5:7])), {})[case] = lacks[case]
    return found


def added(kept: list[Run], fresh: list[Run]) -> list[Run]:
    """All runs; a fresh one takes the place of the run with the same versions."""
    versions = [run["versions"] for run in fresh]
    return [run for run in kept if run["versions"] not in versions] + fresh

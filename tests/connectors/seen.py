"""Records which rows of the scenario table were seen to hold on a platform, in its seen.json.

    CONNECTORS_RECORD=1 .venv/bin/pytest tests/connectors/oscar

A test belongs to a row by its name, such as `test_05_…`. Only rows whose tests all passed are
written. `CONNECTORS_RECORD=add` adds the run to what is recorded already, for a platform whose
versions are tried one after the other: a row stays if it held in every run.
`tools/platforms_table.py` makes docs/integrate/platforms.md of the files.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
VERSIONS: dict[str, dict[str, str]] = {}
"""What runs, by platform: the name of its folder here. Filled in by its conftest."""

_TEST = re.compile(r"connectors/(?P<platform>\w+)/(?P<file>\w+\.py)::test_(?P<row>\d\d)_")

Record = dict[str, Any]


class Recorder:
    """A plugin of pytest. With pytest-xdist it works in the process that hands out the tests."""

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
        for platform, rows in self._passed.items():
            held = {row for row in rows if (platform, row) not in self._failed}
            record: Record = {
                "versions": VERSIONS[platform],
                "date": f"{datetime.now(UTC):%Y-%m-%d}",
                "rows": {row: dict(Counter(rows[row])) for row in held},
            }
            file = HERE / platform / "seen.json"
            if os.environ["CONNECTORS_RECORD"] == "add" and file.exists():
                record = added(json.loads(file.read_text(encoding="utf-8")), record)
            text = json.dumps(_sorted(record), indent=2, ensure_ascii=False)
            file.write_text(f"{text}\n", encoding="utf-8")


def added(kept: Record, fresh: Record) -> Record:
    """Both runs as one record: rows that held in both, with the tests of both."""
    versions = dict(kept["versions"])
    for name, version in fresh["versions"].items():
        known = versions.get(name, version).split(" and ")
        versions[name] = " and ".join(
            [*known, *(each for each in version.split(" and ") if each not in known)]
        )
    rows = {
        row: dict(Counter(tests) + Counter(fresh["rows"][row]))
        for row, tests in kept["rows"].items()
        if row in fresh["rows"]
    }
    return {"versions": versions, "date": max(kept["date"], fresh["date"]), "rows": rows}


def _sorted(record: Record) -> Record:
    rows = {
        row: dict(sorted(record["rows"][row].items())) for row in sorted(record["rows"], key=int)
    }
    return record | {"rows": rows}

"""An empty directory to run commands in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.shell import Shell


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    for name in [name for name in os.environ if name.startswith("ORDERGUARD_")]:
        monkeypatch.delenv(name)
    return Shell(tmp_path)

"""A server whose accounts nobody else makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.shop import RunningServer


@pytest.fixture
def own_server() -> Iterator[Callable[..., RunningServer]]:
    """Starts a server of its own for a test; it is stopped afterwards."""
    started: list[RunningServer] = []

    def start(directory: Path, **settings: Any) -> RunningServer:
        started.append(RunningServer(directory, **settings))
        return started[-1]

    yield start
    for each in started:
        each.stop()

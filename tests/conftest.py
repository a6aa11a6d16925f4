"""One real server for the whole run; every test brings its own merchants."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import structlog
from hypothesis import settings

from orderguard.observability import configure_logging
from tests.support.shop import RunningServer, Shop

# Property tests try the same examples on every machine and every day.
settings.register_profile("orderguard", derandomize=True, database=None, deadline=None)
settings.load_profile("orderguard")

LONG_FIRST = (
    "operations",
    "connectors",
    "cli",
    "browser",
    "scenarios",
    "postgresql",
    "webhooks",
    "docs",
    "recipes",
)
"""Directories of long tests: begun last, they would keep one core busy while the others wait."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        directory = item.path.relative_to(Path(__file__).parent).parts[0]
        return LONG_FIRST.index(directory) if directory in LONG_FIRST else len(LONG_FIRST)

    items.sort(key=place)


@pytest.fixture(scope="session", autouse=True)
def _quiet_log() -> io.StringIO:
    """The log of the whole run, out of sight; tests that read it take `log_lines`."""
    configure_logging(log_format="json")
    stream = io.StringIO()
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,  # so that a test may look through other eyes for a while
    )
    return stream


@pytest.fixture(autouse=True)
def _one_minute_of_rate_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of the rate limits stands during a test.

    Their windows are the clock's minutes: with the next minute, one request more may pass.
    """
    clock = SimpleNamespace(time=lambda at=time.time(): at)
    monkeypatch.setattr("limits.storage.memory.time", clock)


@pytest.fixture
def log_lines(_quiet_log: io.StringIO) -> io.StringIO:
    """What is logged from here on."""
    _quiet_log.seek(0)
    _quiet_log.truncate()
    return _quiet_log


@pytest.fixture(scope="session")
def running_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    # All tests call from one address; the slow-down of unknown keys has servers of its own.
    server = RunningServer(tmp_path_factory.mktemp("server"), unknown_keys_per_minute=1_000_000)
    yield server
    server.stop()


@pytest.fixture
def shop(running_server: RunningServer) -> Shop:
    """A merchant who offers both modes in USD: 2.98 and 2.00."""
    return running_server.a_shop()

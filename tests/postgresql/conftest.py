"""Servers on a PostgreSQL of their own, which tests may maltreat."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import new_database
from tests.support.postgresql import PostgresqlCluster
from tests.support.shop import RunningServer


@pytest.fixture(scope="package")
def cluster() -> Iterator[PostgresqlCluster]:
    """A durable PostgreSQL. Whoever stops it starts it again."""
    started = PostgresqlCluster()
    yield started
    started.destroy()


@pytest.fixture
def database_url(cluster: PostgresqlCluster) -> str:
    return new_database(cluster)


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[RunningServer]:
    running = RunningServer(tmp_path, database_url=database_url)
    yield running
    running.stop()

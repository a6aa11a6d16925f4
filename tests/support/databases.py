"""The database of the tests: SQLite, or with ORDERGUARD_TEST_DATABASE=postgresql PostgreSQL."""

from __future__ import annotations

import atexit
import os
from functools import cache
from pathlib import Path

import pytest

from orderguard.storage import schema
from orderguard.storage.database import SqlDatabase
from tests.support.postgresql import PostgresqlCluster

ON_POSTGRESQL = os.environ.get("ORDERGUARD_TEST_DATABASE") == "postgresql"

sqlite_only = pytest.mark.skipif(ON_POSTGRESQL, reason="about SQLite")
"""For facts about files, locks and pragmas."""

postgresql_only = pytest.mark.skipif(not ON_POSTGRESQL, reason="about PostgreSQL")
"""For facts about a server that can be stopped, and about several writers."""


def new_database_url(directory: Path) -> str:
    """A new empty database with the current schema; files go into the directory."""
    url = cluster().new_database() if ON_POSTGRESQL else f"sqlite:///{directory / 'orderguard.db'}"
    database = SqlDatabase(url)
    schema.upgrade(database)
    database.dispose()
    return url


@cache
def cluster() -> PostgresqlCluster:
    """The PostgreSQL of this run."""
    started = PostgresqlCluster()
    atexit.register(started.destroy)
    return started

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

TEMPLATE = "with_schema"


def new_database_url(directory: Path) -> str:
    """A new empty database with the current schema; files go into the directory."""
    if ON_POSTGRESQL:
        return new_database(cluster())
    return _upgraded(f"sqlite:///{directory / 'orderguard.db'}")


@cache
def database_url_at(path: Path) -> str:
    """The database of this path: the file, or on PostgreSQL one database per path."""
    return new_database(cluster()) if ON_POSTGRESQL else f"sqlite:///{path}"


@cache
def cluster() -> PostgresqlCluster:
    """The PostgreSQL of this run. Nobody pulls its plug, so it need not be durable."""
    started = PostgresqlCluster(is_durable=False, max_connections="300")
    atexit.register(started.destroy)
    return started


def new_database(of: PostgresqlCluster) -> str:
    """The URL of a new empty database of the cluster, with the current schema."""
    _make_template(of)
    return of.new_database(TEMPLATE)


@cache
def _make_template(of: PostgresqlCluster) -> None:
    # A copy of a migrated database is made in a tenth of the time that the migrations take.
    of.execute(f"CREATE DATABASE {TEMPLATE}")
    _upgraded(of.url(TEMPLATE))


def _upgraded(url: str) -> str:
    database = SqlDatabase(url)
    schema.upgrade(database)
    database.dispose()
    return url

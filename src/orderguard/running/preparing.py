"""Checks before serving: the schema is current, and the database can be used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from orderguard.domain.errors import OrderguardError
from orderguard.settings import Settings
from orderguard.storage import schema
from orderguard.storage.database import SqlDatabase


class OldSchema(OrderguardError):
    """The schema is older than this release needs."""


def upgrade_schema(
    settings: Settings, *, patience_seconds: float, tell: Callable[[str], None]
) -> None:
    """Apply missing migrations to the configured database, as `schema.upgrade` does.

    Raises `LaterRelease`, `UnusableAddress` and `StorageUnavailable`.
    """
    with _database(settings) as database:
        schema.upgrade(database, patience_seconds=patience_seconds, tell=tell)


def prepare_schema(settings: Settings) -> None:
    """Ensure that the schema is current, as `make_current` does.

    Raises `OldSchema`, `LaterRelease`, `UnusableAddress` and `StorageUnavailable`.
    """
    with _database(settings) as database:
        make_current(database)


def prepare_to_serve(settings: Settings) -> None:
    """Ensure that the schema is current, and that every kind of connection works.

    Raises `OldSchema`, `LaterRelease`, `UnusableAddress` and `StorageUnavailable`.
    """
    with _database(settings) as database:
        make_current(database)
        database.prove_connections()


@contextmanager
def _database(settings: Settings) -> Iterator[SqlDatabase]:
    database = SqlDatabase(settings.database_url)
    try:
        yield database
    finally:
        database.dispose()


def make_current(database: SqlDatabase) -> None:
    """Apply missing migrations to SQLite; refuse a PostgreSQL database that lacks some.

    PostgreSQL may be serving the previous release just now, so the operator says when to migrate.
    Raises `OldSchema`, `LaterRelease` and `StorageUnavailable`.
    """
    if not schema.is_current(database):
        if database.is_postgresql:
            raise OldSchema("The database schema is not current. Run: orderguard db upgrade")
        schema.upgrade(database)

"""The state of the schema: which migration a database is at, and bringing it up to date."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DatabaseError

from orderguard.domain.errors import OrderguardError, StorageUnavailable
from orderguard.storage.database import SqlDatabase

if TYPE_CHECKING:  # Alembic takes long to import, and only an upgrade needs it
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"

PATIENCE_SECONDS = 600.0
"""How long an upgrade waits for transactions of others, unless told otherwise."""


class LaterRelease(OrderguardError):
    """The database has a schema that only a later release knows."""

    def __init__(self, applied: str, known: str) -> None:
        super().__init__(
            f"This database is of a later release: its schema is {applied}, and this release "
            f"knows up to {known}. Use that release, or restore a backup of before the upgrade."
        )


def is_current(database: SqlDatabase) -> bool:
    """Whether every migration has been applied. Raises `LaterRelease`, `StorageUnavailable`."""
    if not database.exists():
        return False
    known = {file.name.partition("_")[0] for file in MIGRATIONS.glob("versions/[0-9]*.py")}
    head = max(known)
    with database.read() as work:
        has_any = inspect(work.connection).has_table("alembic_version")
        query = text("SELECT version_num FROM alembic_version")
        applied = work.connection.execute(query).scalar() if has_any else None
    if applied is not None and applied not in known:
        raise LaterRelease(applied, head)
    return bool(applied == head)


def upgrade(
    database: SqlDatabase,
    *,
    patience_seconds: float = PATIENCE_SECONDS,
    tell: Callable[[str], None] = lambda _sentence: None,
) -> None:
    """Apply the missing migrations: SQLite in one transaction, PostgreSQL in one each.

    On PostgreSQL servers of the previous release keep running, and a migration waits up to
    `patience_seconds` for other transactions; then `tell` is called with a sentence. Raises
    `LaterRelease` and `StorageUnavailable`.
    """
    database.create()
    if is_current(database):
        return
    try:
        if database.address:
            from orderguard.storage.migrating import migrate

            migrate(database.address, _apply, patience_seconds=patience_seconds, tell=tell)
        else:
            with database.engine.begin() as connection:
                _apply(connection)
    except DatabaseError as error:
        raise StorageUnavailable(f"The database cannot be used: {error.orig}") from error


def _apply(connection: Connection) -> None:
    from alembic import command

    command.upgrade(_config(connection), "head")


def _config(connection: Connection | None = None) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config

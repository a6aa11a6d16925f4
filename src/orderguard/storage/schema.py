"""The state of the schema: which migration a database is at, and bringing it up to date."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from orderguard.domain.errors import OrderguardError, StorageUnavailable
from orderguard.storage.database import SqlDatabase
from orderguard.storage.migrating import migrate

PATIENCE_SECONDS = 600.0
"""How long an upgrade waits for transactions of others, unless told otherwise."""


class LaterRelease(OrderguardError):
    """The schema is one that only a later release knows."""

    def __init__(self, applied: str, known: str) -> None:
        super().__init__(
            f"This database is of a later release: its schema is {applied}, and this release "
            f"knows up to {known}. Use that release, or restore a backup of before the upgrade."
        )


def is_current(database: SqlDatabase) -> bool:
    """Whether every migration has been applied. Raises `LaterRelease`, `StorageUnavailable`."""
    if not database.exists():
        return False
    with database.read() as work:
        applied = MigrationContext.configure(work.connection).get_current_revision()
    scripts = ScriptDirectory.from_config(_config())
    head = str(scripts.get_current_head())
    if applied is not None and applied not in {each.revision for each in scripts.walk_revisions()}:
        raise LaterRelease(applied, head)
    return applied == head


def upgrade(
    database: SqlDatabase,
    *,
    patience_seconds: float = PATIENCE_SECONDS,
    tell: Callable[[str], None] = lambda _sentence: None,
) -> None:
    """Apply the migrations that are missing: one transaction for a file, one each on PostgreSQL.

    On PostgreSQL servers of the previous release serve on meanwhile, and transactions of others are
    waited for with patience; `tell` gets a sentence then. Raises `LaterRelease` and
    `StorageUnavailable`.
    """
    database.create()
    if is_current(database):
        return
    try:
        if database.address:
            migrate(database.address, _apply, patience_seconds=patience_seconds, tell=tell)
        else:
            with database.engine.begin() as connection:
                _apply(connection)
    except DatabaseError as error:
        raise StorageUnavailable(f"The database cannot be used: {error.orig}") from error


def _apply(connection: Connection) -> None:
    command.upgrade(_config(connection), "head")


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config

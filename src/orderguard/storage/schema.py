"""The state of the schema: which migration a database is at, and bringing it up to date."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from orderguard.domain.errors import StorageUnavailable
from orderguard.storage.database import SqlDatabase


def is_current(database: SqlDatabase) -> bool:
    """Whether every migration has been applied. Raises `StorageUnavailable`."""
    if not database.exists():
        return False
    with database.read() as work:
        applied = MigrationContext.configure(work.connection).get_current_revision()
    return applied == ScriptDirectory.from_config(_config()).get_current_head()


def upgrade(database: SqlDatabase) -> None:
    """Apply the migrations that are missing, in one transaction. Raises `StorageUnavailable`."""
    database.create()
    try:
        with database.engine.begin() as connection:
            command.upgrade(_config(connection), "head")
    except DatabaseError as error:
        raise StorageUnavailable(f"The database cannot be used: {error.orig}") from error


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config

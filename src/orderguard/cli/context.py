"""What commands need: settings from the environment, and a database that is ready."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orderguard.domain.errors import OrderguardError
from orderguard.server import prepare_schema
from orderguard.settings import Settings, settings_from_environment
from orderguard.storage.database import SqlDatabase


def current_settings() -> Settings:
    return settings_from_environment(os.environ)


def read_file(file: Path) -> str:
    """The text of a file, or of standard input for `-`. Raises `OrderguardError`."""
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OrderguardError(f"Cannot read {file}: {error}.") from error


@contextmanager
def open_database() -> Iterator[SqlDatabase]:
    """The configured database, with its schema up to date."""
    settings = current_settings()
    prepare_schema(settings)
    database = SqlDatabase(settings.database_url)
    try:
        yield database
    finally:
        database.dispose()


@contextmanager
def open_database_as_it_is() -> Iterator[SqlDatabase]:
    """The configured database, whatever its state; it may not even be there."""
    database = SqlDatabase(current_settings().database_url)
    try:
        yield database
    finally:
        database.dispose()

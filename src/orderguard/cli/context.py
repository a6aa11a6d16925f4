"""What commands need: settings from the environment, and a database that is ready."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from orderguard.server import prepare_schema
from orderguard.settings import Settings, settings_from_environment
from orderguard.storage.database import SqlDatabase


def current_settings() -> Settings:
    return settings_from_environment(os.environ)


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

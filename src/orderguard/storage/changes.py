"""The counter by which processes notice that keys or configurations have changed."""

from __future__ import annotations

from sqlalchemy import Connection, update

from orderguard.storage.tables import change_counter


def announce_change(connection: Connection) -> None:
    """Count one change; other processes forget what they remember once this is committed."""
    connection.execute(update(change_counter).values(value=change_counter.c.value + 1))

"""Notifies other processes of changed keys or configurations."""

from __future__ import annotations

from sqlalchemy import Connection, text, update

from orderguard.storage.tables import change_counter

CHANNEL = "orderguard_changes"
"""The channel that PostgreSQL notifies on."""


def announce_change(connection: Connection) -> None:
    """Increase the change counter; other processes clear their caches once this is committed."""
    connection.execute(update(change_counter).values(value=change_counter.c.value + 1))
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"NOTIFY {CHANNEL}"))

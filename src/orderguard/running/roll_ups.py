"""Compose the action that rolls up analytics."""

from __future__ import annotations

from orderguard.actions.publish_configuration import reader
from orderguard.actions.roll_up_analytics import RollUpAnalytics
from orderguard.rules.cel import CelCompiler
from orderguard.storage.database import SqlDatabase
from orderguard.storage.remembered import PublishedVersions


def wire_roll_up(database: SqlDatabase) -> RollUpAnalytics:
    """Compose the action that rolls up analytics, for a server or for a command."""
    return RollUpAnalytics(database, PublishedVersions(reader(CelCompiler())))

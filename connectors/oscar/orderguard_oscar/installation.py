"""When this app was installed in the shop."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder


def installed_at() -> datetime | None:
    """When the app's table was created; earlier orders are not reported."""
    recorder = MigrationRecorder(connection)
    if not recorder.has_table():
        return None
    found = (
        recorder.migration_qs.filter(app="orderguard_oscar", name="0001_initial")
        .values_list("applied", flat=True)
        .first()
    )
    return found if isinstance(found, datetime) else None


def is_before_us(placed_at: datetime) -> bool:
    """Whether an order was placed before the app was installed."""
    since = installed_at()
    return since is not None and placed_at < since

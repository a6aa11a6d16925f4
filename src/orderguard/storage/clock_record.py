"""The clock record in the database: one row, updated at every heartbeat of a server."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from orderguard.domain.analytics.trusted_time import ClockRecord
from orderguard.storage.tables import (
    audit_trail,
    clock_record,
    merchants,
    offer_sessions,
    orders,
)

_ROW = 1
_MICROSECOND = timedelta(microseconds=1)


class SqlClockRecord:
    """The clock record of the whole installation."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._insert: Any = (
            postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        )

    def find(self) -> ClockRecord | None:
        row = self._connection.execute(select(clock_record)).first()
        if row is None:
            return None
        return ClockRecord(row.confirmed_at, row.doubtful_at, row.held_us * _MICROSECOND)

    def save(self, record: ClockRecord) -> None:
        values = {
            "confirmed_at": record.confirmed_at,
            "doubtful_at": record.doubtful_at,
            "held_us": record.held // _MICROSECOND,
        }
        self._connection.execute(
            self._insert(clock_record)
            .values(id=_ROW, **values)
            .on_conflict_do_update(index_elements=[clock_record.c.id], set_=values)
        )

    def newest_row(self) -> datetime | None:
        """The newest instant of sessions, orders and audit entries; scans whole indexes.

        Sandbox merchants are excluded, because their integrators set their clock.
        """
        instants = (offer_sessions.c.updated_at, orders.c.changed_at, audit_trail.c.at)
        sandboxes = select(merchants.c.id).where(merchants.c.is_sandbox)
        newest = (
            self._connection.execute(
                select(func.max(each)).where(each.table.c.merchant_id.not_in(sandboxes))
            ).scalar()
            for each in instants
        )
        return max((each for each in newest if each), default=None)

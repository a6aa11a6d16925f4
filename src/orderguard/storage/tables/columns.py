"""Shared parts of the tables: the SQLAlchemy metadata, instants, and partial indexes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Index, MetaData, TypeDecorator, text

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_microseconds(instant: datetime) -> int:
    """Microseconds since 1970. Exact, unlike `timestamp()`, which is a float."""
    return (instant - EPOCH) // _MICROSECOND


def from_microseconds(count: int) -> datetime:
    return EPOCH + timedelta(microseconds=count)


class Instant(TypeDecorator[datetime]):
    """A column type for zoned datetimes, stored as microseconds since 1970 in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:  # noqa: ARG002
        return None if value is None else to_microseconds(value)

    def process_result_value(self, value: Any, dialect: Any) -> datetime | None:  # noqa: ARG002
        return None if value is None else from_microseconds(value)


def queue_index(name: str, condition: str) -> Index:
    """A partial index of the rows that a background chore still has to process."""
    waits = text(condition)
    return Index(name, "merchant_id", "id", sqlite_where=waits, postgresql_where=waits)


metadata = MetaData()

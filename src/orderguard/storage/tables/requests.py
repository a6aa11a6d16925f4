"""The request log."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table

from orderguard.storage.tables.columns import Instant, metadata

# The latest requests of each merchant. `place` is the real time in nanoseconds, to the microsecond;
# its last three digits tell processes apart.
request_log = Table(
    "request_log",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("request_id", String(128), nullable=False),
    Column("key_id", String(20), nullable=False),
    Column("method", String(10), nullable=False),
    Column("path", String(300), nullable=False),
    # 0: there was no answer.
    Column("status", Integer, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("duration_us", BigInteger, nullable=False),
    Column("code", String(64), nullable=False),
    # JSON: pairs of the path and the message.
    Column("problems", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("body_bytes", Integer, nullable=False),
)

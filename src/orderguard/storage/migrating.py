"""Run migrations on PostgreSQL while servers write, without blocking checkouts.

Checkouts queue behind a migration that waits for a lock, and give up after 250 ms. So a migration
waits for less, lets them pass, and tries again (docs/decisions/0072).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from orderguard.domain.errors import StorageUnavailable
from orderguard.storage.postgresql_address import PostgresqlAddress

LOCK_TIMEOUT_MS = 50
"""How long a migration waits for a lock that checkouts queue behind."""

FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 4.0
"""Between two attempts; a pause is twice the one before."""

PATIENCE = "orderguard.patience_ms"
"""The setting of the session that says how long a step may wait that nobody waits behind."""

_LOCK_NOT_AVAILABLE = "55P03"
_DEADLOCK = "40P01"

_ONE_AT_A_TIME = 7_309_001
"""The number of the advisory lock that an upgrade holds."""

_OTHERS = text(
    "SELECT pid, application_name AS program, host(client_addr) AS address,"
    " extract(epoch FROM clock_timestamp() - xact_start)::int AS seconds"
    " FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND xact_start IS NOT NULL ORDER BY xact_start LIMIT 3"
)
_UPGRADING = text(
    "SELECT pid, host(client_addr) AS address FROM pg_locks JOIN pg_stat_activity USING (pid)"
    " WHERE locktype = 'advisory' AND classid = 0 AND objid = :number AND granted"
    " AND datname = current_database()"
)
_ASKS = text("SELECT pg_try_advisory_lock(:number)")


def migrate(
    address: PostgresqlAddress,
    run: Callable[[Connection], None],
    *,
    patience_seconds: float,
    tell: Callable[[str], None],
) -> None:
    """Run migrations, and retry each migration that cannot get its locks.

    `run` applies the missing migrations, each in a transaction of its own. `tell` is called with a
    sentence while other transactions are waited for. Raises `StorageUnavailable` after
    `patience_seconds`, naming the processes that hold the locks.
    """
    deadline = monotonic() + patience_seconds
    engine = _engine(address, patience_seconds)
    with _alone(engine, deadline, tell):
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                with engine.connect() as connection:
                    return run(connection)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in (_LOCK_NOT_AVAILABLE, _DEADLOCK):
                    raise
                if monotonic() + pause > deadline:
                    raise StorageUnavailable(
                        f"The upgrade waited for {patience_seconds:.0f} seconds for "
                        f"{_others(engine)}. Migrations that were finished stay applied; run it "
                        "again when those are done."
                    ) from error
            if pause == FIRST_PAUSE_SECONDS:
                tell(f"Waiting for {_others(engine)}.")
            sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


def _engine(address: PostgresqlAddress, patience_seconds: float) -> Engine:
    """An engine whose connections have no time limit on statements, and a short one on locks."""
    import psycopg  # an extra, and migrations of SQLite import this module

    def connect() -> Any:
        connection = psycopg.connect(address.for_psycopg(), autocommit=True)
        connection.execute("SET statement_timeout = 0")
        connection.execute("SET idle_in_transaction_session_timeout = 0")
        connection.execute(f"SET lock_timeout = {LOCK_TIMEOUT_MS:d}")
        connection.execute(f"SET {PATIENCE} = '{int(patience_seconds * 1000):d}'".encode())
        connection.autocommit = False
        return connection

    return create_engine("postgresql+psycopg://", creator=connect, poolclass=NullPool)


@contextmanager
def _alone(engine: Engine, deadline: float, tell: Callable[[str], None]) -> Iterator[None]:
    """Hold the advisory lock of upgrades, on a connection of its own that has no transaction."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        has_reported = False
        number = {"number": _ONE_AT_A_TIME}
        while not connection.execute(_ASKS, number).scalar():
            other = connection.execute(_UPGRADING, number).first()
            found = f"process {other.pid} from {other.address}" if other else "another process"
            if monotonic() > deadline:
                raise StorageUnavailable(f"Another upgrade still runs: {found}.")
            if not has_reported:
                tell(f"Waiting for another upgrade: {found}.")
                has_reported = True
            sleep(FIRST_PAUSE_SECONDS)
        yield


def _others(engine: Engine) -> str:
    """The oldest transactions of others, for people."""
    with engine.connect() as connection:
        rows = connection.execute(_OTHERS).all()
    found = [
        f"process {row.pid} ({row.program or 'no name'}, {row.address or 'this machine'}, "
        f"for {row.seconds} s)"
        for row in rows
    ]
    return "transactions of others: " + (", ".join(found) or "none is open any more")

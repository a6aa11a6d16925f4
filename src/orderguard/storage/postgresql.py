"""PostgreSQL: the engine for everything off the hot path."""

from __future__ import annotations

from sqlalchemy import create_engine, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from orderguard.domain.errors import StorageUnavailable

SCHEME = "postgresql://"

CONNECT_TIMEOUT_SECONDS = 2
STATEMENT_TIMEOUT_MS = 10_000
"""How long one statement may take, off the hot path."""

POOL_SIZE = 5
POOL_TIMEOUT_SECONDS = 2
"""How long somebody waits for a connection of the pool before the answer is 503."""


def is_postgresql(url: str) -> bool:
    return url.startswith(SCHEME)


class PostgresqlServer:
    """The database on a server."""

    def __init__(self, url: str) -> None:
        self.engine = create_engine(
            f"postgresql+psycopg://{url.partition('://')[2]}",
            pool_size=POOL_SIZE,
            max_overflow=POOL_SIZE,
            pool_timeout=POOL_TIMEOUT_SECONDS,
            # A connection that the server has dropped meanwhile is noticed before it is used.
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": CONNECT_TIMEOUT_SECONDS,
                "options": f"-c statement_timeout={STATEMENT_TIMEOUT_MS}",
            },
        )

    def exists(self) -> bool:
        return True

    def create(self) -> None:
        """Databases are made by their administrators."""

    def check_writable(self) -> None:
        """Raises `StorageUnavailable` unless an analysis could be recorded now."""
        try:
            with self.engine.begin() as connection:
                if connection.execute(text("SHOW transaction_read_only")).scalar() == "on":
                    raise StorageUnavailable("The database is read-only; is it a replica?")
                connection.execute(text("SELECT value FROM change_counter"))
        except (DatabaseError, PoolTimeoutError) as error:
            raise StorageUnavailable(f"The database cannot be used: {error}") from error

"""Back up the database to a file while servers run, and restore it.

A SQLite database is copied with SQLite's own backup, PostgreSQL with `pg_dump` and `pg_restore`.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from secrets import token_hex
from urllib.parse import quote, urlencode

from orderguard.domain.errors import OrderguardError
from orderguard.storage.database import SqlDatabase
from orderguard.storage.postgresql_address import PostgresqlAddress
from orderguard.storage.sqlite import BUSY_TIMEOUT_MS, open_sqlite, sqlite_path


class CannotBackUp(OrderguardError):
    """The backup was not made, or cannot be used; the message says why."""


def back_up(database: SqlDatabase, file: Path) -> None:
    """Copy a consistent snapshot of the database into a new file; servers keep running.

    The file gets its name when it is complete and on the disk. Raises `CannotBackUp`.
    """
    if file.exists():
        raise CannotBackUp(f"{file} exists already. A backup replaces no file: name another one.")
    if not file.absolute().parent.is_dir():
        raise CannotBackUp(f"There is no directory {file.absolute().parent}.")
    part = file.with_name(f"{file.name}.part")
    try:
        if database.address:
            _run("pg_dump", database.address, "--format=custom", f"--file={part}")
        else:
            path = sqlite_path(database.url)
            if not path.exists():
                raise CannotBackUp(f"There is no database at {path.absolute()}.")
            live = open_sqlite(path, busy_timeout_ms=BUSY_TIMEOUT_MS)
            _copy_sqlite(live, path, part)
        part.chmod(0o600)  # keys are in it, though only their hashes
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.rename(file)
    except (OSError, sqlite3.Error) as error:
        raise CannotBackUp(f"The backup was not made: {error}.") from error
    finally:
        part.unlink(missing_ok=True)


def restore(file: Path, database: SqlDatabase) -> None:
    """Create the database from a backup. Raises `CannotBackUp`, also when it exists already."""
    if not file.is_file():
        raise CannotBackUp(f"There is no file {file}.")
    expect_none(database)
    if database.address:
        _fill(database.address, file)
        return
    path = sqlite_path(database.url)
    part = path.with_name(f"{path.name}.part")
    try:
        _copy_sqlite(_backup_of_sqlite(file), file, part)
        part.rename(path)
    except (OSError, sqlite3.Error) as error:
        raise CannotBackUp(f"{file} cannot be restored: {error}.") from error
    finally:
        part.unlink(missing_ok=True)


def expect_none(database: SqlDatabase) -> None:
    """Raises `CannotBackUp` when the database to restore to exists already."""
    if database.address:
        _expect_empty(database)
        return
    path = sqlite_path(database.url)
    beside = [path, *(path.with_name(f"{path.name}{ending}") for ending in ("-wal", "-shm"))]
    there = [str(each.absolute()) for each in beside if each.exists()]
    if there:
        raise CannotBackUp(
            f"There is a database already: {', '.join(there)}. Stop the server, and move it away "
            "with the files beside it."
        )


@contextmanager
def restored_copy(file: Path, database: SqlDatabase) -> Iterator[SqlDatabase]:
    """Restore a backup to a temporary database beside the configured one.

    It is removed when the block is left. Raises `CannotBackUp`.
    """
    if not database.address:
        with tempfile.TemporaryDirectory(prefix="orderguard-restore-") as directory:
            copy = SqlDatabase(f"sqlite:///{directory}/restored.db")
            try:
                restore(file, copy)
                yield copy
            finally:
                copy.dispose()
        return
    name = f"orderguard_check_{token_hex(4)}"
    with _scratch_database(database.address, name) as parameters:
        copy = SqlDatabase("postgresql://?" + urlencode(parameters, quote_via=quote))
        try:
            restore(file, copy)
            yield copy
        finally:
            copy.dispose()


def _copy_sqlite(live: sqlite3.Connection, source: Path, target: Path) -> None:
    """Copy in one step: a copy in several restarts whenever another process writes."""
    target.unlink(missing_ok=True)
    target.touch(mode=0o600)
    with closing(live), closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
        (found,) = copy.execute("PRAGMA quick_check").fetchone()
        if found != "ok":
            raise CannotBackUp(f"{source} is damaged: {found}.")
        if not copy.execute(_HAS_SCHEMA).fetchone():
            raise CannotBackUp(f"{source} is not a database of Orderguard.")


def _backup_of_sqlite(file: Path) -> sqlite3.Connection:
    """Open a backup read-only: its folder may be one without the right to write."""
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


_HAS_SCHEMA = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"


def _fill(address: PostgresqlAddress, file: Path) -> None:
    _run("pg_restore", address, "--no-owner", "--exit-on-error", "--single-transaction", str(file))


def _run(program: str, address: PostgresqlAddress, *options: str) -> None:
    """Run a program of PostgreSQL. The environment carries the password, hidden from others."""
    found = shutil.which(program)
    if found is None:
        raise CannotBackUp(
            f"{program} is not installed, or not in PATH. It belongs to PostgreSQL's clients "
            "(postgresql-client), of the server's version or a later one."
        )
    parameters = dict(address.parameters)
    password = parameters.pop("password", None)
    environment = os.environ | ({"PGPASSWORD": password} if password else {})
    target = PostgresqlAddress(parameters).for_psycopg()
    done = subprocess.run(  # noqa: S603  # the words are ours
        [found, f"--dbname={target}", *options],
        env=environment,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise CannotBackUp(f"{program} failed: {' '.join(lines[-3:])}")


def _expect_empty(database: SqlDatabase) -> None:
    with database.read() as work:
        count = work.connection.exec_driver_sql(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        ).scalar()
    if count:
        raise CannotBackUp(
            f"The database is not empty: it has {count} tables. Name a new one in "
            "ORDERGUARD_DATABASE_URL (createdb makes one)."
        )


@contextmanager
def _scratch_database(address: PostgresqlAddress, name: str) -> Iterator[dict[str, str]]:
    """An empty database on the same server, by its parameters; it is dropped in the end."""
    import psycopg
    from psycopg.sql import SQL, Identifier

    made = SQL("CREATE DATABASE {} TEMPLATE template0").format(Identifier(name))
    dropped = SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name))
    try:
        with psycopg.connect(address.for_psycopg(), autocommit=True) as connection:
            try:
                connection.execute(made)
            except psycopg.errors.InsufficientPrivilege as error:
                raise CannotBackUp(
                    "The check restores the backup into a database of its own, and this role may "
                    "not create one (ALTER ROLE … CREATEDB)."
                ) from error
        try:
            yield {**address.parameters, "dbname": name}
        finally:
            with psycopg.connect(address.for_psycopg(), autocommit=True) as connection:
                connection.execute(dropped)
    except psycopg.OperationalError as error:
        raise CannotBackUp(f"The database cannot be used: {error}") from error

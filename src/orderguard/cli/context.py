"""Dependencies of commands: settings from the environment, and the database."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orderguard.actions.find_merchant import MerchantNotFound, get_merchant
from orderguard.clock import now
from orderguard.domain.errors import NotFound, OrderguardError
from orderguard.domain.people.audit import Actor, Change, person_at_command_line
from orderguard.running.preparing import make_current
from orderguard.settings import Settings, settings_from_environment
from orderguard.storage.database import SqlDatabase


def current_settings() -> Settings:
    return settings_from_environment(os.environ)


def read_file(file: Path) -> str:
    """The text of a file, or of standard input for `-`. Raises `OrderguardError`."""
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OrderguardError(f"Cannot read {file}: {error}.") from error


class NoDatabase(NotFound):
    """The configured database file does not exist, and the command does not create it."""

    def __init__(self, place: str) -> None:
        super().__init__(
            f"There is no database at {place}. If it is somewhere else, set "
            "ORDERGUARD_DATABASE_URL (sqlite:////var/lib/orderguard.db); make a new one with: "
            "orderguard db upgrade"
        )


@contextmanager
def open_database(*, makes_file: bool = False) -> Iterator[SqlDatabase]:
    """The configured database, with its schema up to date.

    Raises `NoDatabase` for a missing file, unless the command `makes_file`: then standard error
    names the created file. `MerchantNotFound` is raised again with the place of the database.
    """
    database = SqlDatabase(current_settings().database_url)
    try:
        if not database.exists():
            if not makes_file:
                raise NoDatabase(database.place)
            sys.stderr.write(f"Making a new database at {database.place}.\n")
        make_current(database)
        yield database
    except MerchantNotFound as error:
        raise MerchantNotFound(error.id_or_name, error.nearest, where=database.place) from error
    finally:
        database.dispose()


def source_limit() -> int:
    """The maximum size of a configuration on this server, in bytes."""
    return current_settings().configuration_limit


@contextmanager
def open_database_as_it_is() -> Iterator[SqlDatabase]:
    """The configured database without any check: its schema may be old, its file missing."""
    database = SqlDatabase(current_settings().database_url)
    try:
        yield database
    finally:
        database.dispose()


def change_now() -> Change:
    """A change by the user who runs the command, made now."""
    return Change(person(), now())


def change_for(database: SqlDatabase, merchant: str) -> Change:
    """Like `change_now`, at the time of this merchant, which for a sandbox is its test clock's.

    Raises `MerchantNotFound`.
    """
    with database.read() as work:
        return Change(person(), get_merchant(work, merchant).time(now()))


def person() -> Actor:
    """The user who runs the command, for histories and the audit trail."""
    try:
        return person_at_command_line(getpass.getuser())
    except (OSError, KeyError):  # a container may run as a user without a name
        return person_at_command_line("unknown")

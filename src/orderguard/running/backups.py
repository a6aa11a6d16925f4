"""The commands `backup` and `restore`: copying, restoring and checking combined."""

from __future__ import annotations

from pathlib import Path

from orderguard.actions.check_backup import CheckedBackup, check_backup
from orderguard.clock import now
from orderguard.rules.cel import CelCompiler
from orderguard.storage import backup, schema
from orderguard.storage.database import SqlDatabase


def back_up(database: SqlDatabase, file: Path) -> None:
    """Copy the database into a file. Raises `CannotBackUp` and `StorageUnavailable`."""
    backup.back_up(database, file)


def check(file: Path, database: SqlDatabase) -> CheckedBackup:
    """Restore a backup beside the database, migrate the copy to this release, and check it.

    Raises `CannotBackUp`, `LaterRelease` and `StorageUnavailable`.
    """
    with backup.restored_copy(file, database) as restored:
        schema.upgrade(restored)
        return check_backup(restored, CelCompiler(), at=now())


def restore(file: Path, database: SqlDatabase) -> CheckedBackup:
    """Create the configured database from a backup, which is checked first.

    Raises `CannotBackUp` when the database exists already, when the backup cannot be used, or when
    its books do not balance.
    """
    backup.expect_none(database)
    checked = check(file, database)
    if not checked.problems:
        backup.restore(file, database)
        schema.upgrade(database)
    return checked

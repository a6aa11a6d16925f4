"""The migrations make exactly the tables that the code uses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from orderguard.domain.errors import StorageUnavailable
from orderguard.storage import schema
from orderguard.storage.database import SqlDatabase
from orderguard.storage.tables import metadata


def _database(path: Path) -> SqlDatabase:
    return SqlDatabase(f"sqlite:///{path}")


@pytest.fixture
def migrated(tmp_path: Path) -> SqlDatabase:
    database = _database(tmp_path / "migrated.db")
    schema.upgrade(database)
    return database


def test_autogenerate_finds_nothing_to_do_after_the_migrations(migrated: SqlDatabase) -> None:
    with migrated.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        differences = compare_metadata(context, metadata)
    migrated.dispose()

    assert [] == differences


def test_migrations_and_tables_make_the_same_columns_keys_and_indexes(
    migrated: SqlDatabase, tmp_path: Path
) -> None:
    created = _database(tmp_path / "created.db")
    created.create()
    with created.engine.begin() as connection:
        metadata.create_all(connection)

    assert _described(created) == _described(migrated)
    created.dispose()
    migrated.dispose()


def _described(database: SqlDatabase) -> dict[str, Any]:
    found = inspect(database.engine)
    return {
        table: {
            "columns": [
                (column["name"], str(column["type"]), column["nullable"], column["default"])
                for column in found.get_columns(table)
            ],
            "key": found.get_pk_constraint(table)["constrained_columns"],
            "references": sorted(
                (key["constrained_columns"], key["referred_table"])
                for key in found.get_foreign_keys(table)
            ),
            "unique": sorted(key["column_names"] for key in found.get_unique_constraints(table)),
            "indexes": sorted(
                (str(index["name"]), index["column_names"], index["unique"])
                for index in found.get_indexes(table)
            ),
        }
        for table in found.get_table_names()
        if table != "alembic_version"
    }


def test_upgrading_again_changes_nothing(migrated: SqlDatabase) -> None:
    with migrated.begin() as work:
        work.connection.exec_driver_sql("UPDATE change_counter SET value = 7")

    schema.upgrade(migrated)

    with migrated.read() as work:
        assert 7 == work.connection.exec_driver_sql("SELECT value FROM change_counter").scalar()
    assert schema.is_current(migrated)
    migrated.dispose()


def test_the_newest_migration_has_the_highest_number() -> None:
    scripts = ScriptDirectory.from_config(schema._config())
    numbers = [script.revision for script in scripts.walk_revisions()]

    # `is_current` reads the names of the files, because Alembic takes long to import.
    assert max(numbers) == scripts.get_current_head()
    assert sorted(numbers) == sorted(
        file.name[:4] for file in schema.MIGRATIONS.glob("versions/[0-9]*.py")
    )


def test_a_database_that_is_not_there_is_not_current_and_is_not_made_by_asking(
    tmp_path: Path,
) -> None:
    path = tmp_path / "none.db"

    assert not schema.is_current(_database(path))
    assert not path.exists()


def test_a_database_in_no_directory_cannot_be_made(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable):
        schema.upgrade(_database(tmp_path / "no" / "such" / "orderguard.db"))


def test_a_file_that_is_no_database_is_unusable(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("This is not a database. " * 100)
    database = _database(path)

    with pytest.raises(StorageUnavailable):
        schema.is_current(database)
    with pytest.raises(StorageUnavailable):
        schema.upgrade(database)
    with pytest.raises(StorageUnavailable), database.read() as work:
        work.merchants.all()
    database.dispose()

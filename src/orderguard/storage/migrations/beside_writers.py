"""Migration steps for large tables, which run while servers keep writing.

On PostgreSQL each is outside the migration's transaction, so a migration that uses them does
nothing else, and every step is safe to repeat after a failure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

from orderguard.storage.migrating import PATIENCE

ROWS_AT_ONCE = 500
"""Rows of a batch: they are locked for some milliseconds, as a push locks its order."""


def add_index(name: str, table: str, columns: Sequence[str], *, where: str | None = None) -> None:
    """Build an index unless it is there already; on PostgreSQL without locking out writers.

    `where` is the condition of a partial index. What a failed attempt has left is dropped first.
    """
    condition = sa.text(where) if where else None
    if not _is_postgresql():
        op.create_index(name, table, columns, sqlite_where=condition, if_not_exists=True)
        return
    with _without_transaction() as connection:
        is_valid = connection.execute(_IS_VALID, {"name": name}).scalar()
        if is_valid:
            return
        if is_valid is not None:
            op.drop_index(name, table, postgresql_concurrently=True)
        op.create_index(
            name, table, columns, postgresql_where=condition, postgresql_concurrently=True
        )


def in_batches(
    table: sa.TableClause, statements_of: Callable[[sa.ColumnElement[bool]], list[sa.Update]]
) -> None:
    """Run statements over all rows of a table, some hundred at a time, in the order of its key.

    The key is `merchant_id` and `id`. `statements_of` gets the condition of a batch. Statements are
    repeated when the migration is, so they derive the new values from the row.
    """
    key = sa.tuple_(table.c.merchant_id, table.c.id)
    first = sa.select(table.c.merchant_id, table.c.id).order_by(*key).limit(ROWS_AT_ONCE)
    with _without_transaction() as connection:
        rows = connection.execute(first).all()
        after: sa.ColumnElement[bool] = sa.true()
        while rows:
            last = sa.tuple_(*rows[-1], types=[column.type for column in key])
            for statement in statements_of(sa.and_(after, key <= last)):
                connection.execute(statement)
            after = key > last
            rows = connection.execute(first.where(after)).all()


@contextmanager
def _without_transaction() -> Iterator[sa.Connection]:
    """On PostgreSQL, commit each statement by itself, and let it wait as long as the upgrade may.

    Others do not wait behind it: neither behind a concurrent build, nor behind a batch of rows.
    """
    connection = op.get_bind()
    if not _is_postgresql():
        yield connection
        return
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        before = connection.exec_driver_sql("SHOW lock_timeout").scalar()
        connection.execute(_WAIT_PATIENTLY, {"setting": PATIENCE})
        try:
            yield connection
        finally:
            connection.execute(_WAIT, {"limit": before})


def _is_postgresql() -> bool:
    return op.get_context().dialect.name == "postgresql"


_IS_VALID = sa.text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")
_WAIT = sa.text("SELECT set_config('lock_timeout', :limit, false)")
_WAIT_PATIENTLY = sa.text(
    "SELECT set_config('lock_timeout', coalesce(current_setting(:setting, true), '0'), false)"
)

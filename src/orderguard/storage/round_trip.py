"""Statements of one transaction that are sent together: one round trip to PostgreSQL.

SQL is written once for both databases: `:name` is a parameter, and `IN :name` takes a list. The
statements pass SQLAlchemy by, which costs more than most of them do; connections, transactions and
the handling of errors stay with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, String, Table
from sqlalchemy.dialects import postgresql

from orderguard.storage.tables import to_microseconds
from orderguard.storage.tables.columns import Instant

Row = Sequence[Any]
"""A row as the driver gives it: instants as microseconds, truth on SQLite as 0 or 1."""

_PARAMETER = re.compile(r"(IN )?:(\w+)")
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_PLAIN = frozenset({str, int, bool, bytes, type(None)})


class Query(NamedTuple):
    """A statement with its parameters: plain values, or lists for `IN`."""

    sql: str
    parameters: Mapping[str, Any]


class Insert(NamedTuple):
    """Rows to insert into a table, all with the same columns; values are those of the domain."""

    table: Table
    rows: Sequence[Mapping[str, Any]]


Statement = Query | Insert


def update_of(table: Table, row: Mapping[str, Any]) -> Query:
    """The statement that updates one row, found by the table's primary key."""
    return Query(_update(table, tuple(row)), _plain_row(table, tuple(row), row))


def send_together(connection: Connection, statements: Sequence[Statement]) -> list[Sequence[Row]]:
    """Execute the statements in their order, and return the rows of each.

    On PostgreSQL each statement sees every transaction that committed before it began, also while
    an earlier statement waited for a lock. Raises as SQLAlchemy does.
    """
    if not connection.in_transaction():
        connection.begin()
    raw: Any = connection.connection.driver_connection
    is_postgresql = connection.dialect.name == "postgresql"
    send = _send_to_postgresql if is_postgresql else _send_to_sqlite
    try:
        return send(raw, statements)
    except Exception as error:
        # Wraps the driver's error, and empties the pool when the server is gone.
        first = statements[0]
        text = first.sql if isinstance(first, Query) else first.table.name
        connection._handle_dbapi_exception(error, text, None, None, None)  # noqa: SLF001


def _send_to_sqlite(raw: Any, statements: Sequence[Statement]) -> list[Sequence[Row]]:
    found: list[Sequence[Row]] = []
    for each in statements:
        if isinstance(each, Insert):
            columns = tuple(each.rows[0])
            rows = [tuple(_plain_row(each.table, columns, row).values()) for row in each.rows]
            raw.executemany(_insert_on_sqlite(each.table, columns), rows)
            found.append(())
        else:
            values = {
                name: _json(value) if isinstance(value, list) else value
                for name, value in each.parameters.items()
            }
            found.append(raw.execute(_for_sqlite(each.sql), values).fetchall())
    return found


def _send_to_postgresql(raw: Any, statements: Sequence[Statement]) -> list[Sequence[Row]]:
    cursors = []
    with raw.pipeline():
        if raw.outgrew_its_plans():
            raw.cursor().execute("DISCARD PLANS", prepare=False)
        for each in statements:
            cursor = raw.cursor(binary=True)
            if isinstance(each, Insert):
                columns = tuple(each.rows[0])
                rows = [_plain_row(each.table, columns, row).values() for row in each.rows]
                arrays = [list(column) for column in zip(*rows, strict=True)]
                cursor.execute(_insert_on_postgresql(each.table, columns), arrays)
            else:
                cursor.execute(_for_postgresql(each.sql), each.parameters)
            cursors.append(cursor)
    return [cursor.fetchall() if cursor.description else () for cursor in cursors]


_encode = msgspec.json.Encoder().encode


def _json(values: list[Any]) -> str:
    return _encode(values).decode()


@cache
def _for_sqlite(sql: str) -> str:
    def named(found: re.Match[str]) -> str:
        return f"IN (SELECT value FROM json_each(:{found[2]}))" if found[1] else found[0]  # noqa: S608

    return _PARAMETER.sub(named, sql)


@cache
def _for_postgresql(sql: str) -> str:
    def named(found: re.Match[str]) -> str:
        return f"= ANY(%({found[2]})s)" if found[1] else f"%({found[2]})s"

    return _PARAMETER.sub(named, sql)


@cache
def _insert_on_sqlite(table: Table, columns: tuple[str, ...]) -> str:
    places = ", ".join("?" * len(columns))
    return f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608


@cache
def _insert_on_postgresql(table: Table, columns: tuple[str, ...]) -> str:
    # Binary: an array of documents as text is searched for quotes and backslashes, each by each.
    arrays = ", ".join(f"%b::{_postgresql_type(table.c[name].type)}[]" for name in columns)
    return f"INSERT INTO {table.name} ({', '.join(columns)}) SELECT * FROM unnest({arrays})"  # noqa: S608


def _postgresql_type(type_: Any) -> str:
    # As text: a cast to VARCHAR(n) would cut a text that is too long, instead of refusing it.
    return "TEXT" if isinstance(type_, String) else str(type_.compile(dialect=_DIALECT))


@cache
def _update(table: Table, columns: tuple[str, ...]) -> str:
    key = [column.name for column in table.primary_key]
    values = ", ".join(f"{name} = :{name}" for name in columns if name not in key)
    where = " AND ".join(f"{name} = :{name}" for name in key)
    return f"UPDATE {table.name} SET {values} WHERE {where}"  # noqa: S608


def _plain_row(table: Table, columns: tuple[str, ...], row: Mapping[str, Any]) -> dict[str, Any]:
    """The values as drivers take them: no enumerations, ids of a type of their own, or instants."""
    instants = _instants(table)
    return {
        name: _plain(row[name]) if name not in instants else to_microseconds(row[name])
        for name in columns
    }


def _plain(value: Any) -> Any:
    return value if type(value) in _PLAIN else str(value)


@cache
def _instants(table: Table) -> frozenset[str]:
    return frozenset(column.name for column in table.c if isinstance(column.type, Instant))

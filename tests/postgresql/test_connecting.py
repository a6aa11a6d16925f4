"""Both drivers connect with whatever the URL may say."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import psycopg
import pytest

from orderguard.storage.postgresql_address import PostgresqlAddress
from orderguard.storage.postgresql_session import connect, prove_sessions


@pytest.mark.parametrize(
    "addition",
    [
        "",
        "application_name=shop",
        "channel_binding=prefer",
        "client_encoding=utf8",
        "connect_timeout=3",
        "fallback_application_name=shop",
        "gssencmode=disable",
        "keepalives=1&keepalives_idle=2&keepalives_interval=1&keepalives_count=3",
        "krbsrvname=postgres",
        "load_balance_hosts=disable",
        "options=-c%20work_mem%3D8MB",
        "sslmode=prefer",
        "sslcompression=0",
        "target_session_attrs=read-write",
        "tcp_user_timeout=2000",
    ],
)
def test_both_drivers_connect_with_every_parameter_that_is_accepted(
    database_url: str, addition: str
) -> None:
    address = PostgresqlAddress.parse(f"{database_url}?{addition}" if addition else database_url)

    async def ask() -> Any:
        connection = await connect(address)
        try:
            return await connection.fetchrow(_WHERE)
        finally:
            await connection.close()

    with psycopg.connect(address.for_psycopg()) as connection:
        one = connection.execute(_WHERE).fetchone()
    other = asyncio.run(ask())
    asyncio.run(prove_sessions(address))

    assert one == tuple(other)


_WHERE = "SELECT current_database(), current_user, current_setting('work_mem')"


def test_a_host_that_is_down_is_passed_over_by_both_drivers(database_url: str) -> None:
    host, _, rest = database_url.rpartition("@")[2].partition(":")
    port, _, name = rest.partition("/")
    user = database_url.partition("://")[2].partition("@")[0]
    url = f"postgresql://{user}@{host}:1,{host}:{port}/{name}"
    address = PostgresqlAddress.parse(url)

    async def ask() -> Any:
        connection: asyncpg.Connection[Any] = await connect(address)
        try:
            return await connection.fetchval("SELECT 1")
        finally:
            await connection.close()

    with psycopg.connect(address.for_psycopg()) as connection:
        assert (1,) == connection.execute("SELECT 1").fetchone()
    assert 1 == asyncio.run(ask())

"""Several hosts in the URL: a silent one, and replicas only."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from orderguard.domain.errors import StorageUnavailable
from orderguard.storage.postgresql_address import PostgresqlAddress
from orderguard.storage.postgresql_journal import PostgresqlJournal
from orderguard.storage.postgresql_session import connect, prove_sessions
from tests.storage.test_journal import an_analysis
from tests.support.databases import postgresql_only
from tests.support.postgresql import PostgresqlCluster
from tests.support.server_process import wait_until
from tests.support.shop import RunningServer
from tests.support.wire import wire_request

pytestmark = postgresql_only

MORE_THAN_ENOUGH = 10


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A machine whose kernel takes connections, and on which nobody answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        yield listener.getsockname()[1]


def test_a_silent_host_is_passed_over_by_both_drivers(database_url: str, silent_port: int) -> None:
    url = database_url.replace("@", f"@127.0.0.1:{silent_port},")
    address = PostgresqlAddress.parse(url)

    async def ask() -> int:
        connection = await connect(address)
        answer: int = await connection.fetchval("SELECT 1")
        await connection.close()
        return answer

    assert 1 == asyncio.run(ask())
    asyncio.run(prove_sessions(address))
    with psycopg.connect(address.for_psycopg()) as connection:
        assert (1,) == connection.execute("SELECT 1").fetchone()


def test_the_host_of_the_last_connection_is_asked_first(database_url: str) -> None:
    found = urlsplit(database_url)
    address = PostgresqlAddress.parse(database_url.replace("@", "@other:1,"))

    again = address.beginning_with("127.0.0.1", str(found.port))

    assert "127.0.0.1,other" == again.parameters["host"]
    assert f"{found.port},1" == again.parameters["port"]
    assert [("127.0.0.1", str(found.port)), ("other", "1")] == [
        (each.parameters["host"], each.parameters["port"]) for each in again.each_host()
    ]


def test_while_every_host_is_a_replica_answers_are_503_and_changes_are_noticed_again(
    database_url: str, cluster: PostgresqlCluster, tmp_path: Path
) -> None:
    database = urlsplit(database_url).path.strip("/")
    host = urlsplit(database_url).netloc.partition("@")[2]
    running = RunningServer(tmp_path, database_url=database_url.replace("@", f"@{host},"))
    shop = running.a_shop()
    session = shop.analyze(cartId="c")["sessionId"]
    doomed = shop.issue_key("cart")

    def status(path: str) -> int:
        return shop.http.get(path).status_code

    cluster.execute("ALTER SYSTEM SET default_transaction_read_only = on")
    cluster.execute("SELECT pg_reload_conf()")
    cluster.execute(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
    )
    try:
        wait_until(lambda: 503 == status("/readyz"))
        wait_until(lambda: 503 == shop.post(wire_request(cartId="c")).status_code)
        assert 503 == shop.session(session).status_code
    finally:
        cluster.execute("ALTER SYSTEM RESET default_transaction_read_only")
        cluster.execute("SELECT pg_reload_conf()")

    wait_until(lambda: 200 == status("/readyz"))
    wait_until(lambda: 200 == shop.post(wire_request(cartId="c")).status_code)
    assert 200 == shop.session(session).status_code
    with_doomed = {"X-Authorization": doomed.text}
    wait_until(lambda: 200 == shop.post(wire_request(), headers=with_doomed).status_code)
    shop.revoke(doomed)
    wait_until(lambda: 401 == shop.post(wire_request(), headers=with_doomed).status_code)
    running.stop()


def test_while_the_database_is_away_checkouts_are_answered_at_once(silent_port: int) -> None:
    address = PostgresqlAddress.parse(f"postgresql://us@127.0.0.1:{silent_port}/orderguard")

    async def answered_at_once() -> bool:
        journal = PostgresqlJournal(address)
        journal.start()
        try:
            for _ in range(MORE_THAN_ENOUGH):
                answer = asyncio.ensure_future(journal.record(an_analysis()))
                await asyncio.sleep(0)
                if answer.done():
                    return isinstance(answer.exception(), StorageUnavailable)
                with suppress(StorageUnavailable):
                    await answer
        finally:
            await journal.stop()
        return False

    assert asyncio.run(answered_at_once())

"""An old schema: PostgreSQL may be serving the previous release, so the operator decides when."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.databases import postgresql_only
from tests.support.postgresql import PostgresqlCluster
from tests.support.server_process import ServerProcess, environment, run_command

pytestmark = postgresql_only


@pytest.fixture
def empty_database(cluster: PostgresqlCluster) -> str:
    return cluster.new_database()


@pytest.mark.parametrize(
    "command",
    [
        ["serve", "--port", "0"],
        ["serve", "--port", "0", "--workers", "2"],
        ["merchants", "list"],
    ],
)
def test_an_old_schema_is_refused_with_the_command_to_run(
    empty_database: str, command: list[str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "orderguard", *command],
        env=environment(empty_database),
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )

    assert (1, "") == (done.returncode, done.stdout)
    assert "orderguard db upgrade" in done.stderr
    assert 1 == done.stderr.count("\n")


def test_after_the_upgrade_it_serves(empty_database: str, tmp_path: Path) -> None:
    assert {"ok": True} == run_command(empty_database, "db", "upgrade")
    assert {"ok": True} == run_command(empty_database, "db", "upgrade")

    with ServerProcess(empty_database, log=tmp_path / "server.log") as server:
        assert 1 == server.a_shop().analyze()["metadata"]["analysisCount"]


def test_a_server_that_is_not_there_is_a_failure_without_a_traceback() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "orderguard", "merchants", "list", "--json"],
        env=environment("postgresql://nobody@127.0.0.1:9/none"),
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )

    assert (1, "") == (done.returncode, done.stdout)
    error = json.loads(done.stderr)["error"]
    assert error["message"].startswith("The database cannot be ")

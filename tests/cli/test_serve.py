"""`orderguard serve`."""

from __future__ import annotations

import json
import socket
from subprocess import Popen
from typing import Any

import httpx
import pytest

from tests.cli.shell import Shell


def first_line(process: Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


@pytest.fixture
def taken_port() -> Any:
    with socket.create_server(("127.0.0.1", 0)) as somebody_else:
        yield somebody_else.getsockname()[1]


def test_it_serves_without_any_set_up(shell: Shell) -> None:
    with shell.running("serve", "--port", "0") as process:
        url = first_line(process).split()[3]

        assert 200 == httpx.get(f"{url}/readyz").status_code
    assert (shell.directory / "orderguard.db").exists()


def test_as_json_it_says_where_it_is_and_nothing_else(shell: Shell) -> None:
    with shell.running("serve", "--port", "0", "--json") as process:
        announced = json.loads(first_line(process))
        httpx.get(f"{announced['url']}/healthz")

        # There is no account yet, so it also says where to make the first.
        assert announced.pop("first_account").startswith(f"{announced['url']}/console/welcome?")
        assert {"url": announced["url"], "pid": process.pid} == announced
        process.terminate()
        assert process.stdout is not None
        assert "" == process.stdout.read()


def test_the_log_goes_to_standard_error_as_json_lines(shell: Shell) -> None:
    with shell.running("serve", "--port", "0", "--json") as process:
        httpx.get(f"{json.loads(first_line(process))['url']}/healthz")
        process.terminate()
        assert process.stderr is not None
        events = [json.loads(line)["event"] for line in process.stderr]

    assert "request" in events


def test_a_key_that_is_issued_meanwhile_works_at_once(shell: Shell) -> None:
    with shell.running("serve", "--port", "0", "--json") as process:
        url = json.loads(first_line(process))["url"]
        shell.a_merchant("acme")
        issued = shell.run("keys", "issue", "acme", "--scope", "cart", "--json").document
        session = f"{url}/v1/session/lop_00000000000000000000"
        key = {"X-Authorization": issued["key"]}

        assert 404 == httpx.get(session, headers=key).status_code
        shell.run("keys", "revoke", issued["id"])
        assert 401 == httpx.get(session, headers=key).status_code


def test_a_taken_port_is_a_failure_that_says_what_to_do(shell: Shell, taken_port: int) -> None:
    answer = shell.run_apart("serve", "--port", str(taken_port), "--json")

    assert (1, "") == (answer.exit_code, answer.stdout)
    assert f"Cannot listen on 127.0.0.1:{taken_port}" in answer.stderr
    assert "Choose another port with --port." in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_taken_operations_port_is_a_failure_that_names_it(shell: Shell, taken_port: int) -> None:
    answer = Shell(shell.directory, operations_port=str(taken_port)).run_apart(
        "serve", "--port", "0"
    )

    assert 1 == answer.exit_code
    assert str(taken_port) in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_port_that_does_not_exist_is_wrong_usage(shell: Shell) -> None:
    answer = shell.run("serve", "--port", "70000")

    assert (2, "") == (answer.exit_code, answer.stdout)
    assert "65535" in answer.stderr


def test_a_database_that_cannot_be_made_is_a_failure_without_a_traceback(shell: Shell) -> None:
    shell.write("file", "not a directory")

    below = Shell(shell.directory, database_url="sqlite:///file/below.db")
    answer = below.run_apart("serve", "--port", "0")

    assert (1, "") == (answer.exit_code, answer.stdout)
    assert answer.stderr.startswith("The database cannot be ")
    assert "Traceback" not in answer.stderr


def test_sqlite_needs_no_driver_of_postgresql(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = shell.directory / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text(
        "import sys; sys.modules |= {'psycopg': None, 'asyncpg': None}"
    )
    monkeypatch.setenv("PYTHONPATH", str(hidden))

    with shell.running("serve", "--port", "0") as process:
        url = first_line(process).split()[3]
        pages = ("readyz", "console/sign-in", "docs", "admin/v1/keys")
        answers = [httpx.get(f"{url}/{page}").status_code for page in pages]

    assert [200, 200, 200, 401] == answers
    assert 0 == shell.run_apart("backup", "a.backup").exit_code
    assert 0 == shell.run_apart("restore", "--check", "a.backup").exit_code

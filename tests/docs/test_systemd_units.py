"""The systemd units: known to systemd, and on a socket that systemd opens."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.docs.snippets import ROOT
from tests.support.server_process import wait_until

UNITS = ROOT / "deploy" / "systemd"
INSTALLED = "/opt/orderguard/bin/orderguard"
ORDERGUARD = Path(sys.executable).parent / "orderguard"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="NOT TESTED: needs systemd")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for unit in UNITS.iterdir():
        text = unit.read_text().replace(INSTALLED, str(ORDERGUARD))
        (tmp_path / unit.name).write_text(text)

    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / "orderguard.service"],
        capture_output=True,
        check=False,
        text=True,
    )

    ours = [line for line in done.stderr.splitlines() if "orderguard" in line]
    assert [] == ours
    assert 0 == done.returncode, done.stderr


@pytest.mark.skipif(not shutil.which("systemd-socket-activate"), reason="NOT TESTED: needs systemd")
def test_the_server_answers_on_a_socket_that_systemd_opened(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = ["systemd-socket-activate", f"--listen=127.0.0.1:{port}", "--fdname=public"]
    settings = {"ORDERGUARD_DATABASE_URL": f"sqlite:///{tmp_path / 'a.db'}"}
    passed = [f"--setenv={name}={value}" for name, value in settings.items()]
    process = subprocess.Popen(
        [*command, *passed, str(ORDERGUARD), "serve", "--json"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | settings,
    )
    try:
        wait_until(lambda: _answers(port))
        assert process.stdout
        assert f"http://127.0.0.1:{port}" == json.loads(process.stdout.readline())["url"]
    finally:
        process.terminate()
        process.communicate()


def _answers(port: int) -> bool:
    try:
        # The connection waits in the backlog of the socket until the server has started.
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=30).status_code == 200
    except httpx.ConnectError:  # systemd has not opened the socket yet
        return False

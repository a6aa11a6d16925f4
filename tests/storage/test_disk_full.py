"""A disk without space: 503 while it lasts, nothing answered is lost, well again by itself."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orderguard.running.wiring import now, wire_examination
from tests.support.databases import sqlite_only
from tests.support.order_desk import OrderShop, accepted_order, wire_item
from tests.support.server_process import wait_until
from tests.support.shop import RunningServer
from tests.support.wire import wire_request

pytestmark = sqlite_only

SIZE_BYTES = 8 << 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of a few megabytes."""
    directory = tmp_path / "disk"
    directory.mkdir()
    refusal = _mount(directory)
    if refusal:
        pytest.skip(f"NOT TESTED: a full disk. A small one cannot be mounted here: {refusal}")
    yield directory
    subprocess.run(["umount", "--lazy", str(directory)], check=True)


def _mount(directory: Path) -> str:
    """Why not, if not."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_BYTES}", "tmpfs", str(directory)]
    try:
        done = subprocess.run(command, capture_output=True, check=False, text=True)
    except OSError as error:
        return str(error)
    return done.stderr.strip() if done.returncode else ""


def _fill(directory: Path) -> Path:
    """A file that takes all the space there is."""
    ballast = directory / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            return ballast


def _big_request(number: int) -> dict[str, Any]:
    """An analysis that needs several pages."""
    return wire_request(cartId=f"cart {number}", cart={"attributes": {"note": "x" * 20_000}})


def _recording(server: RunningServer) -> str:
    """What `orderguard doctor` says of recording."""
    findings = wire_examination(server.database)(at=now())
    return next(str(each.severity) for each in findings if each.check == "recording")


@pytest.fixture
def server(small_disk: Path) -> Iterator[RunningServer]:
    running = RunningServer(small_disk)
    yield running
    running.stop()


def test_a_full_disk_is_a_503_and_loses_nothing_that_was_answered(
    server: RunningServer, small_disk: Path
) -> None:
    desk = OrderShop(server.a_shop())
    shop = desk.shop
    told = {shop.analyze(cartId=f"before {n}")["sessionId"]: 1 for n in range(20)}
    desk.push(accepted_order(next(iter(told))))

    ballast = _fill(small_disk)
    answers = [shop.post(_big_request(number)) for number in range(200)]

    # What is already allocated may still take a few.
    assert {200, 503} >= {each.status_code for each in answers}
    assert 503 == answers[-1].status_code
    assert int(answers[-1].headers["retry-after"]) >= 1
    items = [wire_item(str(number)) for number in range(500)]
    assert 503 == desk.put(accepted_order(external_id="new", line_items=items)).status_code
    assert 200 == shop.http.get("/healthz").status_code
    unready = shop.http.get("/readyz")
    assert 503 == unready.status_code
    assert "full" in unready.json()["why"]
    assert "problem" == _recording(server)
    assert 200 == shop.session(next(iter(told))).status_code

    ballast.unlink()
    wait_until(lambda: 200 == shop.http.get("/readyz").status_code)
    assert "ok" == _recording(server)
    wait_until(lambda: 200 == shop.post(_big_request(1_000)).status_code)
    assert 201 == desk.put(accepted_order(external_id="new")).status_code
    told |= {each.json()["sessionId"]: 1 for each in answers if each.status_code == 200}
    for session in told:
        assert 1 == shop.session(session).json()["metadata"]["analysisCount"]
    with server.database.engine.connect() as connection:
        assert "ok" == connection.exec_driver_sql("PRAGMA integrity_check").scalar()

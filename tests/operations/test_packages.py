"""The chart, the compose file and the image's list of packages, as far as no cluster is needed."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from orderguard import __version__, healthcheck
from tests.support.shop import RunningServer

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy" / "helm" / "orderguard"
COMPOSE = ROOT / "deploy" / "compose" / "compose.yaml"

NOBODY_LISTENS = 1


def test_chart_and_compose_file_are_of_this_version() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert (__version__, __version__) == (chart["version"], chart["appVersion"])
    services = yaml.safe_load(COMPOSE.read_text())["services"]
    assert f"orderguard:{__version__}" == services["server"]["image"]
    assert f"orderguard:{__version__}" == services["migrate"]["image"]


def test_the_compose_file_has_no_secret_and_no_moving_image() -> None:
    text = COMPOSE.read_text()
    services = yaml.safe_load(text)["services"]
    assert all(":" in each["image"] for each in services.values())
    assert "latest" not in text
    # Each variable stops `docker compose` when it is empty.
    named = set(re.findall(r"\$\{(\w+)", text))
    assert named == set(re.findall(r"\$\{(\w+):\?", text))
    example = (COMPOSE.parent / ".env.example").read_text()
    assert named == set(re.findall(r"^(\w+)=$", example, re.MULTILINE))


def test_the_image_has_what_servers_need_and_nothing_of_ours_for_development() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "tools.build_image", "--requirements"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    locked = set(re.findall(r"^([a-z0-9][\w.-]*)==", printed, re.MULTILINE))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    declared = project["project"]["dependencies"]
    wanted = {re.split(r"[=<>\[ ;]", each, maxsplit=1)[0] for each in declared}
    development = {
        re.split(r"[=<>\[ ;]", each, maxsplit=1)[0] for each in project["dependency-groups"]["dev"]
    }

    assert wanted | {"asyncpg", "psycopg", "psycopg-binary"} <= locked
    assert not development & locked
    assert {"deprecated", "wrapt", "markupsafe", "greenlet"} & locked


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningServer]:
    server = RunningServer(tmp_path)
    yield server
    server.stop()


def test_the_health_check_of_the_container_asks_the_server(running: RunningServer) -> None:
    port = int(running.url.rpartition(":")[2])

    assert healthcheck.is_healthy(port)
    assert not healthcheck.is_healthy(NOBODY_LISTENS)

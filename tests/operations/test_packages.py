"""The chart, the compose file and the image's list of packages, as far as no cluster is needed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from orderguard import __version__, healthcheck
from tests.support.shop import RunningServer

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy" / "helm" / "orderguard"
COMPOSE = ROOT / "deploy" / "compose" / "compose.yaml"
HELM = shutil.which("helm") or os.environ.get("ORDERGUARD_HELM", "")

needs_helm = pytest.mark.skipif(
    not HELM, reason="SKIPPED: helm is not in the PATH, nor named by ORDERGUARD_HELM"
)
NOBODY_LISTENS = 1


def render(*settings: str) -> subprocess.CompletedProcess[str]:
    chosen = [part for each in settings for part in ("--set", each)]
    return subprocess.run(
        [HELM, "template", "shop", str(CHART), *chosen], capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def manifests() -> dict[str, Any]:
    """What the chart makes with the least that it needs, by kind."""
    rendered = render("existingSecret=database", "settings.ORDERGUARD_LOG_FORMAT=json")
    assert 0 == rendered.returncode, rendered.stderr
    return {each["kind"]: each for each in yaml.safe_load_all(rendered.stdout)}


@needs_helm
def test_helm_finds_no_fault_with_the_chart() -> None:
    linted = subprocess.run(
        [HELM, "lint", "--strict", str(CHART), "--set", "existingSecret=database"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == linted.returncode, linted.stdout


@needs_helm
@pytest.mark.parametrize(
    "settings", [(), ("existingSecret=s", "replica=2"), ("existingSecret=s", "settings.port=1")]
)
def test_the_chart_refuses_what_it_does_not_know(settings: tuple[str, ...]) -> None:
    assert 0 != render(*settings).returncode


@needs_helm
def test_every_pod_is_without_rights_and_can_write_nothing(manifests: dict[str, Any]) -> None:
    for kind in ("Deployment", "Job"):
        pod = manifests[kind]["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"]
        assert "RuntimeDefault" == pod["securityContext"]["seccompProfile"]["type"]
        (container,) = pod["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert not container["securityContext"]["allowPrivilegeEscalation"]
        assert ["ALL"] == container["securityContext"]["capabilities"]["drop"]
        assert f"orderguard:{__version__}" == container["image"]


@needs_helm
def test_only_readiness_asks_the_database_and_an_upgrade_runs_once_before(
    manifests: dict[str, Any],
) -> None:
    deployment = manifests["Deployment"]["spec"]
    (server,) = deployment["template"]["spec"]["containers"]
    probes = {
        n: server[f"{n}Probe"]["httpGet"]["path"] for n in ("startup", "liveness", "readiness")
    }
    assert {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"} == probes
    assert 0 == deployment["strategy"]["rollingUpdate"]["maxUnavailable"]
    hook = manifests["Job"]["metadata"]["annotations"]["helm.sh/hook"]
    assert "pre-install,pre-upgrade" == hook
    assert {"name": "ORDERGUARD_LOG_FORMAT", "value": "json"} in server["env"]


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
        [sys.executable, ROOT / "tools" / "build_image.py", "--requirements"],
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

"""The Helm chart: linted and rendered, as far as no cluster is needed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from orderguard import __version__

CHART = Path(__file__).parents[2] / "deploy" / "helm" / "orderguard"
HELM = shutil.which("helm") or os.environ.get("ORDERGUARD_HELM", "")

if not HELM:
    pytest.skip(
        "SKIPPED: THE CHART WAS NOT LINTED: helm is not in the PATH, nor named by ORDERGUARD_HELM",
        allow_module_level=True,
    )


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


def test_helm_finds_no_fault_with_the_chart() -> None:
    linted = subprocess.run(
        [HELM, "lint", "--strict", str(CHART), "--set", "existingSecret=database"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == linted.returncode, linted.stdout


@pytest.mark.parametrize(
    "settings", [(), ("existingSecret=s", "replica=2"), ("existingSecret=s", "settings.port=1")]
)
def test_the_chart_refuses_what_it_does_not_know(settings: tuple[str, ...]) -> None:
    assert 0 != render(*settings).returncode


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

"""The npm tarball, as an operator and a reviewer see it."""

from __future__ import annotations

import os
import re
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import httpx
import pytest
from tools.build_bigcommerce import APP, build

from tests.connectors.bigcommerce.api import CLIENT_SECRET
from tests.connectors.node_package import manifest_of

SOURCES = sorted([*(APP / "src").glob("*.js"), *(APP / "box").glob("*.js")])


@pytest.fixture(scope="module")
def tarball(place: Path) -> Path:
    """What every test here installs."""
    (found,) = place.glob("*.tgz")
    return found


@pytest.fixture(scope="module")
def manifest(tarball: Path) -> dict[str, Any]:
    return manifest_of(tarball)


def test_two_builds_are_the_same_bytes(tarball: Path, tmp_path: Path) -> None:
    assert tarball.read_bytes() == build(tmp_path).read_bytes()


def test_the_tarball_has_what_runs_and_nothing_of_ours_alone(tarball: Path) -> None:
    with tarfile.open(tarball) as packed:
        names = packed.getnames()

    unwanted = re.compile(r"/(tests?|schemas|node_modules)/|\.map$|lock|\.mjs$")
    assert [] == [name for name in names if unwanted.search(name)]
    for name in ("README.md", "LICENSE", "bin/serve.js", "src/core/money.js", "src/copy/de.js"):
        assert f"package/{name}" in names


def test_nothing_comes_along(manifest: dict[str, Any]) -> None:
    assert {"dependencies", "devDependencies", "scripts"}.isdisjoint(manifest)
    assert ">=20" == manifest["engines"]["node"]


def test_versions_agree(manifest: dict[str, Any]) -> None:
    version = manifest["version"]

    assert f"export const VERSION = '{version}';" in (APP / "src/app.js").read_text()
    assert f"## {version}" in (APP / "CHANGELOG.md").read_text()
    assert f"orderguard-bigcommerce-{version}.tgz" in (APP / "README.md").read_text()


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.name)
def test_no_source_is_long(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= 400


def test_the_box_has_words_in_every_language_that_is_packed() -> None:
    listed = re.findall(r"'(\w\w)'", (APP / "src/box.js").read_text().split("]")[0])
    copies = APP.parents[1] / "src/orderguard/http/static/widget/v1/copy"

    assert sorted(file.stem for file in copies.glob("*.js")) == listed


def test_the_command_says_what_is_missing_and_serves(place: Path, tmp_path: Path) -> None:
    command = ["node", str(place / "node_modules/@orderguard/bigcommerce/bin/serve.js")]
    done = subprocess.run(
        command, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False
    )
    assert (2, True) == (done.returncode, "Set BIGCOMMERCE_CLIENT_ID" in done.stderr)

    settings = {
        "ORDERGUARD_SERVERS": "https://orderguard.example/, https://other.example",
        "BIGCOMMERCE_CLIENT_ID": "an-app",
        "BIGCOMMERCE_CLIENT_SECRET": CLIENT_SECRET,
        "APP_URL": "https://protection.example/",
        "APP_FOLDER": str(tmp_path),
        "APP_PORT": "0",
    }
    with subprocess.Popen(
        command, env=os.environ | settings, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True,
    ) as app:  # fmt: skip
        try:
            assert app.stdout
            found = re.search(r"http://\S+", app.stdout.readline())
            assert found
            healthy = httpx.get(f"{found[0]}/healthz", timeout=60, trust_env=False)
            assert {"status": "ok"} == healthy.json()
        finally:
            app.terminate()
        assert 0 == app.wait(timeout=60)

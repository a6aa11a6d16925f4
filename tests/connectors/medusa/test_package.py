"""The npm tarball of the plugin for Medusa, and its decisions. No Medusa runs here."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest
from tools.build_medusa import PLUGIN, build

from tests.connectors.medusa.site import version
from tests.connectors.node_package import manifest_of, node_version, unpack

SOURCES = sorted((PLUGIN / "src").rglob("*.js"))
SERVER = "package/.medusa/server/src"


@pytest.fixture(scope="module")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    node_version("the Medusa plugin")
    return build(tmp_path_factory.mktemp("medusa"))


@pytest.fixture(scope="module")
def manifest(tarball: Path) -> dict[str, Any]:
    return manifest_of(tarball)


def test_two_builds_are_the_same_bytes(tarball: Path, tmp_path: Path) -> None:
    assert tarball.read_bytes() == build(tmp_path).read_bytes()


def test_the_tarball_has_what_runs_and_nothing_of_ours_alone(tarball: Path) -> None:
    with tarfile.open(tarball) as packed:
        names = packed.getnames()

    assert [] == [name for name in names if re.search(r"/(tests?|node_modules)/|lock", name)]
    for name in ("core/money.js", "api/middlewares.js", "jobs/orderguard-sweep.js", "index.js"):
        assert f"{SERVER}/{name}" in names
    for name in ("README.md", "CHANGELOG.md", "LICENSE"):
        assert f"package/{name}" in names


def test_nothing_comes_along_and_medusa_is_the_shops(manifest: dict[str, Any]) -> None:
    assert {"dependencies", "devDependencies", "scripts"}.isdisjoint(manifest)
    assert {"@medusajs/framework", "@medusajs/medusa"} == set(manifest["peerDependencies"])
    assert all(each.startswith("^") for each in manifest["peerDependencies"].values())
    shop = json.loads((Path(__file__).parent / "shop/package.json").read_text())
    assert version() == shop["dependencies"]["@medusajs/medusa"]


def test_versions_agree(manifest: dict[str, Any]) -> None:
    own = manifest["version"]

    assert f"export const VERSION = '{own}';" in (PLUGIN / "src/lib/server.js").read_text()
    assert f"## {own}" in (PLUGIN / "CHANGELOG.md").read_text()
    readme = (PLUGIN / "README.md").read_text()
    assert f"orderguard-medusa-{own}.tgz" in readme
    assert f"Medusa {version()}" in readme


def test_the_decisions_hold(tarball: Path, tmp_path: Path) -> None:
    unpack(tarball, "@orderguard/medusa", tmp_path)
    place = tmp_path / "node_modules/@orderguard/medusa"
    files = sorted((PLUGIN / "test").glob("*.test.js"))

    done = subprocess.run(
        ["node", "--test", *files],
        env=os.environ | {"ORDERGUARD_PACKAGE": str(place)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert 0 == done.returncode, done.stdout[-5000:] + done.stderr[-2000:]


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(PLUGIN)))
def test_no_source_is_long_or_talks_to_the_console(file: Path) -> None:
    text = file.read_text()

    assert len(text.splitlines()) <= 400
    assert "console." not in text

"""The npm tarball, as a shop and a reviewer see it. No Vendure runs here."""

from __future__ import annotations

import re
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest
from tools import build_vendure
from tools.build_vendure import PLUGIN, build

from tests.connectors.node_package import manifest_of

SOURCES = sorted((PLUGIN / "src").rglob("*.ts"))


@pytest.fixture(scope="module")
def tarball(folder: Path) -> Path:
    """What every test here installs; the folder has it unpacked."""
    return build_vendure.built()


@pytest.fixture(scope="module")
def manifest(tarball: Path) -> dict[str, Any]:
    return manifest_of(tarball)


def test_two_builds_are_the_same_bytes(tarball: Path, tmp_path: Path) -> None:
    assert tarball.read_bytes() == build(tmp_path).read_bytes()


def test_the_tarball_has_what_runs_and_nothing_of_ours_alone(tarball: Path) -> None:
    with tarfile.open(tarball) as packed:
        names = packed.getnames()

    unwanted = re.compile(r"/(src|tests?|e2e|node_modules)/|\.map$|tsconfig|lock")
    assert [] == [name for name in names if unwanted.search(name)]
    for name in ("README.md", "CHANGELOG.md", "LICENSE", "lib/index.d.ts", "lib/core/money.js"):
        assert f"package/{name}" in names


def test_nothing_comes_along_and_vendure_is_the_shops(manifest: dict[str, Any]) -> None:
    assert "dependencies" not in manifest
    assert {"@vendure/core": "^3.3.0"} == manifest["peerDependencies"]
    decorator = (PLUGIN / "src/orderguard.plugin.ts").read_text()
    assert f"compatibility: '{manifest['peerDependencies']['@vendure/core']}'" in decorator


def test_versions_agree(manifest: dict[str, Any]) -> None:
    version = manifest["version"]

    assert f"export const VERSION = '{version}';" in (PLUGIN / "src/constants.ts").read_text()
    assert f"## {version}" in (PLUGIN / "CHANGELOG.md").read_text()
    readme = (PLUGIN / "README.md").read_text()
    assert f"orderguard-vendure-{version}.tgz" in readme
    assert f"Vendure {build_vendure.version()}" in readme


@pytest.mark.parametrize("resolution", ["node16", "bundler"])
def test_types_resolve_in_a_shop(folder: Path, tmp_path: Path, resolution: str) -> None:
    # Below the folder of the shop, where npm would have put the plugin.
    shop = folder / f"types-{resolution}"
    shop.mkdir()
    (shop / "config.ts").write_text(
        "import { OrderguardPlugin, type OrderguardPluginOptions } from '@orderguard/vendure';\n"
        "const options: OrderguardPluginOptions = { country: (ctx) => ctx.channel.code };\n"
        "export const plugins = [OrderguardPlugin.init(options)];\n"
        "// @ts-expect-error: shoppers without an address need a country\n"
        "OrderguardPlugin.init({});\n"
    )
    module = "node16" if resolution == "node16" else "esnext"
    options = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--module", module]
    options += ["--moduleResolution", resolution, "--experimentalDecorators", "config.ts"]
    compiler = build_vendure.CACHE / "node_modules/typescript/bin/tsc"

    done = subprocess.run(
        ["node", compiler, *options], cwd=shop, capture_output=True, text=True, check=False
    )

    assert 0 == done.returncode, done.stdout


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.name)
def test_no_source_is_long_or_talks_to_the_console(file: Path) -> None:
    text = file.read_text()

    assert len(text.splitlines()) <= 400
    assert "console." not in text


def test_every_name_in_the_apis_is_ours() -> None:
    schema = (PLUGIN / "src/api/api-extensions.ts").read_text()

    for name in re.findall(r"^  (?:type|enum) (\w+)", schema, re.MULTILINE):
        assert name.startswith("Orderguard")
    for field in re.findall(r"'(orderguard\w+)'", (PLUGIN / "src/custom-fields.ts").read_text()):
        assert field.startswith("orderguard")
    assert (PLUGIN / "src/custom-fields.ts").read_text().count("internal: true") == 2

"""Packages for Node.js, as npm would install them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest


def node_version(what: str) -> str:
    """The version of Node.js here. Skips where it or npm is missing; CI must have both."""
    lacking = [tool for tool in ("node", "npm") if not shutil.which(tool)]
    if lacking:
        reason = f"{what} cannot run here. Missing: {', '.join(lacking)}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(f"{what.upper()} WAS NOT TRIED. {reason}")
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    return node.stdout.strip().removeprefix("v")


def manifest_of(tarball: Path) -> dict[str, Any]:
    """The package.json in a tarball."""
    with tarfile.open(tarball) as packed:
        file = packed.extractfile("package/package.json")
        assert file
        found: dict[str, Any] = json.load(file)
    return found


def unpack(tarball: Path, name: str, folder: Path) -> None:
    """Put a package where npm would, into node_modules of the folder."""
    with tarfile.open(tarball) as packed:
        for member in packed.getmembers():
            file = packed.extractfile(member)
            target = folder / "node_modules" / name / member.name.removeprefix("package/")
            target.parent.mkdir(parents=True, exist_ok=True)
            assert file
            target.write_bytes(file.read())

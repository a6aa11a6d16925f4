"""A shop needs httpx, and none of the server's libraries."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import requires
from pathlib import Path

ROOT = Path(__file__).parents[2]
WITHOUT = """
import sys
for name in sys.argv[1:]:
    sys.modules[name] = None  # importing it fails
import orderguard.client
from orderguard.client import offer_state
"""
NAMES = {"protobuf": "google.protobuf", "cel-expr-python": "cel_expr_python"}


def test_the_client_is_importable_with_httpx_alone() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = [re.split(r"[\\[<>=;~]", each)[0] for each in project["dependencies"]]
    assert "httpx" in names
    # httpx brings these along.
    brought = {"httpx", *(re.split(r"[\\[<>=;~ ]", each)[0] for each in requires("httpx") or ())}
    others = [NAMES.get(name, name.replace("-", "_")) for name in names if name not in brought]

    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, *others], capture_output=True, check=False
    )

    assert 0 == done.returncode, done.stderr.decode()


def test_the_package_is_typed() -> None:
    assert (ROOT / "src/orderguard/py.typed").exists()

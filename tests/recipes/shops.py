"""Shops that mount the recipes, each as its readers would, in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

from tests.support.programs import find_program

HERE = Path(__file__).parent
EXPRESS = HERE / "express"

PATIENCE_MS = 10_000
"""Only tests of the budget should fail because a machine is busy."""

PYTHON_SHOPS = ("asgi", "wsgi")
NODE_SHOPS = ("node:http", "express", "express after express.json")
SHOPS = (*PYTHON_SHOPS, *NODE_SHOPS)


@contextmanager
def a_shop(kind: str, orderguard: str, key: str, *, budget_ms: int = PATIENCE_MS) -> Iterator[str]:
    """The address of the shop's route while the `with` block lasts."""
    if kind in PYTHON_SHOPS:
        command = [sys.executable, HERE / "python_shop.py", kind]
    else:
        require_express()
        command = ["node", EXPRESS / "shop.mjs", kind]
    with subprocess.Popen(
        command,
        env=os.environ | {"ORDERGUARD_URL": orderguard, "KEY": key, "BUDGET_MS": str(budget_ms)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout
        port = process.stdout.readline().strip()
        assert port, "the shop did not start"
        yield f"http://127.0.0.1:{port}/orderguard/analyze"
        process.communicate()  # closes its input, at which it ends


def require_express() -> None:
    if not find_program("node") or not find_program("npm"):
        not_tried("Node is missing")
    if not (EXPRESS / "node_modules").exists():
        command = ["npm", "ci"]
        done = subprocess.run(command, cwd=EXPRESS, capture_output=True, text=True, check=False)
        if done.returncode:
            not_tried(f"npm ci failed: {done.stderr}")


def not_tried(why: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{why}, so recipes/express.mjs cannot be tried.")
    pytest.skip(f"RECIPES/EXPRESS.MJS WAS NOT TRIED: {why}")

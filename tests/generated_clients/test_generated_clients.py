"""Clients that generators make from /openapi.json sell protection; linters find no error in it.

In CI, and by `make openapi-check`, the generators are fetched once, into .cache/generators.
Otherwise, also in CI where npm has no registry, this is one line that says so.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tools.npm import Unreachable, install_locked

from orderguard.running.wiring_backstage import API
from tests.support.shop import RunningServer

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / ".cache" / "generators"
PATIENCE_SECONDS = 600

NOT_TRIED = "NO CLIENT WAS GENERATED from the OpenAPI document: run `make openapi-check`"
IS_WANTED = os.environ.get("ORDERGUARD_GENERATORS") == "yes"

pytestmark = pytest.mark.skipif(not IS_WANTED and not os.environ.get("CI"), reason=NOT_TRIED)


def _run(*command: str | Path, folder: Path = CACHE, **variables: str) -> str:
    """What a command prints; it must succeed."""
    done = subprocess.run(
        [str(each) for each in command],
        cwd=folder,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The document in a folder of its own, beside the tools."""
    try:
        install_locked(HERE, CACHE)
    except Unreachable as error:
        if IS_WANTED:
            pytest.fail(str(error))
        pytest.skip(NOT_TRIED)
    for name in ("tsconfig.json", ".spectral.yaml", "flow.ts"):
        shutil.copy(HERE / name, CACHE / name)
    file = CACHE / "openapi.json"
    file.write_text(json.dumps(API.document), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def python(document: Path) -> Path:
    """A Python with openapi-python-client and what its clients need."""
    found = CACHE / "venv" / "bin" / "python"
    if not found.exists():
        _run(sys.executable, "-m", "venv", CACHE / "venv")
        _run(found, "-m", "pip", "install", "--quiet", "-r", HERE / "requirements.txt")
    return found


def _covered_for_what_it_cost(printed: str, server: RunningServer, key: str) -> None:
    """Both modes were charged at the price of the offer, and each covers the lamps."""
    result: dict[str, Any] = json.loads(printed)
    assert 4_98 == result["charged"]
    assert {"returnCoverage": 50_00, "shippingProtection": 50_00} == result["covered"]
    books = server.client(**{"X-Authorization": key}).get("/api/v1/orders").json()
    assert ["exact"] == [each["acceptance"]["verdict"] for each in books["orders"]]


def test_the_client_in_python_sells_protection(
    running_server: RunningServer, document: Path, python: Path, tmp_path: Path
) -> None:
    said = _run(
        python, "-m", "openapi_python_client", "generate",
        "--path", document, "--output-path", tmp_path / "client", "--meta", "setup",
    )  # fmt: skip
    assert "WARNING" not in said
    key = running_server.a_shop().issue_key("cart", "orders").text

    printed = _run(
        python, HERE / "flow.py", running_server.url, key, PYTHONPATH=str(tmp_path / "client")
    )

    _covered_for_what_it_cost(printed, running_server, key)


def test_the_client_in_typescript_compiles_strictly_and_sells_protection(
    running_server: RunningServer, document: Path
) -> None:
    _run("npx", "openapi-typescript", document, "-o", "api.d.ts")
    _run("npx", "tsc", "--project", ".")
    key = running_server.a_shop().issue_key("cart", "orders").text

    printed = _run("node", "flow.js", running_server.url, key)

    _covered_for_what_it_cost(printed, running_server, key)


@pytest.mark.parametrize(
    "linter", [("redocly", "lint"), ("spectral", "lint", "--fail-severity=error")]
)
def test_linters_find_no_error(linter: tuple[str, ...], document: Path) -> None:
    _run("npx", *linter, document)

"""The clients that shops install: from the built file into an empty project, where the README's
example sells protection for what the lines cost."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from tools.build_clients import build_node, build_php, build_python

from tests.docs.snippets import ROOT, read_snippets
from tests.support.programs import find_program
from tests.support.shop import RunningServer

OF_HTTPX = ("httpx", "httpcore", "h11", "anyio", "idna", "certifi", "sniffio", "typing_extensions")
PATIENT = "budgetMs: 20_000, url:"
COVERED = "accepted returnCoverage 13300 shippingProtection 13300"


def example_of(client: str) -> str:
    """The last block of the README, with the patience of a test."""
    text = read_snippets(ROOT / "clients" / client / "README.md")[-1].text
    return text.replace("orders_key=os", "budget_ms=20_000, orders_key=os").replace(
        "new Orderguard({ url:", f"new Orderguard({{ {PATIENT}"
    )


def ran(command: list[str], project: Path, server: RunningServer | None = None) -> str:
    """What the command printed in the project, with a new shop's keys; it must succeed."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(project), "NO_PROXY": "127.0.0.1"}
    if server:
        shop = server.a_shop()
        environment |= {
            "ORDERGUARD_URL": server.url,
            "KEY": shop.issue_key("cart").text,
            "ORDERS_KEY": shop.issue_key("orders").text,
        }
    done = subprocess.run(
        command,
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout.strip()


def program(name: str) -> str:
    """The program's path. Skips where it is missing; CI must have it."""
    found = find_program(name)
    if found is None:
        assert not os.environ.get("CI"), f"{name} is needed; .ci/run installs it"
        pytest.skip(f"THE CLIENT WAS NOT TRIED: {name} is missing")
    return found


def test_the_client_for_python_needs_httpx_alone(
    running_server: RunningServer, tmp_path: Path
) -> None:
    # Given a folder with the wheel and httpx, and nothing of the server
    with ZipFile(build_python(tmp_path)) as wheel:
        wheel.extractall(tmp_path / "site")
        metadata = next(wheel.read(each) for each in wheel.namelist() if each.endswith("METADATA"))
    for name in OF_HTTPX:
        if spec := importlib.util.find_spec(name):
            place = Path(spec.origin or "")
            place = place.parent if place.name == "__init__.py" else place
            (tmp_path / "site" / place.name).symlink_to(place)
    start = f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r})\n"
    (tmp_path / "example.py").write_text(start + example_of("python"), encoding="utf-8")

    # When the example runs, in a Python without site-packages
    said = ran([sys.executable, "-I", "-S", "example.py"], tmp_path, running_server)

    # Then protection is sold for what the lines cost
    assert said == "accepted {'returnCoverage': 13300, 'shippingProtection': 13300}"
    assert ["httpx>=0.28"] == re.findall(r"^Requires-Dist: (.+)$", metadata.decode(), re.MULTILINE)
    assert (tmp_path / "site/orderguard_client/py.typed").exists()
    state = (
        "from orderguard_client.offer_state import initial_state; print(initial_state().request)"
    )
    assert "0" == ran([sys.executable, "-I", "-S", "-c", start + state], tmp_path)


def test_the_client_for_node_is_typed_and_sells(
    running_server: RunningServer, tmp_path: Path
) -> None:
    # Given an empty project with the package
    npm, node = program("npm"), program("node")
    package = build_node(tmp_path)
    project = tmp_path / "project"
    project.mkdir()
    (project / "package.json").write_text('{"private": true, "type": "module"}')
    ran([npm, "install", "--offline", "--no-audit", "--no-fund", str(package)], project)
    (project / "example.mts").write_text(example_of("node"), encoding="utf-8")
    (project / "example.mjs").write_text(example_of("node"), encoding="utf-8")

    # When the example runs, then protection is sold for what the lines cost
    assert ran([node, "example.mjs"], project, running_server) == COVERED

    # And the strictest compiler accepts the example, and refuses a wrong one
    compiler = ROOT / "widget/node_modules/typescript/bin/tsc"
    if not compiler.exists():
        assert not os.environ.get("CI"), "the packages of widget/ are needed: npm ci"
        pytest.skip("THE TYPES WERE NOT TRIED: run `npm ci` in widget/")
    types = ROOT / "widget/node_modules/@types"
    strict = [node, str(compiler), "--noEmit", "--strict", "--exactOptionalPropertyTypes"]
    strict += ["--target", "es2022", "--module", "nodenext", "--typeRoots", str(types)]
    strict += ["--types", "node"]
    ran([*strict, "example.mts"], project)
    wrong = example_of("node").replace("cartKey: KEY", "cartKey: 7")
    (project / "wrong.mts").write_text(wrong, encoding="utf-8")
    with pytest.raises(AssertionError, match="TS2322"):
        ran([*strict, "wrong.mts"], project)


def test_the_client_for_php_sells_without_composer(
    running_server: RunningServer, tmp_path: Path
) -> None:
    # Given an empty project with the archive, and an HTTP client of the shop's own
    php = program("php")
    with ZipFile(build_php(tmp_path)) as archive:
        archive.extractall(tmp_path)
    http = (ROOT / "tests/clients/http.php").read_text(encoding="utf-8")
    (tmp_path / "http.php").write_text(http, encoding="utf-8")
    (tmp_path / "example.php").write_text(example_of("php"), encoding="utf-8")

    # When the example runs, then protection is sold for what the lines cost
    assert ran([php, "example.php"], tmp_path, running_server) == COVERED


def test_no_client_says_where_it_is_published_before_it_is() -> None:
    for client, registries in (
        ("python", r"pypi\.org|pip install orderguard"),
        ("node", r"npmjs\.com|npm install @orderguard"),
        ("php", r"packagist\.org|composer require orderguard"),
    ):
        text = (ROOT / "clients" / client / "README.md").read_text(encoding="utf-8")
        assert not re.search(registries, text), client

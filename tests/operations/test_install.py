"""From a bare Debian to the first offer, by `make install-walk`: the image, and the wheel.

Minutes are printed, never asserted. Both walks need root and the registries of Debian and Python.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import pytest

from tests.operations.machines import wait_for
from tests.support.wire import wire_request

if not os.environ.get("ORDERGUARD_INSTALL"):
    pytest.skip(
        "SKIPPED: installing on a bare Debian is `make install-walk`", allow_module_level=True
    )

ROOT = Path(__file__).parents[2]
USER = "10001"
DATA = "/var/lib/orderguard"
CONFIGURATION = """
modes = ["shippingProtection"]
currencies = ["USD"]

[[pricing.shippingProtection]]
base = { USD = 450 }
"""


class Place:
    """A root directory in which commands run; the network is the machine's."""

    def __init__(self, root: Path, command: list[str], data: Path, **settings: str) -> None:
        self._command = command
        self._data = data
        inside = {"PATH": "/usr/local/bin:/usr/bin:/bin", **settings}
        variables = [part for name, value in inside.items() for part in ("--setenv", name, value)]
        # Somebody without any right, who can write nothing but the data.
        self._enter = [
            *("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "bwrap"),
            *("--ro-bind", str(root), "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"),
            *("--bind", str(data), DATA, "--chdir", DATA, "--unshare-user", "--unshare-pid"),
            *("--unshare-ipc", "--unshare-uts", "--cap-drop", "ALL", "--die-with-parent"),
            *("--clearenv", *variables),
        ]

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        with (self._data.parent / "server.log").open("wb") as log:
            command = [*self._enter, *self._command, *arguments]
            return subprocess.Popen(command, stdout=log, stderr=log)

    def run(self, *arguments: str) -> str:
        return self.run_program(*self._command, *arguments)

    def run_program(self, *program: str) -> str:
        done = subprocess.run(
            [*self._enter, *program], capture_output=True, text=True, check=False, timeout=120
        )
        assert 0 == done.returncode, done.stderr
        return done.stdout

    def write(self, name: str, text: str) -> None:
        (self._data / name).write_text(text)
        (self._data / name).chmod(0o644)


@pytest.fixture
def data() -> Iterator[Path]:
    """A directory of the user's, not below pytest's own, which are closed to everybody else."""
    parent = Path(tempfile.mkdtemp(prefix="orderguard-install-"))
    parent.chmod(0o755)
    (parent / "data").mkdir(mode=0o700)
    os.chown(parent / "data", int(USER), int(USER))
    yield parent / "data"
    shutil.rmtree(parent, ignore_errors=True)


def first_offer(place: Place, *check: str) -> None:
    """A merchant, a configuration, a key and a cart; the offer has to be the configured one."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with serving(place, port):
        place.write("shop.toml", CONFIGURATION)
        place.run("merchants", "create", "acme")
        place.run("config", "publish", "acme", "shop.toml")
        issued = place.run("keys", "issue", "acme", "--scope", "cart", "--json")
        key = re.search(r"og_\w+", issued)
        assert key, issued
        status, answer = ask(port, "POST", "/v1/analyze", key[0])
        assert (200, ["shippingProtection"]) == (status, answer.get("mode")), answer
        for each in check:
            assert "" == place.run_program(*each.split(), str(port))


@contextmanager
def serving(place: Place, port: int) -> Iterator[None]:
    process = place.start("serve", "--port", str(port))
    try:
        wait_for("the server", lambda: is_ready(port))
        yield
    finally:
        process.terminate()
        process.wait(60)


def is_ready(port: int) -> bool:
    with suppress(OSError, HTTPException):
        return 200 == ask(port, "GET", "/readyz", "")[0]
    return False


def ask(port: int, method: str, path: str, key: str) -> tuple[int, dict[str, object]]:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    body = json.dumps(wire_request()) if method == "POST" else None
    headers = {"X-Authorization": key, "Content-Type": "application/json"}
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    answer = response.read()
    connection.close()
    return response.status, json.loads(answer) if answer.startswith(b"{") else {}


def test_the_image_gives_an_offer_with_a_read_only_root_and_no_rights(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()
    root = Path(os.environ.get("ORDERGUARD_IMAGE_ROOT") or data.parent / "image")
    if not root.exists():
        build = [sys.executable, str(ROOT / "tools" / "build_image.py"), "--root", str(root)]
        subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    built = time.monotonic()
    config = of_the_image()
    environment = dict(each.split("=", 1) for each in config["Env"])

    place = Place(root, config["Entrypoint"], data, **environment)
    first_offer(place, "python3 -m orderguard.healthcheck")
    offered = time.monotonic()

    assert f"{USER}:{USER}" == config["User"]
    with pytest.raises(AssertionError, match="Read-only file system"):
        place.run_program("touch", "/opt/orderguard/x")
    bill = json.loads((ROOT / "dist" / "sbom.cdx.json").read_text())
    listed = {each["purl"] for each in bill["components"]}
    assert any(each.startswith("pkg:deb/debian/libssl3@") for each in listed)
    for name in ("orderguard", "falcon", "asyncpg", "psycopg-binary"):
        assert any(each.startswith(f"pkg:pypi/{name}@") for each in listed)
    size = sum(each.lstat().st_size for each in root.rglob("*") if each.is_file())
    say(capsys, "image", f"{size / 1e6:.0f} MB; built in {minutes(built - began)}", offered - built)


def of_the_image() -> dict[str, Any]:
    """The configuration in the OCI layout."""
    layout = ROOT / "dist" / "image"

    def blob(digest: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(
            (layout / "blobs" / digest.replace(":", "/")).read_text()
        )
        return found

    index = json.loads((layout / "index.json").read_text())
    manifest = blob(index["manifests"][0]["digest"])
    config: dict[str, Any] = blob(manifest["config"]["digest"])["config"]
    return config


def test_the_wheel_gives_an_offer_on_a_bare_debian(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = Path(os.environ.get("ORDERGUARD_BARE_ROOT") or data.parent / "bare")
    if not root.exists():
        debian = ["mmdebstrap", "--quiet", "--variant=minbase", "bookworm", str(root)]
        subprocess.run(debian, check=True)
    wheels = root / "tmp" / "wheels"
    pip = [sys.executable, "-m", "pip"]
    built = [
        *pip,
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(wheels),
        str(ROOT),
    ]
    subprocess.run(built, check=True)
    (wheel,) = wheels.glob("orderguard-*.whl")
    shutil.copy("/etc/resolv.conf", root / "etc")
    began = time.monotonic()
    inside = ["chroot", str(root)]
    apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    subprocess.run([*inside, *apt, "update"], check=True)
    needed = ["install", "--yes", "--no-install-recommends", "python3-venv", "libstdc++6"]
    subprocess.run([*inside, *apt, *needed], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([*inside, "python3", "-m", "venv", "/opt/orderguard"], check=True)
    # Fetched from outside, because how this machine reaches its registry is not known in there.
    fetch = [*pip, "download", "--quiet", "--only-binary=:all:", "--python-version", "3.11"]
    subprocess.run([*fetch, "-d", str(wheels), f"{wheel}[postgresql]"], check=True)
    install = ["/opt/orderguard/bin/pip", "install", "--quiet", "--no-index"]
    there = ["--find-links", "/tmp/wheels", "orderguard[postgresql]"]
    subprocess.run([*inside, *install, *there], check=True)
    (root / DATA.lstrip("/")).mkdir(exist_ok=True)
    settings = {"ORDERGUARD_DATABASE_URL": f"sqlite:///{DATA}/orderguard.db"}
    # As the unit of systemd starts it: the same program, as somebody without rights.
    unit = (ROOT / "deploy" / "systemd" / "orderguard.service").read_text()
    command = "/opt/orderguard/bin/orderguard"
    assert f"ExecStart={command} serve\n" in unit
    first_offer(Place(root, [command], data, **settings))

    say(capsys, "wheel on a bare Debian", wheel.name, time.monotonic() - began)


def minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f} min"


def say(capsys: pytest.CaptureFixture[str], way: str, what: str, seconds: float) -> None:
    with capsys.disabled():
        print(f"\n{way}: {what}; to the first offer {minutes(seconds)}")

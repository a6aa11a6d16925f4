"""From a bare Debian to a covered order, by `make install-walk`: wheel, systemd unit and image.

Each walk types what `docs/install.md` and `docs/operating.md` say. Minutes are printed, never
asserted. Needs root and the registries of Debian and Python.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.docs.snippets import ROOT
from tests.operations import places
from tests.operations.first_offer import (
    a_free_port,
    ask,
    buy,
    look_after_it,
    make_the_first_offer,
    serving,
    wait_until_ready,
)
from tests.operations.machines import missing_programs
from tests.operations.places import DATA, USER, Booted, Place, Podman, bubblewrapped, minutes_since
from tests.support.databases import new_database
from tests.support.postgresql import PostgresqlCluster

if not os.environ.get("ORDERGUARD_INSTALL"):
    pytest.skip(
        "SKIPPED: installing on a bare Debian is `make install-walk`", allow_module_level=True
    )

INSTALLED = "/opt/orderguard/bin/orderguard"
PIP = [sys.executable, "-m", "pip"]
SQLITE = {"ORDERGUARD_DATABASE_URL": f"sqlite:///{DATA}/orderguard.db"}


@pytest.fixture
def data() -> Iterator[Path]:
    with places.a_directory_for_data() as data:
        yield data


def walk(place: Place) -> float:
    """To a covered order and beyond; the moment of the first offer."""
    port = a_free_port()
    with serving(place, port):
        key, offer = make_the_first_offer(place, port)
        offered = time.monotonic()
        buy(port, key, offer)
        look_after_it(place, port)
    return offered


def commands_of(document: str, section: str) -> list[str]:
    """The commands in the first block of a section, without their comments."""
    text = (ROOT / "docs" / document).read_text()
    found = re.search(rf"^##+ {section}\n.*?```\w+\n(.*?)```", text, re.MULTILINE | re.DOTALL)
    assert found, (document, section)
    return [line.partition(" #")[0].rstrip() for line in found[1].splitlines()]


@pytest.fixture(scope="module")
def bare() -> Iterator[Path]:
    """A bare Debian, with the files of a release and of the repository in /walk."""
    with places.a_directory_for_data() as data:
        root = data.parent / "bare"
        # What a Debian that was booted has, and no more.
        booted = ["--include=systemd,systemd-sysv,dbus", "bookworm", str(root)]
        subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", *booted], check=True)
        (root / "etc/apt/apt.conf.d/90walk").write_text(
            'APT::Get::Assume-Yes "true";\nquiet "2";\n'
        )
        shutil.copy("/etc/resolv.conf", root / "etc")
        dist = root / "walk" / "dist"
        build = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(dist)]
        subprocess.run([*PIP, *build, str(ROOT)], check=True)
        (wheel,) = dist.glob("orderguard-*.whl")
        # Fetched from here, because how this machine reaches its registry is not known in there.
        fetch = ["download", "--quiet", "--only-binary=:all:", "--python-version", "3.11"]
        fetched = ["-d", str(root / "walk/fetched"), f"{wheel}[postgresql]"]
        subprocess.run([*PIP, *fetch, *fetched], check=True)
        shutil.copytree(ROOT / "deploy", root / "walk" / "deploy")
        yield root


@pytest.fixture(scope="module")
def installed(bare: Path) -> tuple[Path, float]:
    """The same with the wheel installed as it is documented, and the seconds that this took."""
    began = time.monotonic()
    commands = commands_of("install.md", "Wheel")
    assert f"{INSTALLED} serve" == commands.pop()
    inside = ["chroot", str(bare), "env", "DEBIAN_FRONTEND=noninteractive"]
    offline = ["PIP_NO_INDEX=1", "PIP_FIND_LINKS=/walk/fetched"]
    script = "\n".join(["set -e", "cd /walk", "apt-get update", *commands])
    subprocess.run([*inside, *offline, "sh", "-c", script], check=True, stdout=subprocess.DEVNULL)
    (bare / DATA.lstrip("/")).mkdir(exist_ok=True)
    return bare, time.monotonic() - began


def test_the_wheel_covers_an_order_on_a_bare_debian(
    installed: tuple[Path, float], data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root, seconds = installed
    began = time.monotonic() - seconds

    offered = walk(bubblewrapped(root, [INSTALLED], data, SQLITE))

    say(capsys, "wheel", began, offered)


@pytest.mark.skipif(
    bool(missing_programs("systemd-nspawn")), reason="SKIPPED: apt-get install systemd-container"
)
def test_a_booted_systemd_serves_and_restarts_without_a_gap(
    installed: tuple[Path, float], capsys: pytest.CaptureFixture[str]
) -> None:
    root, seconds = installed
    port = a_free_port()
    socket_unit = root / "walk/deploy/systemd/orderguard.socket"
    socket_unit.write_text(socket_unit.read_text().replace(":8080", f":{port}"))
    machine = Booted(root)
    try:
        began = time.monotonic() - seconds
        copy, *others = commands_of("operating.md", "Under systemd")
        *unit_commands, command = [copy, *others]
        for each in unit_commands:
            machine.run(each)
        prefix = command.removesuffix(" merchants create acme").split()
        assert [INSTALLED] == prefix[-1:]
        place = Place(
            lambda program: machine.enter([*prefix[:-1], *program]),
            [INSTALLED],
            root / DATA.lstrip("/"),
        )
        wait_until_ready(port)
        key, offer = make_the_first_offer(place, port)
        offered = time.monotonic()
        buy(port, key, offer)
        look_after_it(place, port)

        # It runs as a user of its own without any right, and stays so over restart and reload.
        for command in ("systemctl restart orderguard", "systemctl reload orderguard"):
            machine.run(command)
            assert 200 == ask(port, "GET", "/readyz")[0]
        process = machine.run("systemctl show --property=MainPID --value orderguard").strip()
        status = machine.run(f"cat /proc/{process}/status")
        assert "CapEff:\t0000000000000000" in status
        assert not re.search(r"^Uid:\t0\t", status, re.MULTILINE)
        exposure = machine.run("systemd-analyze security --no-pager orderguard").splitlines()[-1]
    finally:
        machine.stop()

    say(capsys, "systemd", began, offered, exposure.strip(" →"))


@pytest.fixture(scope="module")
def image() -> tuple[Path, str]:
    """The image's root directory, and how long it took to build."""
    began = time.monotonic()
    kept = os.environ.get("ORDERGUARD_IMAGE_ROOT")
    root = Path(kept or ROOT / "dist" / "image-root")
    if not kept or not root.exists():
        shutil.rmtree(root, ignore_errors=True)
        build = [sys.executable, "-m", "tools.build_image", "--root", str(root)]
        subprocess.run(build, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return root, minutes_since(began)


def test_the_image_covers_an_order_with_a_read_only_root_and_no_rights(
    image: tuple[Path, str], data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root, built = image
    began = time.monotonic()
    config = of_the_image()
    environment = dict(each.split("=", 1) for each in config["Env"])
    place = bubblewrapped(root, config["Entrypoint"], data, environment)

    offered = walk(place)

    assert f"{USER}:{USER}" == config["User"]
    with pytest.raises(AssertionError, match="Read-only file system"):
        place.run_program("touch", "/opt/orderguard/x")
    files = [each.lstat() for each in root.rglob("*") if each.is_file() and not each.is_symlink()]
    assert not [each for each in files if each.st_mode & 0o6000], "nobody gains rights in there"
    packages = sum(
        each.lstat().st_size for each in (root / "opt").rglob("*") if not each.is_symlink()
    )
    size = sum(each.st_size for each in files)
    mega = f"{size / 1e6:.0f} MB, {packages / 1e6:.0f} above Debian's Python; built in {built}"
    say(capsys, "image", began, offered, mega)


def test_the_bill_of_materials_lists_what_the_image_has(image: tuple[Path, str]) -> None:
    bill = json.loads((ROOT / "dist" / "sbom.cdx.json").read_text())
    listed = {each["purl"].partition("@")[0] for each in bill["components"]}
    assert {"pkg:deb/debian/libssl3", "pkg:deb/debian/libc6"} <= listed
    assert not {"pkg:deb/debian/perl-base", "pkg:deb/debian/apt", "pkg:pypi/pip"} & listed
    for name in ("orderguard", "falcon", "asyncpg", "psycopg-binary"):
        assert f"pkg:pypi/{name}" in listed
    root, _ = image
    for name in ("perl", "dpkg", "apt-get", "pip3", "gcc"):
        assert not (root / "usr/bin" / name).exists() or (root / "usr/bin" / name).is_symlink()


@pytest.mark.parametrize("database", ["SQLite", "PostgreSQL"])
@pytest.mark.skipif(
    bool(missing_programs("podman", "runc", "skopeo")),
    reason="SKIPPED: apt-get install podman runc skopeo",
)
def test_podman_runs_the_image_as_documented(
    image: tuple[Path, str], data: Path, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()
    podman, cluster = Podman(data.parent / "podman"), None
    settings = {}
    try:
        archive = f"{data.parent}/image.tar"
        subprocess.run(
            [
                "skopeo",
                "copy",
                "--quiet",
                f"oci:{ROOT}/dist/image",
                f"docker-archive:{archive}:og:1",
            ],
            check=True,
        )
        loaded = podman.load(Path(archive))
        config: Any = podman.config(loaded)
        place = podman.place(loaded, config["Config"]["Entrypoint"], data, settings)
        if database == "PostgreSQL":
            cluster = PostgresqlCluster()
            settings["ORDERGUARD_DATABASE_URL"] = new_database(cluster)
            place = podman.place(loaded, config["Config"]["Entrypoint"], data, settings)
            place.run("db", "upgrade")

        offered = walk(place)

        assert f"{USER}:{USER}" == config["Config"]["User"]
        assert "orderguard.healthcheck" in str(config.get("Healthcheck"))
    finally:
        podman.remove_everything()
        if cluster:
            cluster.destroy()
    say(capsys, f"image in Podman, {database}", began, offered)


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


def say(
    capsys: pytest.CaptureFixture[str], way: str, began: float, offered: float, more: str = ""
) -> None:
    with capsys.disabled():
        print(f"\n{way}: {(offered - began) / 60:.1f} min to the first offer; {more}".rstrip("; "))

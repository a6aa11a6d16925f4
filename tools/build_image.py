"""Build the container image without a daemon: dist/image, an OCI layout, and its SBOM beside it.

    python -m tools.build_image [--root DIRECTORY]

Needs root, mmdebstrap, binutils and pip's registry. The base is made from Debian's packages and has
their Python; our wheel and the locked packages of `orderguard[postgresql]` go on top. Archives have
their entries sorted, and no date after the last commit, so the same packages give the same digest.
With --root the tree is left in this directory as well, for tests that run it.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from datetime import UTC, datetime
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from tools.image_contents import (
    LEFT_OUT,
    LEFT_OUT_OF_PYTHON,
    PACKAGES,
    SOURCES_OF_EXTENSIONS,
    add_a_shell,
    add_backup_programs,
    debian_packages,
    leave_out,
    remove_broken_links,
    remove_what_installed_it,
    strip_libraries,
)

ROOT = Path(__file__).parents[1]
BUILT = ROOT / "dist" / "image"
SBOM = "sbom.cdx.json"
HOME = "opt/orderguard"
USER = "10001:10001"
DATA = "/var/lib/orderguard"
PYTHON = "3.11"
"""Debian 12's."""
SECOND = 1_000_000_000

SOURCES = """\
deb http://deb.debian.org/debian bookworm main
deb http://deb.debian.org/debian bookworm-updates main
deb http://deb.debian.org/debian-security bookworm-security main
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--root", type=Path, help="keep the tree here")
    parser.add_argument("--requirements", action="store_true", help="print what servers need")
    options = parser.parse_args()
    if options.requirements:
        sys.stdout.write(locked_for_servers((ROOT / "requirements.lock").read_text()))
        return
    if os.geteuid() != 0 or not (shutil.which("mmdebstrap") and shutil.which("strip")):
        sys.exit("Building the image needs root, and: apt-get install mmdebstrap binutils")
    with tempfile.TemporaryDirectory(prefix="orderguard-image-") as directory:
        root = options.root or Path(directory) / "root"
        moment = last_commit()
        root.parent.mkdir(parents=True, exist_ok=True)
        make_base(root, moment)
        remove_what_installed_it(root)
        shrink(root)
        install(root)
        packages = debian_packages(root)
        digest = write_layout(root, moment)
    sbom = bill_of_materials(packages, list(distributions(path=[str(root / HOME)])), moment, digest)
    (BUILT.parent / SBOM).write_text(json.dumps(sbom, indent=2) + "\n")
    sys.stdout.write(f"{BUILT.relative_to(ROOT)} {digest}\n")


def last_commit() -> int:
    asked = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    return int(subprocess.run(asked, check=True, capture_output=True, text=True).stdout)


def make_base(root: Path, moment: int) -> None:
    """Debian with Python, without documentation; licences stay."""
    done = subprocess.run(
        [
            "/usr/bin/mmdebstrap", "--quiet", "--variant=essential",
            f"--include={','.join(PACKAGES)}",
            "--dpkgopt=path-exclude=/usr/share/doc/*",
            "--dpkgopt=path-include=/usr/share/doc/*/copyright",
            "bookworm", str(root), "-",
        ],
        input=SOURCES.encode(),
        env={**os.environ, "SOURCE_DATE_EPOCH": str(moment)},
        stdout=sys.stderr,
        check=False,
    )  # fmt: skip
    if done.returncode:
        sys.exit("mmdebstrap failed; see above")


def shrink(root: Path) -> None:
    leave_out(root, (*LEFT_OUT, "dev", "proc", "sys", "run"))
    add_a_shell(root)
    remove_broken_links(root)
    for name in ("dev", "proc", "sys", "run", "tmp"):
        (root / name).mkdir(exist_ok=True)
    (root / "tmp").chmod(0o1777)


def install(root: Path) -> None:
    """Our wheel and the locked packages, compiled, because nothing can be written later."""
    target = root / HOME
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
    ]
    there = ["--target", str(target), "--no-compile"]
    with tempfile.TemporaryDirectory() as directory:
        wanted = Path(directory) / "requirements.txt"
        wanted.write_text(locked_for_servers((ROOT / "requirements.lock").read_text()))
        for_debian = ["--only-binary=:all:", "--python-version", PYTHON, "--require-hashes"]
        subprocess.run([*pip, *there, *for_debian, "-r", str(wanted)], check=True)
        subprocess.run([*pip, *there, "--no-build-isolation", str(ROOT)], check=True)
    leave_out(target, LEFT_OUT_OF_PYTHON)
    for path in target.rglob("*"):
        if path.suffix in SOURCES_OF_EXTENSIONS:
            path.unlink()
    strip_libraries(target)
    add_backup_programs(root, HOME)
    command = root / "usr/local/bin/orderguard"
    command.write_text('#!/bin/sh\nexec /usr/bin/python3 -m orderguard "$@"\n')
    command.chmod(0o755)
    compiled = [
        "python3",
        "-m",
        "compileall",
        "-q",
        "--invalidation-mode",
        "unchecked-hash",
        f"/{HOME}",
    ]
    subprocess.run(["/usr/sbin/chroot", str(root), *compiled], check=True)
    passwd = root / "etc/passwd"
    user = USER.partition(":")[0]
    passwd.write_text(f"{passwd.read_text()}orderguard:x:{user}:{user}::{DATA}:/usr/sbin/nologin\n")
    data = root / DATA.lstrip("/")
    data.mkdir(mode=0o700)
    os.chown(data, int(user), int(user))


def locked_for_servers(lock: str) -> str:
    """The part of the lock that `orderguard[postgresql]` needs.

    uv notes below each package who needs it, as `# via NAME`.
    """
    named: dict[str, list[str]] = {}
    for block in re.findall(r"^[a-z0-9].*?(?=^[a-z0-9]|\Z)", lock, re.MULTILINE | re.DOTALL):
        # A package has a block for each range of Python versions that needs another one.
        named.setdefault(_name_of(block), []).append(block)
    needed_by = {
        name: set(re.findall(r"^ +# +(?:via )?([a-z0-9][\w.-]*)$", "".join(blocks), re.MULTILINE))
        for name, blocks in named.items()
    }
    kept = set(named) & _declared_for_servers()
    while more := {name for name in named if name not in kept and kept & needed_by[name]}:
        kept |= more
    return "".join(block for name, blocks in named.items() if name in kept for block in blocks)


def _name_of(block: str) -> str:
    return re.split(r"[=\[ ;]", block, maxsplit=1)[0].lower()


def _declared_for_servers() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["postgresql"]]
    names = {re.split(r"[=<>\[ ;]", each, maxsplit=1)[0].lower() for each in wanted}
    # An extra is a package of its own in the lock.
    return names | {"psycopg-binary"}


def write_layout(root: Path, moment: int) -> str:
    """The tree as an OCI layout; its digest."""
    shutil.rmtree(BUILT, ignore_errors=True)
    (BUILT / "blobs/sha256").mkdir(parents=True)
    tar = archive_of(root, moment)
    layer = gzip.compress(tar, compresslevel=6, mtime=0)
    created = datetime.fromtimestamp(moment, UTC).isoformat()
    config = {
        "created": created,
        "architecture": "amd64",
        "os": "linux",
        "config": {
            "User": USER,
            "Env": [
                "PATH=/usr/local/bin:/usr/bin:/bin", f"PYTHONPATH=/{HOME}",
                "PYTHONDONTWRITEBYTECODE=1", f"ORDERGUARD_DATABASE_URL=sqlite:///{DATA}/orderguard.db",
            ],
            "Entrypoint": ["/usr/local/bin/orderguard"],
            "Cmd": ["serve", "--host", "0.0.0.0"],  # noqa: S104  # a container has its own network
            "WorkingDir": DATA,
            "Volumes": {DATA: {}},
            # No word of OCI's, but Docker and Podman go by it.
            "Healthcheck": {
                "Test": ["CMD", "python3", "-m", "orderguard.healthcheck"],
                "Interval": 5 * SECOND, "Timeout": 3 * SECOND, "StartPeriod": 20 * SECOND,
            },
            "ExposedPorts": {"8080/tcp": {}},
            "Labels": labels(),
        },
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(tar).hexdigest()}"]},
        "history": [{"created": created, "created_by": "tools/build_image.py"}],
    }  # fmt: skip
    kinds = "application/vnd.oci.image."
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{kinds}manifest.v1+json",
        "config": _blob(json.dumps(config).encode(), f"{kinds}config.v1+json"),
        "layers": [_blob(layer, f"{kinds}layer.v1.tar+gzip")],
    }
    entry = _blob(json.dumps(manifest).encode(), f"{kinds}manifest.v1+json")
    tag = {"org.opencontainers.image.ref.name": labels()["org.opencontainers.image.version"]}
    index = {"schemaVersion": 2, "manifests": [entry | {"annotations": tag}]}
    (BUILT / "index.json").write_text(json.dumps(index))
    (BUILT / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    digest: str = entry["digest"]
    return digest


def labels() -> dict[str, str]:
    found = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    if not found:
        sys.exit("pyproject.toml has no version")
    return {
        "org.opencontainers.image.title": "Orderguard",
        "org.opencontainers.image.version": found[1],
        "org.opencontainers.image.licenses": "Apache-2.0",
        "org.opencontainers.image.base.name": "debian:bookworm",
    }


def archive_of(root: Path, moment: int) -> bytes:
    """The tree as a tar that depends on nothing but its contents."""

    def of_one_moment(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.mtime = min(int(entry.mtime), moment)
        entry.uname = entry.gname = ""
        return entry

    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for path in sorted(root.rglob("*")):
            tar.add(path, str(path.relative_to(root)), recursive=False, filter=of_one_moment)
    return written.getvalue()


def _blob(content: bytes, kind: str) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    (BUILT / "blobs/sha256" / digest).write_bytes(content)
    return {"mediaType": kind, "digest": f"sha256:{digest}", "size": len(content)}


def bill_of_materials(
    debian: list[tuple[str, str]], python: list[Distribution], moment: int, digest: str
) -> dict[str, Any]:
    """CycloneDX 1.5: Debian's packages and Python's, with the image's digest."""
    components = [
        _component(name, version, f"pkg:deb/debian/{name}@{version}?distro=bookworm")
        for name, version in debian
    ] + [
        _component(each.name, each.version, f"pkg:pypi/{each.name.lower()}@{each.version}")
        for each in python
    ]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(moment, UTC).isoformat(),
            "component": {"type": "container", "name": "orderguard", "version": digest},
        },
        "components": sorted(components, key=lambda each: each["purl"]),
    }


def _component(name: str, version: str, purl: str) -> dict[str, str]:
    return {"type": "library", "name": name, "version": version, "purl": purl, "bom-ref": purl}


if __name__ == "__main__":
    main()
